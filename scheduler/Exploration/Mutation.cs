#if EXPLORATION
namespace CloudScale.Scheduling;

/// <summary>Bugs that can be switched on in builds for exploration, to prove that exploration finds such.</summary>
internal enum Mutation
{
    /// <summary>The code as it is.</summary>
    None,

    /// <summary>A process parks with a store, not a compare-and-swap: what came at that moment wakes nobody.</summary>
    LostWakeUp,

    /// <summary>A scheduler sleeps without a second look at the queues after it has announced itself.</summary>
    LostSchedulerWakeUp,

    /// <summary>A scheduler that has lost its place keeps what it wakes for itself.</summary>
    BlockedNotSeen,

    /// <summary>A timer that is set up while its wheel changes hands finds no wheel.</summary>
    WheelLookedForAtItsOwners,

    /// <summary>A signal that finds its receiver idle takes the direct way, and is seen after what came later through the chain.</summary>
    SignalReordering,

    /// <summary>A sender takes the idle mark with a store: two senders own one process.</summary>
    DoubleWake,

    /// <summary>Whatever a foreign awaiter calls back resumes the body, once or more.</summary>
    DoubleResume,

    /// <summary>A pop takes from the run queue with a store: owner and thief run the same process.</summary>
    DoublePop,

    /// <summary>An unlink is forgotten as soon as it is sent.</summary>
    UnlinkWithoutAcknowledgement,

    /// <summary>A monitor that arrives while its target exits is not answered.</summary>
    MonitorLostAtExit,

    /// <summary>A report of a monitor that was taken back is delivered all the same.</summary>
    DownAfterDemonitor,

    /// <summary>A name leaves the table by key, whoever bears it now.</summary>
    NameRemovedByKey,

    /// <summary>A register does not look again whether the process has exited meanwhile.</summary>
    RegisterWithoutSecondLook,

    /// <summary>An alias stays one when it was taken back, or was good for one message that has come.</summary>
    AliasKept,

    /// <summary>A process does not remember that senders wait for room in its mailbox.</summary>
    RoomNotTold,

    /// <summary>A table that grows cuts its chains before it shows the new buckets.</summary>
    GrowthCutsFirst,

    /// <summary>A row is replaced without freezing its counter first.</summary>
    CounterNotFrozen,

    /// <summary>A row of a table is replaced with a store.</summary>
    SlotReplacedBlindly,

    /// <summary>A new key is linked into an ordered table without a second look at its neighbours.</summary>
    NeighboursNotChecked,

    /// <summary>Cancelling a timer looks and removes in two steps.</summary>
    CancelInTwoSteps,

    /// <summary>A slot of the process table is handed out again with the same serial.</summary>
    SerialNotCounted,

    /// <summary>A link that arrives while its target exits is not answered.</summary>
    LinkLostAtExit,
}

/// <summary>Which mutation is switched on; one at a time, for the whole program.</summary>
internal static class Mutations
{
    internal static volatile Mutation Active;

    internal static bool Is(Mutation mutation) => Active == mutation;
}
#endif
