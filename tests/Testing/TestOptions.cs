using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CloudScale.Testing;

/// <summary>When time passes by itself.</summary>
public enum TimePassing
{
    /// <summary>When a test waits for something and nothing is runnable: then the clock moves to the next timer. No timer fires while anybody is busy, as on a machine that is fast enough.</summary>
    WhenIdle,

    /// <summary>At any step, as the schedule has it: timers also fire while processes are busy, as on a machine that is too slow. Finds races between time-outs and answers.</summary>
    Always,

    /// <summary>Only by <see cref="TestSystem.Advance"/>.</summary>
    ByHand,
}

/// <summary>How a <see cref="TestSystem"/> is set up.</summary>
public sealed record TestOptions
{
    /// <summary>Decides every choice of the schedule.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How choices are made; <see cref="ExplorationStrategy.InOrder"/> by default, one plain schedule.</summary>
    public ExplorationStrategy Strategy { get; init; } = ExplorationStrategy.InOrder;

    /// <summary>When time passes by itself.</summary>
    public TimePassing Time { get; init; } = TimePassing.WhenIdle;

    /// <summary>Steps after which a test counts as one that never comes to rest.</summary>
    public int MaxSteps { get; init; } = 1_000_000;

    /// <summary>Most processes alive at a time.</summary>
    public int MaxProcesses { get; init; } = 8_000;

    /// <summary>Virtual time that an expectation waits for where it names none; 5 s by default.</summary>
    public TimeSpan Within { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Real time to wait for a task that another thread completes, when nothing else is left to do; 1 s by default. What comes from other threads cannot be replayed.</summary>
    public TimeSpan OutsidePatience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many of the last steps are kept for a failure; 0 for none, which is faster.</summary>
    public int TraceLines { get; init; } = 60;

    /// <summary>Whose pids these are.</summary>
    public NodeIdentity Identity { get; init; } = new(Atom.Of("test@localhost"), 1);

    /// <summary>Where crashes are logged, besides failing the test.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;
}
