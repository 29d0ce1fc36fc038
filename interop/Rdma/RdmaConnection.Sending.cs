using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace CloudScale.Interop.Rdma;

/// <content>What goes out. Everything here is under <c>_sendGate</c>.</content>
internal sealed unsafe partial class RdmaConnection : IValueTaskSource<FlushResult>
{
    private const ulong ReceiveId = 0;
    private const ulong SendId = 1;
    private const int ReservedSends = 8; // places of the queue that data leaves to credits and the end
    private const int Lot = 16; // requests of one crossing

    private readonly Lock _sendGate = new();
    private readonly Mark[] _marks = new Mark[Sends]; // of the requests with a sign that are under way, oldest first
    private int _firstMark;
    private int _markCount;
    private RdmaHello _peer; // of the other side; no ring yet before the connection stands

    private ulong _sentBytes; // posted into the other side's ring altogether
    private ulong _creditedBytes; // of which it has freed so many, by its last credit
    private ulong _completedBytes; // of which our device needs the memory no more
    private uint _sentMessages;
    private uint _creditedMessages;
    private uint _posted;
    private uint _completed;
    private uint _sinceSign;
    private uint _bytesSinceSign;
    private long _doorbells;

    private ReadOnlyMemory<byte> _rest; // of a write that waits
    private bool _isWaiting;
    private bool _endIsDue;
    private bool _endIsPosted;
    private bool _hasEndArrived; // at the other side's device
    private bool _creditIsDue;
    private bool _isSendingOver;
    private bool _hasNewRoom; // the poller's
    private bool _wasTaken; // the poller's: what was announced is fetched, and its write over
    private TaskCompletionSource? _endArrived;
    private ManualResetValueTaskSourceCore<FlushResult> _flush = new() { RunContinuationsAsynchronously = true };

    /// <summary>What is known to be over when a request with a sign has completed.</summary>
    private struct Mark
    {
        internal uint Posted;
        internal ulong SentBytes;
        internal MarkKind Kind;
    }

    private enum MarkKind
    {
        Other,
        End,
        Read,
    }

