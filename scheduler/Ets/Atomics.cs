using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>An array of 64-bit integers, each read and written in one order that all threads see: Erlang's <c>atomics</c>.</summary>
/// <remarks>Indexes count from 1, as there. Threads: any. Sums wrap around. For counting alone, <see cref="Counters"/> can do it with less contention.</remarks>
public sealed class Atomics
{
    private readonly long[] _cells;

    /// <summary>Makes integers, all 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is less than 1.</exception>
    public Atomics(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        _cells = new long[size];
    }

    /// <summary>How many integers there are.</summary>
    public int Size => _cells.Length;

    /// <summary>The value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such integer.</exception>
    public long Get(int index) => Volatile.Read(ref At(index));

    /// <summary>Sets the value.</summary>
    /// <inheritdoc cref="Get" path="/exception"/>
    public void Put(int index, long value) => Interlocked.Exchange(ref At(index), value); // a full fence, as OTP has it

    /// <summary>Adds, and gives the sum: <c>add_get</c>.</summary>
    /// <inheritdoc cref="Get" path="/exception"/>
    public long Add(int index, long increment) => Interlocked.Add(ref At(index), increment);

    /// <summary>Subtracts, and gives the difference: <c>sub_get</c>.</summary>
    /// <inheritdoc cref="Get" path="/exception"/>
    public long Subtract(int index, long decrement) => Interlocked.Add(ref At(index), unchecked(-decrement));

    /// <summary>Sets the value and gives the one before.</summary>
    /// <inheritdoc cref="Get" path="/exception"/>
    public long Exchange(int index, long value) => Interlocked.Exchange(ref At(index), value);

    /// <summary>Sets the value if it is the expected one. Gives the value found: the expected one on success, where OTP says <c>ok</c>.</summary>
    /// <inheritdoc cref="Get" path="/exception"/>
    public long CompareExchange(int index, long expected, long desired) => Interlocked.CompareExchange(ref At(index), desired, expected);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref long At(int index)
    {
        if ((uint)(index - 1) >= (uint)_cells.Length)
            ThrowNoInteger(index, _cells.Length);
        return ref _cells[index - 1];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowNoInteger(int index, int size) =>
        throw new ArgumentOutOfRangeException(nameof(index), index, $"Atomics are numbered from 1 to {size} (badarg).");
}
