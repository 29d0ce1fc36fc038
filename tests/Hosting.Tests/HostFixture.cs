using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CloudScale.Hosting.Tests;

/// <summary>A host with a node that has no name, for one test.</summary>
public abstract class HostFixture
{
    private IHost? _host;

    private protected List<LogLine> Lines { get; } = [];

    [TearDown]
    public async Task StopHost()
    {
        if (_host is not null)
            await _host.StopAsync();
        _host?.Dispose();
        _host = null;
        Lines.Clear();
    }

    private protected HostApplicationBuilder NewBuilder()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(new LineProvider(Lines));
        return builder;
    }

    /// <summary>Builds and starts; the host stops with the test.</summary>
    private protected async Task<Node> StartAsync(HostApplicationBuilder builder)
    {
        _host = builder.Build();
        await _host.StartAsync();
        return _host.Services.GetRequiredService<NodeHandle>().Node;
    }

    private protected IHost TheHost => _host!;

    private protected static Task<T> Within<T>(Task<T> task) => task.WaitAsync(Eventually.Patience);

    /// <summary>A line and the scopes it was written in.</summary>
    internal sealed record LogLine(LogLevel Level, string Text, IReadOnlyList<KeyValuePair<string, object?>> Scope);

    /// <summary>Keeps lines with their scopes.</summary>
    private sealed class LineProvider(List<LogLine> lines) : ILoggerProvider, ISupportExternalScope
    {
        private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

        public ILogger CreateLogger(string categoryName) => new LineLogger(this);

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public void Dispose() { }

        private sealed class LineLogger(LineProvider provider) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => provider._scopes.Push(state);

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(
                LogLevel logLevel,
                EventId eventId,
                TState state,
                Exception? exception,
                Func<TState, Exception?, string> formatter
            )
            {
                List<KeyValuePair<string, object?>> scope = [];
                provider._scopes.ForEachScope(
                    (pairs, all) =>
                    {
                        if (pairs is IEnumerable<KeyValuePair<string, object?>> some)
                            all.AddRange(some);
                    },
                    scope
                );
                lock (provider.Lines)
                    provider.Lines.Add(new LogLine(logLevel, formatter(state, exception), scope));
            }
        }

        private List<LogLine> Lines => lines;
    }
}
