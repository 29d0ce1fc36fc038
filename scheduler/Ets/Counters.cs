using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>An array of 64-bit counters: Erlang's <c>counters</c>.</summary>
/// <remarks>Indexes count from 1, as there. Threads: any. Sums wrap around.</remarks>
public sealed class Counters
{
    private const int LineLongs = 8; // of 8 bytes, on a cache line of 64

    private readonly long[] _cells;
    private readonly int _stride; // cells of one core, in whole cache lines; 0 without write concurrency
    private readonly int _coreMask;

    /// <summary>Makes counters, all 0.</summary>
    /// <param name="size">How many.</param>
    /// <param name="writeConcurrency">
    /// Whether each core counts by itself, which makes writing cheap when many do it, and reading slow and not exact while others write.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The size is less than 1.</exception>
    public Counters(int size, bool writeConcurrency = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        Size = size;
        int cores = 1;
        if (writeConcurrency)
        {
            cores = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount);
            _stride = (size + LineLongs - 1) / LineLongs * LineLongs;
            _coreMask = cores - 1;
        }

        _cells = new long[checked(writeConcurrency ? cores * _stride : size)];
    }

    /// <summary>How many counters there are.</summary>
    public int Size { get; }

    /// <summary>Whether each core counts by itself.</summary>
    public bool WriteConcurrency => _stride != 0;

    /// <summary>Bytes the counters take.</summary>
    public long MemoryBytes => 8L * _cells.Length;

    /// <summary>Adds to a counter.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such counter.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int index, long increment) => Interlocked.Add(ref _cells[PlaceOf(index)], increment);

    /// <summary>Subtracts from a counter.</summary>
    /// <inheritdoc cref="Add" path="/exception"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Subtract(int index, long decrement) => Interlocked.Add(ref _cells[PlaceOf(index)], unchecked(-decrement));

    /// <summary>The value of a counter.</summary>
    /// <inheritdoc cref="Add" path="/exception"/>
    public long Get(int index)
    {
        Check(index);
        long sum = 0;
        for (int at = index - 1; at < _cells.Length; at += _stride)
        {
            sum = unchecked(sum + Volatile.Read(ref _cells[at]));
            if (_stride == 0)
                break;
        }

        return sum;
    }

    /// <summary>Sets a counter. With write concurrency an increment of another thread at the same time may be lost, or survive.</summary>
    /// <inheritdoc cref="Add" path="/exception"/>
    public void Put(int index, long value)
    {
        Check(index);
        Volatile.Write(ref _cells[index - 1], value);
        if (_stride == 0)
            return;
        for (int at = index - 1 + _stride; at < _cells.Length; at += _stride)
            Volatile.Write(ref _cells[at], 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int PlaceOf(int index)
    {
        Check(index);
        return _stride == 0 ? index - 1 : ((Thread.GetCurrentProcessorId() & _coreMask) * _stride) + index - 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Check(int index)
    {
        if ((uint)(index - 1) >= (uint)Size)
            ThrowNoCounter(index, Size);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowNoCounter(int index, int size) =>
        throw new ArgumentOutOfRangeException(nameof(index), index, $"Counters are numbered from 1 to {size} (badarg).");
}
