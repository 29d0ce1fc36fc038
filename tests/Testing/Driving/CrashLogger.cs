using Microsoft.Extensions.Logging;

namespace CloudScale.Testing;

/// <summary>Keeps the crashes that a system logs, and hands everything on.</summary>
internal sealed class CrashLogger(ILogger next, Action<Exception> onCrash) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => next.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error || next.IsEnabled(logLevel);

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        if (logLevel >= LogLevel.Error && exception is not null)
            onCrash(exception);
        if (next.IsEnabled(logLevel))
            next.Log(logLevel, eventId, state, exception, formatter);
    }
}
