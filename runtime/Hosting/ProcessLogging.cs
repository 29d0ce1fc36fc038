using System.Collections;
using Microsoft.Extensions.Logging;

namespace CloudScale;

/// <summary>Log lines that say which process of which node they are from.</summary>
public static class ProcessLogging
{
    /// <summary>
    /// A logger whose lines bear a scope with <c>cloudscale.node.name</c>, <c>cloudscale.process.pid</c> and, where there is one, <c>cloudscale.process.name</c>. Nothing is held between lines: a process may log on any thread.
    /// </summary>
    /// <param name="logger">Where the lines go.</param>
    /// <param name="self">The process.</param>
    public static ILogger ForProcess(this ILogger logger, Self self)
    {
        ArgumentNullException.ThrowIfNull(logger);
        return new ScopedLogger(logger, new LogScope(self.Pid.Node.Name.Name, self.Pid, self.RegisteredName));
    }

    /// <summary>The same for what a node logs of itself.</summary>
    internal static ILogger ForNode(this ILogger logger, string? node) =>
        node is null ? logger : new ScopedLogger(logger, new LogScope(node, default, null));

    private sealed class ScopedLogger(ILogger inner, LogScope scope) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (!inner.IsEnabled(logLevel))
                return;
            using IDisposable? within = inner.BeginScope(scope);
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
    }

    /// <summary>What a scope shows, as pairs for those that index it and as text for those that print it.</summary>
    private sealed class LogScope(string node, Pid pid, Atom? name) : IReadOnlyList<KeyValuePair<string, object?>>
    {
        private readonly KeyValuePair<string, object?>[] _pairs =
        [
            new("cloudscale.node.name", node),
            .. pid.IsNone ? Array.Empty<KeyValuePair<string, object?>>() : [new("cloudscale.process.pid", pid.ToString())],
            .. name is null ? Array.Empty<KeyValuePair<string, object?>>() : [new("cloudscale.process.name", name.Name)],
        ];

        public int Count => _pairs.Length;

        public KeyValuePair<string, object?> this[int index] => _pairs[index];

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _pairs.AsEnumerable().GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => string.Join(' ', _pairs.Select(pair => $"{pair.Key}:{pair.Value}"));
    }
}
