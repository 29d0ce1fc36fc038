using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>What a sender learns from posting.</summary>
internal enum Posted
{
    /// <summary>The receiver is runnable already; nothing more to do.</summary>
    Queued,

    /// <summary>The receiver was idle and is now ours to put into a run queue, exactly once.</summary>
    Wake,

    /// <summary>The receiver has exited; the envelope was not taken.</summary>
    Dead,
}

/// <summary>The mailbox of a process: one shared word for what arrives, and a private queue in arrival order.</summary>
/// <remarks>
/// Threads: <see cref="PostMessage"/> and <see cref="PostSignal"/> – any. All others – the owner: the scheduler that runs the process, or the sender that has just won
/// the idle mark. Order: envelopes of one sender stay in the order posted, messages and signals together.
/// <para>
/// The word is one of: the <see cref="s_idle"/> mark (nobody owns the process); null (it is runnable or running, nothing new); the newest of a chain of envelopes; the
/// <see cref="s_dead"/> mark. The sender that moves idle → null owns the process for that instant, so it may append to the private queue with plain stores; whoever runs
/// the process next sees them through the run queue's release. Parking is null → idle and fails when anything came, so no wake-up is lost. There is no separate
/// "scheduled" flag that could disagree. The owner takes the whole chain in one exchange, so there is no ABA.
/// </para>
/// </remarks>
internal struct Mailbox
{
    /// <summary>
    /// The idle mark: an object that never moves and is never looked into. So the word may be compared and swapped as a number, without the write barrier and the
    /// call that a reference would need. (Its own gain lies within the noise of the macro measurements.) It is no envelope; only its address matters.
    /// </summary>
    private static readonly byte[] s_idleObject = GC.AllocateUninitializedArray<byte>(1, pinned: true);
    private static readonly nint s_idleAddress = AddressOf(s_idleObject);
    private static readonly Envelope s_idle = Unsafe.As<Envelope>(s_idleObject);
    private static readonly Envelope s_dead = new();

    private Envelope? _arrivals; // any thread
    private Envelope? _head; // owner: the save queue, oldest first
    private Envelope? _tail; // owner: the newest; null while there are fewer than two, which saves a write barrier for the mailbox that is emptied as it fills
    private long _appended; // owner: messages that have ever joined the private queue
    private long _taken; // owner: how many of them have left it

    /// <summary>Owner: the oldest message not yet consumed.</summary>
    internal readonly Envelope? Head => _head;

    /// <summary>Owner: the newest message in the private queue.</summary>
    internal readonly Envelope? Tail => _tail ?? _head;

    /// <summary>Owner: whether a message that was in the private queue has been taken out since.</summary>
    internal readonly bool IsConsumed(Envelope envelope) => envelope.Next is null && !ReferenceEquals(envelope, Tail);

    /// <summary>Messages in the private queue. Exact for the owner, a hint for others.</summary>
    internal readonly int Count => (int)(_appended - _taken);

    /// <summary>Messages that have ever come. Any thread; a hint.</summary>
    internal readonly long Received => Volatile.Read(in _appended);

    /// <summary>Messages that have been taken out. Any thread; a hint that lags.</summary>
    internal readonly long Taken => Volatile.Read(in _taken);

    /// <summary>Whether something has come since the owner last looked. Any thread; a hint.</summary>
    internal readonly bool HasArrivals
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Volatile.Read(in _arrivals) is not null;
    }

    internal readonly bool IsIdle => ReferenceEquals(Volatile.Read(in _arrivals), s_idle);

    internal readonly bool IsDead => ReferenceEquals(Volatile.Read(in _arrivals), s_dead);

    /// <summary>True if the process was idle: it belongs to the caller now, which has a message for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryWake() => ReferenceEquals(Volatile.Read(ref _arrivals), s_idle) && SwapAddress(0, s_idleAddress);

    /// <summary>Owner: counts a message that came and is taken without having been in the queue.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void CountPassed()
    {
        _appended++;
        _taken++;
    }

    /// <summary>Posts a message.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Posted PostMessage(Envelope envelope)
    {
        Interleaving.Point();
        if (ReferenceEquals(Volatile.Read(ref _arrivals), s_idle) && SwapAddress(0, s_idleAddress))
        {
            Append(envelope);
            return Posted.Wake;
        }

        return Push(envelope, direct: true);
    }

    /// <summary>Posts a signal: always through the chain, or it could overtake what its sender posted there before.</summary>
    internal Posted PostSignal(Signal signal)
    {
#if EXPLORATION
        if (Mutations.Is(Mutation.SignalReordering) && SwapAddress(0, s_idleAddress))
        {
            DirectSignal = signal;
            return Posted.Wake;
        }
#endif
        return Push(signal, direct: false);
    }

#if EXPLORATION
    internal Signal? DirectSignal; // see Mutation.SignalReordering
