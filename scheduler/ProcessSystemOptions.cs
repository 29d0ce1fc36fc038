using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CloudScale.Scheduling;

/// <summary>How a <see cref="ProcessSystem"/> is set up.</summary>
public sealed class ProcessSystemOptions
{
    /// <summary>Scheduler threads that run at a time; one a core by default.</summary>
    public int Schedulers { get; init; } = Environment.ProcessorCount;

    /// <summary>Most processes alive at a time, up to 2^27; spawn throws <see cref="SystemLimitException"/> beyond.</summary>
    public int MaxProcesses { get; init; } = 1 << 27;

    /// <summary>Most extra threads for bodies that block; beyond that a blocked body holds its scheduler.</summary>
    public int MaxBlockedSchedulers { get; init; } = 256;

    /// <summary>Whose pids these are.</summary>
    public NodeIdentity Identity { get; init; } = new(Atom.Of("nonode@nohost"), 0);

    /// <summary>The clock of timers and time-outs.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where crashes of processes are logged.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>No threads: a <see cref="Stepper"/> runs the schedulers, in an order that its seed decides.</summary>
    internal bool Stepped { get; init; }

    /// <summary>Directs a stepped system; see <see cref="IDirector"/>.</summary>
    internal IDirector? Director { get; init; }

    /// <summary>Seeds the order in which schedulers try each other's queues.</summary>
    internal uint Seed { get; init; } = 0x2545F491;
}
