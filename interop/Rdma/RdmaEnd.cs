using System.Diagnostics;
using System.Net;

namespace CloudScale.Interop.Rdma;

/// <summary>One end of a queue pair: how it comes about, how it learns that it is over, and how it goes.</summary>
/// <remarks>
/// Threads: set-up and release are its owner's; <see cref="OnCompletion"/> and <see cref="OnBatchEnd"/> are called by the poller, events by their thread, <see cref="Break"/> by any. Who derives from it puts up with being told that it is broken at
/// any moment, and says when nothing of its work is under way any more (<see cref="Drained"/>).
/// </remarks>
internal abstract class RdmaEnd : IConnectionEventTarget
{
    private const byte SilenceRetries = 6; // rdma_rxe takes 7 for "without end", as it is for a receiver that is not ready
    private const byte ReceiverNotReadyRetries = 7; // without end: credits keep it from happening

    /// <summary>Work came back before the request that has failed; a better reason takes its place.</summary>
    protected const string UnknownReason = "its queue pair has failed";

    private static readonly TimeSpan s_drainLimit = TimeSpan.FromSeconds(1);

    private readonly ulong _tag;
    private readonly Lock _stateGate = new();
    private TaskCompletionSource _step = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _completions; // that the poller keeps places for
    private string? _broken; // why; set once, under _stateGate
    private bool _isReleased; // under _stateGate
    private bool _isTouched; // in this batch; the poller's

    /// <summary>An end that calls. <paramref name="events"/> is held by the caller for it.</summary>
    protected RdmaEnd(RdmaTransport transport, RdmaEvents events, string remote)
    {
        Transport = transport;
        Events = events;
        RemoteDescription = remote;
        IsCaller = true;
        Id = events.CreateId(this, out _tag);
    }

    /// <summary>An end that was called, by a request that has made an id.</summary>
    protected RdmaEnd(RdmaTransport transport, RdmaEvents events, nint requested)
    {
        Transport = transport;
        Events = events;
        Id = events.Adopt(requested);
        _tag = events.Redirect(Id, this);
        Verbs.csn_id_address(Id, out _, out RdmaAddress remote);
        RemoteDescription = $"rdma:{remote.ToEndPoint()?.ToString() ?? "an unknown address"}";
    }

    /// <summary>The other side, for log lines.</summary>
    public string RemoteDescription { get; }

    /// <summary>Whether this side has called.</summary>
    protected bool IsCaller { get; }

    protected RdmaTransport Transport { get; }

    protected RdmaEvents Events { get; }

    protected ConnectionIdHandle Id { get; }

    /// <summary>Known once the way is found, or by the request.</summary>
    protected RdmaDevice? Device { get; private set; }

    protected RdmaPoller? Poller { get; private set; }

    protected QueuePairHandle? QueuePair { get; private set; }

    /// <summary>What the ids of work requests have in common; <see cref="RdmaPoller.FreeBits"/> tell them apart.</summary>
    protected ulong IdBase { get; private set; }

    /// <summary>Completes when none of its work is under way any more, after it broke.</summary>
    protected TaskCompletionSource Drained { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected internal bool IsBroken => Volatile.Read(ref _broken) is not null;

    /// <summary>Whether its owner looks for its completions himself, besides the poller: then what is done about one must take no time.</summary>
    protected virtual bool OwnerLooks => false;

    /// <summary>The step that is under way: the way to an address, a route, the connection.</summary>
    protected Task Step => _step.Task;

    /// <summary>What comes with the other side's consent, which is anything.</summary>
    /// <returns>False if it is none of ours.</returns>
    protected abstract bool TryTakeAnswer(ReadOnlySpan<byte> data);

    /// <summary>One completion, on the poller's thread.</summary>
    protected abstract void OnCompleted(in WorkCompletion completion);

    /// <summary>What a batch of completions comes to, on the poller's thread.</summary>
    protected abstract void OnBatch();

    /// <summary>It is broken, and was not before. Any thread, no locks held.</summary>
    protected virtual void OnBroken() { }

    void IConnectionEventTarget.OnEvent(in ConnectionEvent taken)
    {
        switch (taken.Kind)
        {
            case ConnectionEventKind.Address or ConnectionEventKind.Route:
                _step.TrySetResult();
                break;
            case ConnectionEventKind.Established when !IsCaller || TryTakeAnswer(taken.Data):
                _step.TrySetResult();
                break;
            case ConnectionEventKind.Established:
                Break("the other side is no node of this kind");
                break;
            case ConnectionEventKind.Disconnected:
                Break("it was closed by the other side");
                break;
            case ConnectionEventKind.DeviceRemoved:
                Break("its RDMA device is gone");
                break;
            case ConnectionEventKind.Rejected:
                Break("nobody listens there, or has no room");
                break;
            case ConnectionEventKind.AddressError or ConnectionEventKind.RouteError:
                Break("no RDMA device leads there");
                break;
            case ConnectionEventKind.Unreachable or ConnectionEventKind.ConnectError:
                Break("the other side does not answer");
                break;
            default:
                break;
        }
    }

    /// <summary>Whether work of that id is this end's, and not of one that had its place before.</summary>
    internal bool Owns(ulong id) => (id & ~RdmaPoller.FreeBits) == IdBase;

    /// <returns>Whether this is the first of the batch.</returns>
    internal bool OnCompletion(in WorkCompletion completion)
    {
        if (completion.Status is not (CompletionStatus.Success or CompletionStatus.Flushed))
            Break(Reason(completion.Status));
        OnCompleted(completion);
        bool isFirst = !_isTouched;
        _isTouched = true;
        return isFirst;
    }

    internal void OnBatchEnd()
    {
        _isTouched = false;
        OnBatch();
    }

    /// <summary>Finds the way to an address: then the device is known.</summary>
    protected async Task FindAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        int timeoutMs = (int)Transport.Options.ResolveTimeout.TotalMilliseconds;
        await StepAsync(
            id => Verbs.csn_id_resolve_address(id, RdmaAddress.Of(endPoint), timeoutMs),
            "resolve an RDMA address",
            cancellationToken
        );
        await StepAsync(id => Verbs.csn_id_resolve_route(id, timeoutMs), "find an RDMA route", cancellationToken);
    }

