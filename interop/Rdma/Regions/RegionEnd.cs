using System.Diagnostics;

namespace CloudScale.Interop.Rdma;

/// <summary>The caller's end of a region: a queue pair, and memory that the device brings to and fetches from.</summary>
/// <remarks>Its protection domain holds that memory alone, which the other side may not reach. Threads: any; completions come on the poller's.</remarks>
internal sealed class RegionEnd : RdmaEnd, IAsyncDisposable
{
    private const int Discouraged = 64; // operations that are not looked for after one that has taken too long; untuned

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _turns = new(RemoteRegion.MaxUnderWay);
    private readonly Stack<RegionWork> _free = new(RemoteRegion.MaxUnderWay); // under _gate
    private readonly RegionWork[] _works = new RegionWork[RemoteRegion.MaxUnderWay];
    private readonly RegionKey _key;
    private RegionAnswer _answer;
    private ProtectionDomainHandle? _domain;
    private NativeMemoryHandle? _memory;
    private MemoryRegionHandle? _region;
    private uint _localKey;
    private int _underWay; // under _gate
    private long _posted; // under _gate
    private bool _isOver; // under _gate: nothing is posted any more
    private readonly long _lookFor;
    private int _discouraged; // how many operations are still not looked for; what a race loses does not matter
    private int _disposed;

    private RegionEnd(RdmaTransport transport, RdmaEvents events, RegionKey key)
        : base(transport, events, $"rdma:{key.EndPoint}")
    {
        _key = key;
        _lookFor = transport.Options.PollFor.Ticks * Stopwatch.Frequency / TimeSpan.TicksPerSecond;
    }

    protected override bool OwnerLooks => true;

    internal long LengthBytes => _answer.LengthBytes;

