using System.Collections.Concurrent;
using CloudScale.Scheduling;
using Microsoft.Extensions.Logging;

namespace CloudScale.Perf.Pressure;

/// <summary>One number of a program.</summary>
internal readonly record struct Figure(string Name, double Value, string Unit);

/// <summary>What a program found: figures, and promises that were broken.</summary>
/// <remarks>Threads: any.</remarks>
internal sealed class Findings
{
    private readonly ConcurrentQueue<Figure> _figures = new();
    private readonly ConcurrentQueue<string> _broken = new();

    /// <summary>The figures in the order they came.</summary>
    public IReadOnlyCollection<Figure> Figures => _figures;

    /// <summary>What should have held and did not.</summary>
    public IReadOnlyCollection<string> Broken => _broken;

    /// <summary>Called with each figure as it comes, for those who watch.</summary>
    public Action<Figure>? OnFigure { get; init; }

    /// <summary>Notes a number.</summary>
    public void Add(string name, double value, string unit)
    {
        Figure figure = new(name, value, unit);
        _figures.Enqueue(figure);
        OnFigure?.Invoke(figure);
    }

    /// <summary>Notes a broken promise, unless it holds.</summary>
    public void Check(bool holds, string promise)
    {
        if (!holds && _broken.Count < 100)
            _broken.Enqueue(promise);
    }

    /// <summary>A system whose crashes are broken promises.</summary>
    public ProcessSystem NewSystem(int? schedulers = null) =>
        new(new ProcessSystemOptions { Schedulers = schedulers ?? Environment.ProcessorCount, Logger = new CrashesBreak(this) });

    /// <summary>Stops a system and checks that nothing is left in it.</summary>
    public async Task Stop(ProcessSystem system)
    {
        await system.StopAsync();
        Check(system.ProcessCount == 0, $"{system.ProcessCount} processes are left in a stopped system");
        Check(system.RegisteredNames.Count == 0, $"{system.RegisteredNames.Count} names are left in a stopped system");
    }

    private sealed class CrashesBreak(Findings findings) : ILogger
    {
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
            // A kill by the limit of a mailbox is what its program asked for; a hint about the collector is about how it was started.
            if (IsEnabled(logLevel) && eventId.Name is not ("LogOverflow" or "LogSmallGeneration"))
                findings.Check(false, $"{logLevel}: {formatter(state, exception)} {exception}");
        }
    }
}
