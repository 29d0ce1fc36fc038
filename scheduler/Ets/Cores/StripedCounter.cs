using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CloudScale.Scheduling;

/// <summary>A counter of many writers: one cell a core, each on a cache line of its own.</summary>
/// <remarks>Threads: any. The sum is exact when nobody writes.</remarks>
internal sealed class StripedCounter
{
    private static readonly int s_cells = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount);

    private readonly Cell[] _cells = new Cell[s_cells];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(long increment)
    {
        Cell[] cells = _cells;
        Interlocked.Add(ref cells[Thread.GetCurrentProcessorId() & (cells.Length - 1)].Value, increment);
    }

    internal long Sum()
    {
        long sum = 0;
        foreach (ref Cell cell in _cells.AsSpan())
            sum = unchecked(sum + Volatile.Read(ref cell.Value));
        return sum;
    }

    [StructLayout(LayoutKind.Explicit, Size = 64)]
    private struct Cell
    {
        [FieldOffset(0)]
        public long Value;
    }
}