#endif

    private Posted Push(Envelope envelope, bool direct)
    {
        Interleaving.Point();
        Envelope? seen = Volatile.Read(ref _arrivals);
        while (true)
        {
            if (ReferenceEquals(seen, s_dead))
                return Posted.Dead;

            bool wasIdle = ReferenceEquals(seen, s_idle);
            Envelope? replacement = wasIdle && direct ? null : envelope;
            envelope.Next = wasIdle ? null : seen;
            Interleaving.Point();
            Envelope? found = Interlocked.CompareExchange(ref _arrivals, replacement, seen);
            if (ReferenceEquals(found, seen))
            {
                if (!wasIdle)
                    return Posted.Queued;
                if (direct)
                    Append(envelope);
                return Posted.Wake;
            }

            seen = found;
        }
    }

    /// <summary>
    /// Owner: takes all that arrived. Where it is all messages, they join the private queue as they are linked, and null is returned; else the chain is, oldest
    /// first, for the owner to go through.
    /// </summary>
    internal Envelope? TakeArrivals()
    {
        if (Volatile.Read(ref _arrivals) is null)
            return null;

        Interleaving.Point();
        Envelope newest = Interlocked.Exchange(ref _arrivals, null)!;
        Debug.Assert(
            !ReferenceEquals(newest, s_idle) && !ReferenceEquals(newest, s_dead),
            "the owner holds a process that is neither idle nor dead"
        );
        Envelope oldest = Reverse(newest, out int count, out bool allMessages)!;
        if (!allMessages)
            return oldest;

        _appended += count;
        if (_head is null)
            _head = oldest;
        else
            (_tail ?? _head).Next = oldest;
        if (!ReferenceEquals(newest, _head))
            _tail = newest;
        return null;
    }

    /// <summary>Owner: puts a message at the end of the private queue.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Append(Envelope envelope)
    {
        envelope.Next = null;
        _appended++;
        if (_head is null)
        {
            _head = envelope;
            return;
        }

        (_tail ?? _head).Next = envelope;
        _tail = envelope;
    }

    /// <summary>Owner: takes the oldest message; null if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Envelope? Dequeue()
    {
        Envelope? first = _head;
        if (first is null)
            return null;

        _taken++;
        if (first.Next is { } second)
        {
            _head = second;
            if (ReferenceEquals(second, _tail))
                _tail = null;
            first.Next = null;
        }
        else
        {
            _head = null;
        }

        return first;
    }

    /// <summary>Owner: puts a message in front of others.</summary>
    /// <param name="previous">The one it follows; null to become the oldest.</param>
    /// <param name="envelope">The message.</param>
    internal void Insert(Envelope? previous, Envelope envelope)
    {
        Envelope? next = previous is null ? _head : previous.Next;
        if (next is null)
        {
            Append(envelope);
            return;
        }

        _appended++;
        envelope.Next = next;
        if (previous is null)
        {
            _tail ??= _head; // there are two now
            _head = envelope;
        }
        else
        {
            previous.Next = envelope;
        }
    }

    /// <summary>Owner: takes a message from the middle.</summary>
    /// <param name="previous">The one before it; null if it is the head.</param>
    /// <param name="envelope">The message to take.</param>
    internal void Unlink(Envelope? previous, Envelope envelope)
    {
        if (previous is null)
        {
            Dequeue();
            return;
        }

        _taken++;
        previous.Next = envelope.Next;
        if (ReferenceEquals(envelope, _tail))
            _tail = ReferenceEquals(previous, _head) ? null : previous;
        envelope.Next = null;
    }

    /// <summary>Owner: gives the process up. False if something arrived meanwhile; then it is still the owner's.</summary>
    internal bool TryPark() => SwapAddress(s_idleAddress, 0);

    /// <summary>Compare and swap between null and the idle mark, neither of which the collector moves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool SwapAddress(nint value, nint comparand)
    {
        Interleaving.Point();
#if EXPLORATION
        if (Mutations.Is(value == s_idleAddress ? Mutation.LostWakeUp : Mutation.DoubleWake))
        {
            bool won = value == s_idleAddress || IsIdle;
            Interleaving.Point();
            if (won)
                Volatile.Write(ref _arrivals, value == s_idleAddress ? s_idle : null);
            return won;
        }
#endif
        return Interlocked.CompareExchange(ref Unsafe.As<Envelope?, nint>(ref _arrivals), value, comparand) == comparand;
    }

    private static unsafe nint AddressOf(object pinned) => *(nint*)Unsafe.AsPointer(ref pinned);

    /// <summary>Owner: closes the mailbox for good and returns what had arrived, oldest first. The private queue is dropped.</summary>
    internal Envelope? Close()
    {
        _head = _tail = null;
        _taken = _appended;
        Interleaving.Point();
        Envelope? newest = Interlocked.Exchange(ref _arrivals, s_dead);
        return ReferenceEquals(newest, s_idle) ? null : Reverse(newest, out _, out _);
    }

    /// <summary>The chain as it is, newest first; null if there is none. Only while nothing runs: for tests.</summary>
    internal readonly Envelope? PeekArrivals() => IsIdle || IsDead ? null : _arrivals;

    /// <summary>How many envelopes wait in the chain. Any thread; an estimate while others post or take.</summary>
    internal readonly int CountArrivals(int limit)
    {
        int count = 0;
        Envelope? envelope = Volatile.Read(in _arrivals);
        if (ReferenceEquals(envelope, s_idle) || ReferenceEquals(envelope, s_dead))
            return 0;

        // The owner may reverse the chain under us; the walk stays in memory that is alive, and the limit ends it.
        while (envelope is not null && count < limit)
        {
            count++;
            envelope = Volatile.Read(ref envelope.Next);
        }

        return count;
    }

    private static Envelope? Reverse(Envelope? newest, out int count, out bool allMessages)
    {
        Envelope? oldest = null;
        count = 0;
        allMessages = true;
        while (newest is not null)
        {
            Envelope? next = newest.Next;
            newest.Next = oldest;
            allMessages &= newest.IsMessage;
            count++;
            oldest = newest;
            newest = next;
        }

        return oldest;
    }
}
