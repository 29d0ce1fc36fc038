using System.Diagnostics;

namespace CloudScale.Interop.Rdma;

/// <content>Long writes of the other side, which this side fetches, a block at a time, as the reader takes them.</content>
/// <remarks>
/// Whoever announces writes nothing more until it is answered, and the next announcement begins when all of the last one has been read: so what is fetched lies at one place of the stream, before which the ring has bytes that came earlier, and behind which
/// it has those that came after the answer. At most <see cref="Blocks"/> blocks are held, however much was announced. Lock order: <c>_sendGate</c>, then <c>_readGate</c>.
/// </remarks>
internal sealed unsafe partial class RdmaConnection
{
    private const ulong FetchId = 2;
    private const int Blocks = 2;

    // The poller's.
    private RdmaAnnouncement.Reader _announced;

    // Under _readGate.
    private readonly Queue<(RegisteredBlock Block, int Start, int End)> _fetched = new(); // oldest first
    private readonly Queue<(RegisteredBlock Block, int LengthBytes)> _fetching = new(); // in the order of the queue pair
    private RdmaAnnouncement? _next; // that waits until the last one has been read
    private ulong _nextAt; // the place of the ring before which it belongs
    private ulong _fetchedAt; // of those that are here
    private RdmaAnnouncement _source; // of what is being fetched; moves on
    private int _missingBytes; // of which have not come
    private ulong _fetchedBytes; // altogether
    private volatile bool _isFetching; // what was announced is not answered: the other side has nothing to send; read without the lock

    // Under _sendGate.
    private uint _answerIsDue; // the word, or 0

    /// <summary>A message of an announcement. On the poller's thread.</summary>
    private void OnAnnouncement(uint immediate)
    {
        if (!_announced.TryComplete(immediate, out RdmaAnnouncement announcement))
            return;
        lock (_readGate)
        {
            if (announcement.LengthBytes > 0 && !_isFetching && !_hasEnded)
            {
                _next = announcement;
                _nextAt = _receivedBytes;
                _isFetching = true;
                return; // OnBatch begins it
            }
        }

        Break("it has announced what cannot be");
    }

    /// <summary>Posts as many reads as there are blocks for. Any thread, no locks held.</summary>
    private void Fetch()
    {
        if (!_isFetching)
            return;
        lock (_sendGate)
            while (!_isSendingOver && _posted - _completed < Sends - ReservedSends && TryBeginRead(out WorkRequest read))
            {
                Sign(ref read, MarkKind.Read);
                int count = 1;
                Post(&read, ref count);
            }
    }

    private bool TryBeginRead(out WorkRequest read)
    {
        read = default;
        lock (_readGate)
        {
            if (_next is { } next && _fetched.Count == 0)
            {
                (_source, _fetchedAt, _missingBytes, _next) = (next, _nextAt, next.LengthBytes, null);
                Debug.Assert(_fetching.Count == 0, "the last one is here");
            }

            if (_missingBytes == 0 || _source.LengthBytes == 0 || _fetched.Count + _fetching.Count >= Blocks)
                return false;
            RegisteredBlock block;
            try
            {
                block = Device!.Pool.Rent(Math.Min(_options.FetchBlockBytes, _source.LengthBytes));
            }
            catch (IOException)
            {
                DeclineLocked();
                return false;
            }

            int length = Math.Min(block.LengthBytes, _source.LengthBytes);
            _fetching.Enqueue((block, length));
            read = new WorkRequest
            {
                Id = IdBase | FetchId,
                Operation = WorkOperation.Read,
                RemoteAddress = _source.Address,
                RemoteKey = _source.Key,
                Local = new LocalBytes
                {
                    Address = (ulong)block.Pointer,
                    LengthBytes = (uint)length,
                    LocalKey = block.LocalKey,
                },
            };
            _source = new RdmaAnnouncement(_source.Address + (uint)length, _source.Key, _source.LengthBytes - length);
            return true;
        }
    }

    /// <summary>No more may be registered: with one block it goes on more slowly, with none not at all.</summary>
    private void DeclineLocked()
    {
        if (_fetched.Count + _fetching.Count > 0)
            return;
        if (_missingBytes == _source.LengthBytes)
        {
            _missingBytes = 0;
            _isFetching = false;
            _answerIsDue = RdmaCredits.Declined;
            AnswerIfDue();
        }
        else
            Break("no memory may be registered for the rest of what it has announced (see ulimit -l)");
    }

    /// <summary>The oldest read has come. On the poller's thread, without locks.</summary>
    private void OnFetched()
    {
        bool isLast;
        lock (_readGate)
        {
            (RegisteredBlock block, int length) = _fetching.Dequeue();
            _fetched.Enqueue((block, 0, length));
            _fetchedBytes += (uint)length;
            _missingBytes -= length;
            isLast = _missingBytes == 0;
            if (isLast)
                _isFetching = false; // before the answer, to which more bytes are the answer
        }

        if (!isLast)
            return;
        lock (_sendGate)
        {
            _answerIsDue = RdmaCredits.Taken;
            AnswerIfDue();
        }
    }

    /// <summary>Under <c>_sendGate</c>.</summary>
    private void AnswerIfDue()
    {
        if (_answerIsDue != 0 && !_isSendingOver && PostControl(_answerIsDue, MarkKind.Other))
            _answerIsDue = 0;
    }

    /// <summary>The reader has taken so many bytes of those that are not spilled. Under <c>_readGate</c>.</summary>
    private void ConsumeArrived(long count)
    {
        if (_fetched.Count > 0)
        {
            long before = Math.Min(count, (long)(_fetchedAt - _freedBytes));
            Volatile.Write(ref _freedBytes, _freedBytes + (ulong)before);
            count -= before;
            while (count > 0 && _fetched.TryPeek(out (RegisteredBlock Block, int Start, int End) oldest))
            {
                int taken = (int)Math.Min(count, oldest.End - oldest.Start);
                count -= taken;
                _fetched.Dequeue();
                if (oldest.Start + taken == oldest.End)
                    oldest.Block.Return();
                else
                    PutFirst(oldest.Block, oldest.Start + taken, oldest.End);
            }
        }

        Volatile.Write(ref _freedBytes, _freedBytes + (ulong)count);
    }

    private void PutFirst(RegisteredBlock block, int start, int end)
    {
        int others = _fetched.Count;
        _fetched.Enqueue((block, start, end));
        for (; others > 0; others--)
            _fetched.Enqueue(_fetched.Dequeue());
    }

    /// <summary>After the queue pair was destroyed: nothing is written into them any more.</summary>
    private void ReleaseFetched()
    {
        lock (_readGate)
        {
            while (_fetched.TryDequeue(out (RegisteredBlock Block, int, int) fetched))
                fetched.Block.Return();
            while (_fetching.TryDequeue(out (RegisteredBlock Block, int) fetching))
                fetching.Block.Return();
        }
    }
}
