namespace CloudScale.Interop.Rdma;

/// <summary>What one may choose about RDMA connections.</summary>
public sealed record RdmaTransportOptions
{
    /// <summary>
    /// Memory that a connection lends the other side to write into, a power of two from 4 KB to 32 MB; as much again holds what is on its way out. Both are pinned for as long as the connection stands.
    /// </summary>
    public int RingBytes { get; init; } = 256 * 1024;

    /// <summary>Most bytes of one work request: a power of two up to a quarter of the ring.</summary>
    public int MaxWriteBytes { get; init; } = 64 * 1024;

    /// <summary>
    /// Writes of so many bytes or more are not sent through the ring: the other side fetches them from where they are, as its reader takes them. What lies there is registered for the time. A second such write waits until the reader has taken the first. At least 4096; <see cref="int.MaxValue"/> for none.
    /// </summary>
    public int FetchBytes { get; init; } = 1024 * 1024;

    /// <summary>Most bytes that are fetched at a time, a power of two from 4 KB to 8 MB. A connection holds up to two such blocks until its reader has taken them, however long the other side's write is.</summary>
    public int FetchBlockBytes { get; init; } = 1024 * 1024;

    /// <summary>Most bytes that are copied into a work request instead of being fetched by the device: what one processor line holds, mature libraries say.</summary>
    public int InlineBytes { get; init; } = 64;

    /// <summary>
    /// For how long a poller looks for completions before it sleeps, while they come faster than that. Zero always sleeps: one system call and a wake-up more for each message, and no processor that turns in vain.
    /// </summary>
    public TimeSpan PollFor { get; init; } = TimeSpan.FromMicroseconds(50);

    /// <summary>Most connections that wait to be accepted; more are refused.</summary>
    public int Backlog { get; init; } = 128;

    /// <summary>How long it may take to find the way to another side, each step.</summary>
    public TimeSpan ResolveTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a connection that is disposed waits until what was flushed has arrived.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(1);

    internal void Validate()
    {
        if (!int.IsPow2(RingBytes) || RingBytes is < 4096 or > 32 * 1024 * 1024)
            throw new ArgumentException($"RingBytes is a power of two from 4096 to 33554432, not {RingBytes}.");
        if (!int.IsPow2(MaxWriteBytes) || MaxWriteBytes < 1024 || MaxWriteBytes > RingBytes / 4)
            throw new ArgumentException($"MaxWriteBytes is a power of two from 1024 to a quarter of RingBytes, not {MaxWriteBytes}.");
        ArgumentOutOfRangeException.ThrowIfLessThan(FetchBytes, 4096);
        if (!int.IsPow2(FetchBlockBytes) || FetchBlockBytes is < 4096 or > 8 * 1024 * 1024)
            throw new ArgumentException($"FetchBlockBytes is a power of two from 4096 to 8388608, not {FetchBlockBytes}.");
        ArgumentOutOfRangeException.ThrowIfNegative(InlineBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(InlineBytes, 512);
        ArgumentOutOfRangeException.ThrowIfLessThan(PollFor, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(Backlog, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ResolveTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(Linger, TimeSpan.Zero);
    }
}