    protected async Task StepAsync(Func<ConnectionIdHandle, int> begin, string action, CancellationToken cancellationToken)
    {
        lock (_stateGate)
            if (_broken is null && _step.Task.IsCompleted)
                _step = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            else if (_broken is not null)
                throw BrokenException();
        Verbs.Check(begin(Id), action);
        await _step.Task.WaitAsync(cancellationToken);
    }

    protected RdmaDevice HoldDevice() => Device = Transport.HoldDevice(Id);

    /// <param name="domain">What its work may reach, and what the other side's may.</param>
    /// <param name="limits">Asked for.</param>
    protected void MakeQueuePair(ProtectionDomainHandle domain, QueuePairLimits limits)
    {
        _completions = (int)(limits.Sends + limits.Receives);
        Poller = Device!.Add(this, _completions, OwnerLooks, out ulong idBase);
        IdBase = idBase;
        Verbs.Check(Verbs.csn_qp_create(Id, domain, Poller.Queue, Poller.Queue, 0, ref limits, out nint value), "make an RDMA queue pair");
        lock (_stateGate)
            QueuePair = new QueuePairHandle(value, Id, domain, Poller.Queue);
    }

    /// <summary>Connects or accepts, with so many bytes for the other side to know.</summary>
    /// <param name="data">Of so many bytes.</param>
    /// <param name="lengthBytes">At most 56.</param>
    /// <param name="maxReads">Reads and atomics under way, each way.</param>
    protected unsafe int Introduce(byte* data, int lengthBytes, byte maxReads)
    {
        ConnectionParameters parameters = new()
        {
            Data = data,
            DataBytes = (byte)lengthBytes,
            Retries = SilenceRetries,
            ReceiverNotReadyRetries = ReceiverNotReadyRetries,
            MaxReads = maxReads,
            MaxReadsInitiated = maxReads,
        };
        return IsCaller ? Verbs.csn_id_connect(Id, parameters) : Verbs.csn_id_accept(Id, parameters);
    }

    /// <summary>The first reason counts. Any thread, any number of times.</summary>
    protected void Break(string reason)
    {
        TaskCompletionSource step;
        lock (_stateGate)
        {
            if (_isReleased || (_broken is not null && _broken != UnknownReason))
                return;
            bool isNews = _broken is null;
            Volatile.Write(ref _broken, reason);
            if (!isNews)
                return;
            Verbs.csn_id_disconnect(Id); // says so to the other side, if there is one yet
            if (QueuePair is not null)
                Verbs.csn_qp_fail(QueuePair);
            else
                Drained.TrySetResult();
            step = _step;
        }

        step.TrySetException(new IOException($"{char.ToUpperInvariant(reason[0])}{reason[1..]}."));
        _ = step.Task.Exception; // looked at, whether or not somebody waits
        OnBroken();
    }

    protected IOException BrokenException() => new($"The RDMA connection with {RemoteDescription} is broken: {_broken}.");

    /// <summary>Waits until work has come back, or the device keeps it.</summary>
    protected async Task DrainAsync()
    {
        if (QueuePair is not null)
            await Task.WhenAny(Drained.Task, Task.Delay(s_drainLimit));
    }

    /// <summary>Nothing breaks it any more. Once.</summary>
    protected void BeginRelease()
    {
        lock (_stateGate)
        {
            Debug.Assert(!_isReleased, "disposed once");
            _isReleased = true;
        }
    }

    /// <summary>Place at the poller, queue pair, and id; memory and what was held come after. It is told of no completion any more.</summary>
    protected void ReleaseQueuePair()
    {
        Poller?.Remove(IdBase);
        QueuePair?.Dispose();
        Poller?.GiveBack(_completions);
        Events.Forget(_tag);
        Id.Dispose();
    }

    private static string Reason(CompletionStatus status) =>
        status switch
        {
            CompletionStatus.RetryExceeded => "the other side is silent",
            CompletionStatus.ReceiverNotReady => "the other side has no receive for what was sent",
            CompletionStatus.RemoteAccess => "the other side does not let us reach where it said",
            _ => $"a work request failed ({status})",
        };
}
