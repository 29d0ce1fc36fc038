using CloudScale.Perf.Pressure.Programs;

namespace CloudScale.Perf.Pressure;

/// <summary>A program that presses on one part of the core, prints what it found and checks what must hold.</summary>
/// <remarks>Each has a full size, for <c>./build.sh pressure</c>, and a short one of some seconds, which is a test.</remarks>
internal abstract class PressureProgram
{
    /// <summary>All of them, at full size.</summary>
    public static IReadOnlyList<PressureProgram> Full { get; } =
    [
        new Million(processes: 1_000_000, inFlight: 5_000, TimeSpan.FromSeconds(20)) { PausesCount = true },
        new Million(processes: 1_000_000, inFlight: 20_000, TimeSpan.FromSeconds(20)) { IsBacklog = true },
        new TenMillion(processes: 10_000_000) { LimitsCount = true },
        new LongMailbox(few: 1_000_000, many: 10_000_000),
        new Deaths(few: 10_000, many: 100_000),
        new Storms(names: 10_000, all: 1_000, many: 100_000),
        new HostThreads(threads: 1_000, receivers: 100, each: 10_000),
        new Restarts(rounds: 1_000),
    ];

    /// <summary>The same in seconds: no limit that depends on the machine is checked.</summary>
    public static IReadOnlyList<PressureProgram> Short { get; } =
    [
        new Million(processes: 50_000, inFlight: 2_000, TimeSpan.FromSeconds(1)),
        new TenMillion(processes: 200_000),
        new LongMailbox(few: 20_000, many: 400_000),
        new Deaths(few: 1_000, many: 20_000),
        new Storms(names: 500, all: 200, many: 5_000),
        new HostThreads(threads: 200, receivers: 20, each: 500),
        new Restarts(rounds: 60),
    ];

    /// <summary>What <c>--only</c> calls it.</summary>
    public abstract string Name { get; }

    /// <summary>What it does, in a line.</summary>
    public abstract string What { get; }

    /// <summary>Whether the collector's settings decide the outcome: then it runs under the defaults too, for comparison.</summary>
    public virtual bool IsAboutTheCollector => false;

    /// <summary>Runs it once.</summary>
    public abstract Task Run(Findings findings);

    /// <inheritdoc/>
    public sealed override string ToString() => Name;
}
