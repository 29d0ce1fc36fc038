using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>The free boxes of one scheduler, by the kind of their state machine.</summary>
/// <remarks>
/// Threads: the scheduler's own. A thread static of each kind would do the same, but one of a generic type is looked up by a call into the runtime: twice a nested await, a tenth of
/// a call's time.
/// </remarks>
internal sealed class BoxPools
{
    private const int Limit = 256; // free boxes of one kind; untuned

    private static int s_kinds = -1;
    private Slot[] _free = new Slot[32];

    internal static int NextKind() => Interlocked.Increment(ref s_kinds);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ProcessBox? Take(int kind)
    {
        Slot[] free = _free;
        if ((uint)kind >= (uint)free.Length || free[kind].Box is not { } box)
            return null;
        free[kind].Box = box.Parent;
        box.Parent = null;
        return box;
    }

    internal void Give(int kind, ProcessBox box)
    {
        if (kind < 0)
            return;
        if (kind >= _free.Length)
            Array.Resize(ref _free, Math.Max(2 * _free.Length, kind + 1));
        ProcessBox? next = _free[kind].Box;
        int depth = next is null ? 1 : next.PoolDepth + 1;
        if (depth > Limit)
            return;
        box.PoolDepth = (short)depth;
        box.Parent = next;
        _free[kind].Box = box;
    }

    // A store into an array of objects asks whether the object fits; into a field of a struct it does not.
    private struct Slot
    {
        internal ProcessBox? Box;
    }
}

/// <summary>The number of a kind of state machine; a constant once the code that asks for it is compiled at its best.</summary>
internal static class BoxKind<TStateMachine>
{
    // Code that can be unloaded is never pooled: a free box would keep it. No look-up finds a negative number.
    internal static readonly int Number = typeof(TStateMachine).IsCollectible ? -1 : BoxPools.NextKind();
}
