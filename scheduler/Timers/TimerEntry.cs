using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>Something a <see cref="TimerWheel"/> can hold: in one slot of one wheel at a time.</summary>
/// <remarks>
/// It is a signal, so that its link in a slot can be the link of an envelope: it is never in a wheel and a mailbox at once. The fields here belong to the owner of the wheel.
/// </remarks>
internal abstract class TimerEntry : Signal
{
    internal TimerEntry? Previous;

    /// <summary>In clock ticks.</summary>
    internal long Due;

    /// <summary>Counted from 1 over all levels; 0 for in no wheel.</summary>
    internal int Slot;

    /// <summary>The next entry of the slot.</summary>
    internal TimerEntry? Following => Unsafe.As<TimerEntry?>(Next); // a slot links nothing else

    /// <summary>False for one that was cancelled before it came into a wheel.</summary>
    internal virtual bool IsWanted => true;

    /// <summary>Called by the owner of the wheel when the entry is due.</summary>
    /// <returns>When it wants to be called again, or 0 for no more.</returns>
    internal abstract long Fire(long now);
}
