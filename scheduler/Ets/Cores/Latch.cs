using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>A lock for a few instructions: one word, no owner, not fair.</summary>
/// <remarks>One locked operation when free; a monitor takes two. Whoever holds it calls no code of the user's and takes no other latch.</remarks>
internal struct Latch
{
    private int _taken;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Enter()
    {
        Interleaving.Point();
        if (Interlocked.CompareExchange(ref _taken, 1, 0) != 0)
            Wait();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Exit() => Volatile.Write(ref _taken, 0);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Wait()
    {
        SpinWait spin = default;
        while (Volatile.Read(ref _taken) != 0 || Interlocked.CompareExchange(ref _taken, 1, 0) != 0)
            Interleaving.Spin(ref spin);
    }
}
