using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Rdma;

/// <content>What has come in. The ring is read where it lies, and its places are free again when the reader has done with them.</content>
internal sealed unsafe partial class RdmaConnection : IValueTaskSource<ReadResult>
{
    private readonly Lock _readGate = new();

    // The poller's.
    private int _receivesPosted;
    private uint _messagesTaken; // receives posted again altogether; read by whoever posts a credit
    private uint _reportedMessages; // written by whoever posts a credit
    private ulong _reportedBytes;
    private long _receiveDoorbells; // the poller's

    // Under _readGate.
    private ulong _receivedBytes; // altogether
    private ulong _freedBytes; // places of the ring given back altogether: read, or moved out of it
    private ulong _examinedBytes; // what the reader has seen; it is woken for more than that
    private ulong _givenUpTo; // where the bytes end that the reader was given
    private bool _hasEnded; // the other side has said so
    private bool _isAllHere; // nothing can come any more
    private bool _isReadPending;
    private bool _isReadCancelled;
    private IInputTaker? _taker; // of the read that waits
    private readonly Queue<(byte[] Array, int Start, int End)> _spilled = new(); // what was moved out of the ring, oldest first
    private ReadOnlySequence<byte> _unread; // as the reader was given it
    private ManualResetValueTaskSourceCore<ReadResult> _read = new() { RunContinuationsAsynchronously = true };
    private readonly Segment _firstSegment = new();
    private readonly Segment _secondSegment = new();

    internal bool TryRead(out ReadResult result)
    {
        lock (_readGate)
        {
            result = default;
            if (!HasNews)
                return false;
            result = TakeNewsLocked();
            return true;
        }
    }

    /// <param name="taker">Is offered what comes while the read waits.</param>
    internal ValueTask<ReadResult> ReadAsync(IInputTaker? taker = null)
    {
        lock (_readGate)
        {
            if (_isReadPending)
                throw new InvalidOperationException("One read at a time.");
            if (IsBrokenEnd)
                return ValueTask.FromException<ReadResult>(BrokenException());
            if (HasNews)
                return new ValueTask<ReadResult>(TakeNewsLocked());
            _isReadPending = true;
            _taker = taker;
            _read.Reset();
            return new ValueTask<ReadResult>(this, _read.Version);
        }
    }

    internal void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        bool owesCredit;
        lock (_readGate)
        {
            long read = _unread.GetOffset(consumed) - _unread.GetOffset(_unread.Start);
            long seen = _unread.GetOffset(examined) - _unread.GetOffset(_unread.Start);
            long length = _unread.Length;
            _examinedBytes = _givenUpTo - (ulong)(length - Math.Max(read, seen));
            Consume(read);
            if (seen == length && (length - read > _options.RingBytes / 2 || _fetched.Count > 0))
                Spill(_unread.Slice(consumed));
            _unread = default;
            owesCredit = OwesCreditLocked;
        }

