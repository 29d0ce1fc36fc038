using Microsoft.Extensions.Logging;

namespace CloudScale.Perf.Macro.Child;

/// <summary>Prints what the system logs: a process of a scenario that crashes would otherwise be waited for in silence.</summary>
internal sealed class CrashPrinter : ILogger
{
    /// <summary>What is printed. A scenario whose processes fail on purpose raises it, as its twin turns the logger off.</summary>
    internal static LogLevel Level { get; set; } = LogLevel.Warning;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= Level;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        if (IsEnabled(logLevel))
            Console.Error.WriteLine($"{logLevel}: {formatter(state, exception)} {exception}");
    }
}