    /// <summary>Goes there and is let in. <paramref name="events"/> is held by the caller for it.</summary>
    /// <exception cref="IOException">There is no way, or the key is void.</exception>
    internal static async Task<RegionEnd> ConnectAsync(
        RdmaTransport transport,
        RdmaEvents events,
        RegionKey key,
        CancellationToken cancellationToken
    )
    {
        RegionEnd end;
        try
        {
            end = new RegionEnd(transport, events, key);
        }
        catch
        {
            transport.Release(null, events);
            throw;
        }

        try
        {
            await end.FindAsync(key.EndPoint, cancellationToken);
            end.MakeQueues();
            await end.StepAsync(_ => end.Introduce(), "show a key", cancellationToken);
            if (end.LengthBytes != key.LengthBytes)
                throw new IOException($"It has {end.LengthBytes} bytes, and the key says {key.LengthBytes}.");
            return end;
        }
        catch
        {
            await end.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits for one's turn. Owner: the caller, who gives it back.</summary>
    internal ValueTask<RegionWork> TakeAsync(CancellationToken cancellationToken)
    {
        Task turn = _turns.WaitAsync(cancellationToken);
        return turn.IsCompletedSuccessfully ? new ValueTask<RegionWork>(Pop()) : WaitAsync(turn);

        async ValueTask<RegionWork> WaitAsync(Task turn)
        {
            await turn;
            return Pop();
        }
    }

    internal void Return(RegionWork work)
    {
        lock (_gate)
            _free.Push(work);
        _turns.Release();
    }

    /// <summary>Posts one request; completes when the device has done it.</summary>
    /// <exception cref="IOException">The way is broken.</exception>
    internal unsafe ValueTask DoAsync(RegionWork work, WorkOperation operation, long offset, int lengthBytes, long add, long swap)
    {
        lock (_gate)
        {
            if (_isOver || IsBroken)
                return ValueTask.FromException(BrokenException());
            work.Begin();
            WorkRequest request = new()
            {
                Id = IdBase | ((ulong)work.Index << RdmaPoller.FreeShift),
                Operation = operation,
                Flags = WorkFlags.Signaled,
                RemoteAddress = _answer.Address + (ulong)offset,
                RemoteKey = _answer.Key,
                Add = (ulong)add,
                Swap = (ulong)swap,
            };
            request.Local.Address = (ulong)work.Pointer;
            request.Local.LengthBytes = (uint)lengthBytes;
            request.Local.LocalKey = _localKey;
            _underWay++;
            _posted++;
            int posted = Verbs.csn_qp_post(QueuePair!.Value, &request, 1);
            if (posted != 1)
            {
                _underWay--;
                work.Abandon();
                return ValueTask.FromException(Verbs.Failure(posted, "post work"));
            }
        }

        LookFor(work);
        return work.End(Poller!);
    }

    /// <summary>Once in any case; then for as long as a poller would, for a device is often done before another thread would have been woken, and this one again.</summary>
    private void LookFor(RegionWork work)
    {
        Poller!.Look();
        if (work.IsDone)
            return;
        if (_discouraged > 0)
        {
            _discouraged--;
            return;
        }

        Poller.BeginLooking();
        long began = Stopwatch.GetTimestamp();
        while (!work.IsDone && Stopwatch.GetTimestamp() - began < _lookFor)
            if (!Poller.Look())
                Thread.SpinWait(1);
        Poller.EndLooking();
        if (!work.IsDone)
            _discouraged = Discouraged;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        if (RdmaPoller.IsAnyCurrent)
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // others wait for the poller
        Break("it was closed here");
        lock (_gate)
        {
            _isOver = true;
            if (_underWay == 0)
                Drained.TrySetResult();
        }

        await DrainAsync();
        BeginRelease();
        ReleaseQueuePair();
        foreach (RegionWork work in _works)
            work?.Complete(BrokenException()); // the device has kept it
        _region?.Dispose();
        _memory?.Dispose();
        _domain?.Dispose();
        Transport.Count(new RdmaStatistics(_posted, _posted, 0, 0));
        Transport.Release(Device, Events);
    }

    protected override bool TryTakeAnswer(ReadOnlySpan<byte> data) => RegionAnswer.TryRead(data, out _answer);

    protected override void OnCompleted(in WorkCompletion completion)
    {
        int index = (int)(completion.Id >> RdmaPoller.FreeShift) & (RemoteRegion.MaxUnderWay - 1);
        if (completion.Status == CompletionStatus.Flushed && !IsBroken)
            Break(UnknownReason);
        lock (_gate)
            _underWay--;
        _works[index].Complete(completion.Status == CompletionStatus.Success ? null : BrokenException());
    }

    protected override void OnBatch()
    {
        if (IsBroken && Volatile.Read(ref _underWay) == 0)
            Drained.TrySetResult();
    }

    private RegionWork Pop()
    {
        lock (_gate)
            return _free.Pop();
    }

    private unsafe void MakeQueues()
    {
        RdmaDevice device = HoldDevice();
        _domain = device.CreateDomain();
        const nuint Length = RemoteRegion.MaxUnderWay * RemoteRegion.PartBytes;
        _memory = NativeMemoryHandle.Allocate(Length);
        Verbs.Check(
            Verbs.csn_mr_create(_domain, (void*)_memory.Value, Length, MemoryAccess.LocalWrite, out nint value),
            $"register {Length} bytes for RDMA (see ulimit -l)"
        );
        _region = new MemoryRegionHandle(value, _domain, _memory);
        Verbs.Check(Verbs.csn_mr_query(_region, out MemoryRegionInfo info), "ask for a memory region");
        _localKey = info.LocalKey;
        for (int i = 0; i < _works.Length; i++)
            _free.Push(_works[i] = new RegionWork(i, (byte*)_memory.Value + (i * RemoteRegion.PartBytes)));
        MakeQueuePair(
            _domain,
            new QueuePairLimits
            {
                Sends = RemoteRegion.MaxUnderWay,
                Receives = 1,
                SendSges = 1,
                ReceiveSges = 1,
            }
        );
    }

    private unsafe int Introduce()
    {
        byte* data = stackalloc byte[RegionRequest.LengthBytes];
        new RegionRequest(_key.Rights, _key.Id, _key.Secret).Write(new Span<byte>(data, RegionRequest.LengthBytes));
        return Introduce(data, RegionRequest.LengthBytes, RemoteRegion.MaxUnderWay);
    }
}
