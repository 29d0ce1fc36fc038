namespace CloudScale.Interop.Rdma;

/// <summary>Memory that is read, written and counted in from elsewhere, by whatever way.</summary>
/// <remarks>
/// Threads: any, several at a time. Each operation takes place at one moment between its call and its completion; of reads and writes that holds for 8 bytes at a multiple of 8, longer ones may be seen in parts. A word is either counted in or written: devices keep their atomic operations apart from each other, not from writes, and one that swaps may
/// overwrite what was written meanwhile. Operations that are under way together
/// have no order: who needs one waits for the first. Integers are in the machine's byte order; both machines have the same.
/// </remarks>
public interface IRemoteMemory
{
    /// <summary>How many bytes there are.</summary>
    long LengthBytes { get; }

    /// <summary>Reads bytes from an offset on.</summary>
    /// <param name="offset">In bytes.</param>
    /// <param name="target">Filled when the read has completed; not to be touched before.</param>
    /// <param name="cancellationToken">Gives up while it waits for its turn; what has begun comes to its end.</param>
    /// <exception cref="ArgumentOutOfRangeException">That is not within the memory.</exception>
    /// <exception cref="InvalidOperationException">There is no right to read.</exception>
    /// <exception cref="IOException">The way there is broken.</exception>
    ValueTask ReadAsync(long offset, Memory<byte> target, CancellationToken cancellationToken = default);

    /// <summary>Writes bytes from an offset on. When it has completed, whoever reads by this interface sees them.</summary>
    /// <param name="offset">In bytes.</param>
    /// <param name="source">Must stay until the write has completed.</param>
    /// <param name="cancellationToken">Gives up while it waits for its turn.</param>
    /// <exception cref="ArgumentOutOfRangeException">That is not within the memory.</exception>
    /// <exception cref="InvalidOperationException">There is no right to write.</exception>
    /// <exception cref="IOException">The way there is broken: whether the bytes were written is not known.</exception>
    ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default);

    /// <summary>Puts a value in place of another, if that is what is there.</summary>
    /// <param name="offset">A multiple of 8.</param>
    /// <param name="value">What is to be there.</param>
    /// <param name="comparand">What has to be there before.</param>
    /// <param name="cancellationToken">Gives up while it waits for its turn.</param>
    /// <returns>What was there: <paramref name="comparand"/> if it was replaced.</returns>
    /// <exception cref="ArgumentOutOfRangeException">That is not within the memory, or no multiple of 8.</exception>
    /// <exception cref="InvalidOperationException">There is no right to count.</exception>
    /// <exception cref="IOException">The way there is broken: whether it was done is not known.</exception>
    ValueTask<long> CompareExchangeAsync(long offset, long value, long comparand, CancellationToken cancellationToken = default);

    /// <summary>Adds to an integer.</summary>
    /// <param name="offset">A multiple of 8.</param>
    /// <param name="add">What to add; it wraps.</param>
    /// <param name="cancellationToken">Gives up while it waits for its turn.</param>
    /// <returns>What was there before.</returns>
    /// <exception cref="ArgumentOutOfRangeException">That is not within the memory, or no multiple of 8.</exception>
    /// <exception cref="InvalidOperationException">There is no right to count.</exception>
    /// <exception cref="IOException">The way there is broken: whether it was done is not known.</exception>
    ValueTask<long> FetchAddAsync(long offset, long add, CancellationToken cancellationToken = default);
}
