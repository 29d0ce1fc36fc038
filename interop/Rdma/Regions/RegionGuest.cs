namespace CloudScale.Interop.Rdma;

/// <summary>A region as one device shows it to those with the same rights: a protection domain with nothing else in it.</summary>
/// <remarks>Threads: under the region's lock.</remarks>
internal sealed unsafe class RegionDoor : IDisposable
{
    private readonly MemoryRegionHandle _region;

    /// <exception cref="IOException">The device refuses.</exception>
    internal RegionDoor(OfferedRegion offered, RdmaDevice device, RegionRights rights)
    {
        Device = device;
        Rights = rights;
        Domain = device.CreateDomain();
        MemoryAccess access = MemoryAccess.None;
        if (rights.HasFlag(RegionRights.Read))
            access |= MemoryAccess.RemoteRead;
        if (rights.HasFlag(RegionRights.Write))
            access |= MemoryAccess.RemoteWrite | MemoryAccess.LocalWrite;
        if (rights.HasFlag(RegionRights.Count))
            access |= MemoryAccess.RemoteAtomic | MemoryAccess.LocalWrite;
        int result = Verbs.csn_mr_create(Domain, (void*)offered.Memory.Value, (ulong)offered.LengthBytes, access, out nint value);
        if (result < 0)
        {
            Domain.Dispose();
            throw Verbs.Failure(result, $"register {offered.LengthBytes} bytes for RDMA (see ulimit -l)");
        }

        _region = new MemoryRegionHandle(value, Domain, offered.Memory);
        Verbs.Check(Verbs.csn_mr_query(_region, out MemoryRegionInfo info), "ask for a memory region");
        Answer = new RegionAnswer(info.RemoteKey, info.Address, offered.LengthBytes);
    }

    internal RdmaDevice Device { get; }

    internal RegionRights Rights { get; }

    internal ProtectionDomainHandle Domain { get; }

    internal RegionAnswer Answer { get; }

    internal int Guests { get; set; }

    public void Dispose()
    {
        _region.Dispose();
        Domain.Dispose();
    }
}

/// <summary>Somebody who was let in to a region: a queue pair on which this side does nothing.</summary>
/// <remarks>It ends when he goes, or is made to. Threads: any.</remarks>
internal sealed class RegionGuest(RdmaTransport transport, RdmaEvents events, nint requested, OfferedRegion region, byte[] secret)
    : RdmaEnd(transport, events, requested),
        IRegionGuest
{
    private const byte MaxReads = RemoteRegion.MaxUnderWay;
    private RegionDoor? _door;
    private int _isEnding;
    private int _isSetUp;

    public byte[] Secret => secret;

    /// <exception cref="IOException">The region is gone, the device refuses, or he has gone.</exception>
    internal unsafe void Accept(RegionRights rights)
    {
        try
        {
            _door = region.Enter(this, HoldDevice(), rights);
            MakeQueuePair(
                _door.Domain,
                new QueuePairLimits
                {
                    Sends = 1,
                    Receives = 1,
                    SendSges = 1,
                    ReceiveSges = 1,
                }
            );
            byte* data = stackalloc byte[RegionAnswer.WireBytes];
            _door.Answer.Write(new Span<byte>(data, RegionAnswer.WireBytes));
            Verbs.Check(Introduce(data, RegionAnswer.WireBytes, MaxReads), "accept a caller");
        }
        finally
        {
            Interlocked.Exchange(ref _isSetUp, 1); // a fence: either End sees it, or we see that it is broken
        }

        if (IsBroken)
            End(); // he went while he was let in
    }

    /// <summary>Ends it, once, whoever says so first.</summary>
    public void End()
    {
        Break("the region is offered no more");
        if (Volatile.Read(ref _isSetUp) == 0 || Interlocked.Exchange(ref _isEnding, 1) != 0)
            return; // whoever sets it up ends it, too
        BeginRelease();
        ReleaseQueuePair();
        if (_door is not null)
            region.Leave(this, _door);
        Transport.Release(Device, Events);
    }

    protected override bool TryTakeAnswer(ReadOnlySpan<byte> data) => false;

    protected override void OnCompleted(in WorkCompletion completion) { }

    protected override void OnBatch() { }

    /// <remarks>Not on the thread of the events, which ending an id may wait for.</remarks>
    protected override void OnBroken() => ThreadPool.UnsafeQueueUserWorkItem(static guest => guest.End(), this, preferLocal: false);
}