    /// <summary>Posts what there is room for, and keeps the rest until there is more; until then the bytes must stay.</summary>
    internal ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        Offer? offer = TryOffer(bytes);
        lock (_sendGate)
        {
            if (_isSendingOver || _endIsDue || _isWaiting)
            {
                offer?.Dispose();
                return ValueTask.FromException<FlushResult>(
                    _isSendingOver ? BrokenException() : new InvalidOperationException("One write at a time, and none after the end.")
                );
            }

            int posted = offer is null ? PostData(bytes.Span) : 0;
            if (posted == bytes.Length)
                return new ValueTask<FlushResult>(default(FlushResult));
            _rest = bytes[posted..];
            _isWaiting = true;
            _offer = offer;
            _offerIsDue = offer is not null;
            AnnounceIfDue();
            _flush.Reset();
            return new ValueTask<FlushResult>(this, _flush.Version);
        }
    }

    private void ContinueWritesInline()
    {
        lock (_sendGate)
            _flush.RunContinuationsAsynchronously = false;
    }

    /// <summary>Nothing more will be written.</summary>
    internal void CompleteWriting()
    {
        lock (_sendGate)
        {
            _endIsDue = true;
            PostEndIfDue();
        }
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token) => _flush.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _flush.GetStatus(token);

    void IValueTaskSource<FlushResult>.OnCompleted(
        Action<object?> continuation,
        object? state,
        short token,
        ValueTaskSourceOnCompletedFlags flags
    ) => _flush.OnCompleted(continuation, state, token, flags);

    /// <summary>Before the connection is closed in order: completes when the other side's device has all that was flushed. Null if it cannot be told any more.</summary>
    private Task? FinishSending()
    {
        lock (_sendGate)
        {
            if (_isSendingOver || _isWaiting || _hasEndArrived)
                return null; // credits may have gone out since the end, and nobody waits for those
            _endArrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _endIsDue = true;
            PostEndIfDue();
            return _endArrived.Task;
        }
    }

    private void SetPeer(RdmaHello hello)
    {
        lock (_sendGate)
            _peer = hello;
    }

    [SkipLocalsInit] // 1,280 bytes for each write; a request is written as a whole
    private int PostData(ReadOnlySpan<byte> bytes)
    {
        WorkRequest* batch = stackalloc WorkRequest[Lot];
        int done = 0;
        int count = 0;
        fixed (byte* source = bytes)
        {
            while (done < bytes.Length && Room() is > 0 and int room)
            {
                int length = Math.Min(room, bytes.Length - done);
                int offset = (int)_sentBytes & (_options.RingBytes - 1);
                bool isInline = length <= _options.InlineBytes;
                if (!isInline)
                    bytes.Slice(done, length).CopyTo(_outgoing!.GetSpan()[offset..]);
                ref WorkRequest request = ref batch[count++];
                request = Request(RdmaCredits.Data(length));
                request.RemoteAddress += _sentBytes & (uint)(_peer.RingBytes - 1);
                request.Local.Address = (ulong)(isInline ? source + done : _outgoing!.Pointer + offset);
                request.Local.LengthBytes = (uint)length;
                request.Local.LocalKey = _outgoing!.LocalKey;
                request.Flags = isInline ? WorkFlags.Inline : WorkFlags.None;
                done += length;
                _sentBytes += (uint)length;
                _bytesSinceSign += (uint)length;
                Sign(ref request, MarkKind.Other);
                if (count == Lot)
                    Post(batch, ref count);
            }

            Post(batch, ref count);
        }

        return done;
    }

    /// <summary>How many bytes the next request may have.</summary>
    private int Room()
    {
        if (
            _posted - _completed >= Sends - ReservedSends
            || _sentMessages - _creditedMessages >= (uint)(_peer.Receives - RdmaCredits.ReservedMessages)
        )
            return 0;
        ulong there = (uint)_peer.RingBytes - (_sentBytes - _creditedBytes);
        ulong here = (uint)_options.RingBytes - (_sentBytes - _completedBytes);
        // One request lies in one piece, on both sides.
        ulong toEndThere = (uint)_peer.RingBytes - (_sentBytes & (uint)(_peer.RingBytes - 1));
        ulong toEndHere = (uint)_options.RingBytes - (_sentBytes & (uint)(_options.RingBytes - 1));
        ulong most = (ulong)Math.Min(_options.MaxWriteBytes, _peer.RingBytes / 4);
        return (int)Math.Min(Math.Min(Math.Min(there, here), Math.Min(toEndThere, toEndHere)), most);
    }

    private WorkRequest Request(uint immediate)
    {
        _sentMessages++;
        return new WorkRequest
        {
            Id = IdBase | SendId,
            Operation = WorkOperation.WriteImmediate,
            Immediate = immediate,
            RemoteAddress = _peer.RingAddress,
            RemoteKey = _peer.RingKey,
        };
    }

    /// <summary>Asks for a completion often enough that neither the places of the queue nor the memory run out for want of one.</summary>
    private void Sign(ref WorkRequest request, MarkKind kind)
    {
        _posted++;
        if (kind == MarkKind.Other && ++_sinceSign < Sends / 4 && _bytesSinceSign < _options.RingBytes / 4)
            return;
        _sinceSign = 0;
        _bytesSinceSign = 0;
        request.Flags |= WorkFlags.Signaled;
        Debug.Assert(_markCount < Sends, "no more signs than places");
        _marks[(_firstMark + _markCount++) % Sends] = new Mark
        {
            Posted = _posted,
            SentBytes = _sentBytes,
            Kind = kind,
        };
    }

    private void Post(WorkRequest* batch, ref int count)
    {
        if (count == 0)
            return;
        _doorbells++;
        int posted = Verbs.csn_qp_post(QueuePair!.Value, batch, count);
        if (posted != count)
            Break($"work could not be posted ({posted} of {count})");
        count = 0;
    }

    private bool PostControl(uint immediate, MarkKind kind)
    {
        if (_posted - _completed >= Sends)
            return false;
        WorkRequest request = Request(immediate);
        Sign(ref request, kind);
        int count = 1;
        Post(&request, ref count);
        return true;
    }

    private void PostEndIfDue()
    {
        if (_endIsDue && !_endIsPosted && !_isWaiting && !_isSendingOver && _peer.RingBytes != 0)
            _endIsPosted = PostControl(RdmaCredits.End, MarkKind.End);
    }

    /// <summary>Tells the other side what we have taken. Any thread.</summary>
    private void PostCredit()
    {
        lock (_sendGate)
            PostCreditLocked();
    }

    private void PostCreditLocked()
    {
        if (_isSendingOver || _peer.RingBytes == 0)
            return;
        uint messages = Volatile.Read(ref _messagesTaken);
        ulong freed = Volatile.Read(ref _freedBytes);
        _creditIsDue = !PostControl(RdmaCredits.Credit(messages, freed), MarkKind.Other);
        if (_creditIsDue)
            return;
        Volatile.Write(ref _reportedMessages, messages);
        Volatile.Write(ref _reportedBytes, freed);
    }

    /// <summary>The other side has taken something. On the poller's thread.</summary>
    private void OnCredit(uint immediate)
    {
        lock (_sendGate)
        {
            uint messages = RdmaCredits.MessagesAfter(_creditedMessages, immediate);
            ulong bytes = RdmaCredits.BytesAfter(_creditedBytes, immediate);
            if (
                messages - _creditedMessages > _sentMessages - _creditedMessages
                || bytes - (_creditedBytes & ~63ul) > _sentBytes - (_creditedBytes & ~63ul)
            )
            {
                Break("it gave credit for what was not sent");
                return;
            }

            _creditedMessages = messages;
            _creditedBytes = Math.Max(_creditedBytes, bytes);
        }

        _hasNewRoom = true;
    }

    /// <returns>What has completed besides.</returns>
    private MarkKind OnSent()
    {
        Mark mark;
        lock (_sendGate)
        {
            if (_markCount == 0)
                return MarkKind.Other;
            mark = _marks[_firstMark];
            _firstMark = (_firstMark + 1) % Sends;
            _markCount--;
            _completed = mark.Posted;
            _completedBytes = mark.SentBytes;
            if (mark.Kind == MarkKind.End)
            {
                _hasEndArrived = true;
                _endArrived?.TrySetResult();
            }
        }

        _hasNewRoom = true;
        return mark.Kind;
    }

    private void ContinueSending()
    {
        bool isDone = false;
        lock (_sendGate)
        {
            if (_isSendingOver)
                return;
            if (_creditIsDue)
                PostCreditLocked();
            AnswerIfDue();
            AnnounceIfDue();
            if (_isWaiting && _offer is null)
            {
                _rest = _rest[PostData(_rest.Span)..];
                isDone = _rest.IsEmpty;
                if (isDone)
                    StopWaiting();
            }

            PostEndIfDue();
        }

        if (isDone)
            _flush.SetResult(default);
    }

    private void FailSending()
    {
        bool isWaiting;
        Offer? offer;
        lock (_sendGate)
        {
            _isSendingOver = true;
            isWaiting = _isWaiting;
            offer = _offer;
            _offer = null;
            _offerIsDue = false;
            StopWaiting();
            _endArrived?.TrySetResult();
        }

        offer?.Dispose(); // the queue pair has failed, so nobody reads it any more
        if (isWaiting)
            _flush.SetException(BrokenException());
    }

    private void StopWaiting()
    {
        _isWaiting = false;
        _rest = default;
    }
}
