namespace CloudScale.Interop.Rdma;

/// <summary>An integer in remote memory that many count in.</summary>
/// <remarks>Threads: any. One operation of a device each, whoever else counts.</remarks>
public sealed class DistributedCounter
{
    private readonly IRemoteMemory _memory;
    private readonly long _offset;

    /// <summary>The counter that lies at an offset, a multiple of 8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not lie there.</exception>
    public DistributedCounter(IRemoteMemory memory, long offset)
    {
        ArgumentNullException.ThrowIfNull(memory);
        if (offset < 0 || offset % sizeof(long) != 0 || offset > memory.LengthBytes - sizeof(long))
            throw new ArgumentOutOfRangeException(nameof(offset), $"A counter takes 8 bytes from a multiple of 8 on, not from {offset}.");
        _memory = memory;
        _offset = offset;
    }

    /// <summary>Adds, and tells the sum.</summary>
    /// <exception cref="IOException">The way to the memory is broken: whether it was added is not known.</exception>
    public async ValueTask<long> AddAsync(long value, CancellationToken cancellationToken = default) =>
        await _memory.FetchAddAsync(_offset, value, cancellationToken) + value;

    /// <summary>The sum so far.</summary>
    /// <exception cref="IOException">The way to the memory is broken.</exception>
    public ValueTask<long> ReadAsync(CancellationToken cancellationToken = default) => _memory.FetchAddAsync(_offset, 0, cancellationToken);
}