        if (owesCredit)
            PostCredit();
        Fetch();
    }

    private bool OwesCreditLocked => _freedBytes - Volatile.Read(ref _reportedBytes) >= (uint)_options.RingBytes / 4;

    internal void CancelRead()
    {
        lock (_readGate)
            _isReadCancelled = true;
        WakeReader();
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => _read.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _read.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(
        Action<object?> continuation,
        object? state,
        short token,
        ValueTaskSourceOnCompletedFlags flags
    ) => _read.OnCompleted(continuation, state, token, flags);

    /// <summary>Through the ring and past it.</summary>
    private ulong AllBytes => _receivedBytes + _fetchedBytes;

    private bool HasNews => AllBytes > _examinedBytes || _hasEnded || _isReadCancelled || _isAllHere;

    /// <summary>Broken rather than ended, and the reader has had all there was.</summary>
    private bool IsBrokenEnd => _isAllHere && !_hasEnded && !_isReadCancelled && AllBytes == _examinedBytes;

    private void ContinueReadsInline()
    {
        lock (_readGate)
            _read.RunContinuationsAsynchronously = false;
    }

    /// <summary>One receive has completed. On the poller's thread.</summary>
    private void OnReceived(in WorkCompletion completion)
    {
        _receivesPosted--;
        if (completion.Status != CompletionStatus.Success)
        {
            if (!IsBroken)
                Break(UnknownReason);
            return;
        }

        switch (RdmaCredits.KindOf(completion.Immediate))
        {
            case RdmaCredits.Kind.Data:
                lock (_readGate)
                {
                    uint length = RdmaCredits.LengthOf(completion.Immediate);
                    if (
                        _hasEnded
                        || _isFetching
                        || length != completion.LengthBytes
                        || length > (uint)_options.RingBytes - (_receivedBytes - _freedBytes)
                    )
                        Break("the other side has written more than there was room for");
                    else
                        _receivedBytes += length;
                }

                break;
            case RdmaCredits.Kind.Credit:
                OnCredit(completion.Immediate);
                break;
            case RdmaCredits.Kind.Announcement:
                OnAnnouncement(completion.Immediate);
                break;
            default:
                OnWord(completion.Immediate);
                break;
        }
    }

    private void OnWord(uint word)
    {
        if (word == RdmaCredits.Taken || word == RdmaCredits.Declined)
        {
            OnAnswered(isTaken: word == RdmaCredits.Taken);
            return;
        }

        if (word != RdmaCredits.End || _isFetching || _announced.IsAmid)
            Break("the other side has said what means nothing");
        lock (_readGate)
            _hasEnded = true;
    }

    /// <summary>Posts receives again, a lot at a time. They have no memory: what arrives was written into the ring.</summary>
    private void PostReceives()
    {
        int count = Receives - _receivesPosted;
        if (count < Receives / 4)
            return;
        ReceiveRequest* lot = stackalloc ReceiveRequest[count];
        for (int i = 0; i < count; i++)
            lot[i] = new ReceiveRequest { Id = IdBase | ReceiveId };
        _receiveDoorbells++;
        int posted = Verbs.csn_qp_post_receive(QueuePair!.Value, lot, count);
        _receivesPosted += Math.Max(0, posted);
        if (posted != count)
        {
            Break($"receives could not be posted ({posted} of {count})");
            return;
        }

        if (count == Receives)
            return; // the first ones
        Volatile.Write(ref _messagesTaken, _messagesTaken + (uint)count);
        PostCredit();
    }

    /// <summary>Shows what lies in the ring to who takes it at once; what is left to say completes the read that waits. On the poller's thread.</summary>
    private void TellNews()
    {
        bool isDone = TryOfferNews(out bool isAsked);
        if (!isDone)
            WakeReader(isAsked);
    }

    /// <returns>Whether nothing is left to say.</returns>
    private bool TryOfferNews(out bool isAsked)
    {
        isAsked = false;
        IInputTaker taker;
        int start;
        int length;
        lock (_readGate)
        {
            start = (int)_freedBytes & (_options.RingBytes - 1);
            length = (int)(_receivedBytes - _freedBytes);
            if (!_isReadPending || _taker is null || !IsOnlyInRingLocked || start + length > _options.RingBytes)
                return false;
            taker = _taker;
            _isReadPending = false; // as if the reader ran
        }

        isAsked = !taker.TryTake(new ReadOnlySpan<byte>(_ring!.Pointer + start, length), out int taken);
        bool owesCredit;
        bool isDone;
        lock (_readGate)
        {
            Volatile.Write(ref _freedBytes, _freedBytes + (uint)taken);
            if (!isAsked)
                _examinedBytes = AllBytes;
            _isReadPending = true;
            isDone = !isAsked && !HasNews;
            owesCredit = OwesCreditLocked;
        }

        if (owesCredit)
            PostCredit();
        return isDone;
    }

    /// <summary>Nothing is to be said but that there are bytes, all of them in the ring.</summary>
    private bool IsOnlyInRingLocked =>
        AllBytes > _examinedBytes && !_hasEnded && !_isReadCancelled && !_isAllHere && _spilled.Count == 0 && _fetched.Count == 0;

    /// <summary>Completes a read that waits, if there is something to say.</summary>
    private void WakeReader(bool isAsked = false)
    {
        bool isBroken;
        ReadResult result = default;
        lock (_readGate)
        {
            if (!_isReadPending || !(HasNews || isAsked))
                return;
            _isReadPending = false;
            _taker = null;
            isBroken = IsBrokenEnd;
            if (!isBroken)
                result = TakeNewsLocked();
        }

        if (isBroken)
            _read.SetException(BrokenException());
        else
            _read.SetResult(result);
    }

    private ReadResult TakeNewsLocked()
    {
        bool isCancelled = _isReadCancelled;
        _isReadCancelled = false;
        _unread = Unread();
        _givenUpTo = AllBytes;
        return new ReadResult(_unread, isCancelled, _hasEnded); // a stream that breaks does not end: the next read says so
    }

    /// <summary>All that was received and not yet consumed, where it lies.</summary>
    private ReadOnlySequence<byte> Unread()
    {
        int start = (int)_freedBytes & (_options.RingBytes - 1);
        int length = (int)(_receivedBytes - _freedBytes);
        int first = Math.Min(length, _options.RingBytes - start);
        if (_spilled.Count == 0 && _fetched.Count == 0 && first == length)
            return length == 0 ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(_ring!.Memory.Slice(start, length));

        Segment? head = null;
        Segment? tail = null;
        foreach ((byte[] array, int from, int to) in _spilled)
            tail = Append(ref head, tail, new Segment(), array.AsMemory(from, to - from));
        ulong position = _freedBytes;
        if (_fetched.Count > 0)
        {
            tail = AppendRing(ref head, tail, position, _fetchedAt, new Segment(), new Segment());
            position = _fetchedAt;
            foreach ((RegisteredBlock block, int from, int to) in _fetched)
                tail = Append(ref head, tail, new Segment(), block.Memory[from..to]);
        }

        tail = AppendRing(ref head, tail, position, _receivedBytes, _firstSegment, _secondSegment);
        return head is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(head, 0, tail!, tail!.Memory.Length);
    }

    private Segment? AppendRing(ref Segment? head, Segment? tail, ulong from, ulong to, Segment one, Segment two)
    {
        int start = (int)from & (_options.RingBytes - 1);
        int length = (int)(to - from);
        int first = Math.Min(length, _options.RingBytes - start);
        if (first > 0)
            tail = Append(ref head, tail, one, _ring!.Memory.Slice(start, first));
        return length > first ? Append(ref head, tail, two, _ring!.Memory[..(length - first)]) : tail;
    }

    private static Segment Append(ref Segment? head, Segment? tail, Segment added, ReadOnlyMemory<byte> bytes)
    {
        added.Set(bytes, tail is null ? 0 : tail.RunningIndex + tail.Memory.Length);
        tail?.Link(added);
        head ??= added;
        return added;
    }

    private void Consume(long count)
    {
        while (count > 0 && _spilled.Count > 0)
        {
            (byte[] array, int start, int end) = _spilled.Peek();
            if (count < end - start)
            {
                ReplaceFirst((array, start + (int)count, end));
                return;
            }

            count -= end - start;
            _spilled.Dequeue();
            ArrayPool<byte>.Shared.Return(array);
        }

        ConsumeArrived(count);
    }

    private void ReplaceFirst((byte[] Array, int Start, int End) changed)
    {
        _spilled.Dequeue();
        int others = _spilled.Count;
        _spilled.Enqueue(changed);
        for (; others > 0; others--)
            _spilled.Enqueue(_spilled.Dequeue());
    }

    /// <summary>
    /// The reader wants more than the ring holds before it takes any: what it has seen moves to memory of our own, so that the rest finds room, and what is announced a place. How much that may come to is the reader's to bound, as with any pipe.
    /// </summary>
    /// <param name="rest">What it was given and has not taken.</param>
    private void Spill(in ReadOnlySequence<byte> rest)
    {
        long spilled = 0;
        foreach ((byte[] _, int from, int to) in _spilled)
            spilled += to - from;
        int length = (int)(rest.Length - spilled);
        if (length == 0)
            return; // of what was fetched it has seen nothing yet
        byte[] array = ArrayPool<byte>.Shared.Rent(length);
        rest.Slice(spilled).CopyTo(array);
        _spilled.Enqueue((array, 0, length));
        ConsumeArrived(length);
    }

    private void ReleaseSpilled()
    {
        lock (_readGate)
            while (_spilled.TryDequeue(out (byte[] Array, int, int) spilled))
                ArrayPool<byte>.Shared.Return(spilled.Array);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        internal void Set(ReadOnlyMemory<byte> bytes, long runningIndex)
        {
            Memory = bytes;
            RunningIndex = runningIndex;
            Next = null;
        }

        internal void Link(Segment next) => Next = next;
    }
}
