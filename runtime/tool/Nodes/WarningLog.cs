using Microsoft.Extensions.Logging;

namespace CloudScale.Tool.Nodes;

/// <summary>Keeps what the tool's own node warns of: the reason, if a command then fails.</summary>
internal sealed class WarningLog : ILogger
{
    private volatile string? _last;

    /// <summary>The latest warning; null for none.</summary>
    public string? Last => _last;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        if (IsEnabled(logLevel))
            _last = formatter(state, exception);
    }
}
