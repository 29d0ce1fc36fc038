using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using CloudScale.Interop.Connections;

namespace CloudScale.Interop.Rdma;

/// <summary>A completion queue, and the threads that empty it: those of a node that look at its input when they have nothing else to do, or one of its own.</summary>
/// <remarks>
/// A thread of its own looks for completions as long as they come faster than it would fall asleep, and lets others have the processor now and then; then arms the queue, looks once more, and sleeps in the kernel. While owners look for what is theirs, and nobody awaits anything, it stands aside. What a batch of completions means for an end is done once a batch.
/// Whoever looks takes a word before, so one at a time does, and those of a node may come late, when the thread has begun already. Threads:
/// <see cref="Look"/>, <see cref="BeginLooking"/>, <see cref="BeginAwaiting"/> and their ends, <see cref="TryAdd"/>, <see cref="Remove"/> and <see cref="End"/> any; ends are told of completions by one at a time, which is the poller's thread wherever that is said.
/// </remarks>
[SuppressMessage("Reliability", "CA1001", Justification = "The thread, which uses them to the last, disposes them.")]
internal sealed unsafe class RdmaPoller : IPolledInput
{
    private const int Batch = 64;
    private const int SlotBits = 16;
    private const int LooksAtATime = 4; // each is a look into memory; what is done besides before the next one costs more
    private const int MostNoted = 16; // after as many the gap before them is forgotten
    private const int Much = 1 << 10; // signals, whatever a look has brought: looks cost the other side nothing, so there is no use in letting some gather
    private const int LooksBeforeYield = 16; // untuned; without, two pollers on two processors starve all that they wait for

    /// <summary>Of the id of a work request: the lowest two bits, and 14 above the place.</summary>
    internal const ulong FreeBits = 0xFFFC_0003;

    /// <summary>Where the upper ones of <see cref="FreeBits"/> begin.</summary>
    internal const int FreeShift = SlotBits + 2;

    [ThreadStatic]
    private static RdmaPoller? t_current;

    private readonly CompletionQueueHandle _queue;
    private readonly WakerHandle _waker;
    private readonly Action<RdmaPoller> _onEnded;
    private readonly Lock _gate = new();
    private readonly long _pollFor;
    private readonly int _capacity;
    private readonly List<RdmaEnd> _touched = [];
    private Action? _onAlone; // set while a node looks
    private int _isLooking; // somebody does; by compare-and-swap
    private int _owners; // that look until what they have posted is done
    private int _awaited; // what was posted, and its owner looks for no more
    private int _isAside; // the thread sleeps until somebody awaits
    private long _looks; // that have ended; of whoever looks, as is what follows
    private long _lastWork = Stopwatch.GetTimestamp();
    private long _usualGap; // between completions
    private int _untimed; // batches that were dealt with since the clock was read
    private RdmaEnd?[] _slots = new RdmaEnd?[16]; // replaced when it grows; read by the poller without the lock
    private uint _serial;
    private int _reserved;
    private volatile bool _mustEnd;

    internal RdmaPoller(DeviceHandle device, int capacity, TimeSpan pollFor, Action<RdmaPoller> onEnded)
    {
        _capacity = capacity;
        _pollFor = pollFor.Ticks * Stopwatch.Frequency / TimeSpan.TicksPerSecond;
        _usualGap = _pollFor * 2; // begins asleep
        _onEnded = onEnded;
        Verbs.Check(Verbs.csn_cq_create(device, capacity, out nint value), $"make an RDMA completion queue of {capacity}");
        _queue = new CompletionQueueHandle(value, device);
        _waker = WakerHandle.Create();
    }

    /// <summary>Begins. Once, before anything is added.</summary>
    /// <param name="pollBy">Has the threads of a node look, if it can; null, or false, for a thread of its own.</param>
    /// <param name="onAlone">Once they look no more.</param>
    /// <returns>Whether they do.</returns>
    internal bool Start(Func<IPolledInput, bool>? pollBy, Action onAlone)
    {
        _onAlone = onAlone;
        if (pollBy is not null && pollBy(this))
            return true;
        _onAlone = null;
        StartThread();
        return false;
    }

    /// <inheritdoc/>
    public int Descriptor => Verbs.csn_cq_descriptor(_queue);

    /// <inheritdoc/>
    int IPolledInput.Poll() => Look() ? Much : 0;

    /// <inheritdoc/>
    bool IPolledInput.Arm() => Arm();

    /// <inheritdoc/>
    void IPolledInput.PollAlone()
    {
        StartThread();
        _onAlone!();
    }

    /// <summary>Deals with what there is, unless somebody does so already. Any thread.</summary>
    /// <returns>Whether there was something.</returns>
    internal bool Look()
    {
        if (!TryBeginLook())
            return false;
        bool found = Poll();
        EndLook();
        return found;
    }

    /// <summary>An owner begins to look until what he has posted is done: meanwhile the thread, which would only take processors from whoever brings it, has no need to.</summary>
    internal void BeginLooking() => Interlocked.Increment(ref _owners);

    /// <summary>It is done, or awaited.</summary>
    internal void EndLooking() => Interlocked.Decrement(ref _owners);

    /// <summary>What was posted is left to the thread.</summary>
    internal void BeginAwaiting()
    {
        Interlocked.Increment(ref _awaited); // a fence: either the thread sees it, or we see that it stands aside
        if (Volatile.Read(ref _isAside) != 0)
            _waker.Signal();
    }

    /// <summary>It is done.</summary>
    internal void EndAwaiting() => Interlocked.Decrement(ref _awaited);

    /// <returns>True if it is not the time to sleep.</returns>
    private bool Arm()
    {
        if (!TryBeginLook())
            return true; // what comes while somebody looks may not be told: look again
        bool isAwake = IsWorthLooking;
        if (!isAwake)
        {
            _ = Verbs.csn_cq_take(_queue.Value); // of the last sleep
            _ = Verbs.csn_cq_arm(_queue.Value, 0);
            isAwake = Poll();
            if (!isAwake)
                Sleeps++;
        }

        EndLook();
        return isAwake;
    }

    private bool TryBeginLook() => Volatile.Read(ref _isLooking) == 0 && Interlocked.CompareExchange(ref _isLooking, 1, 0) == 0;

    private void EndLook()
    {
        Volatile.Write(ref _looks, _looks + 1); // pairs with the wait in Remove
        Volatile.Write(ref _isLooking, 0);
    }

    private void StartThread() => new Thread(Run) { IsBackground = true, Name = "RDMA completions" }.Start();

    /// <summary>Whether completions come so fast that the next one is waited for awake.</summary>
    private bool IsWorthLooking => _untimed > 0 || (_usualGap <= _pollFor && Stopwatch.GetTimestamp() - _lastWork <= _pollFor);

    /// <summary>By the first look that finds nothing: what was found has not waited for the clock.</summary>
    private void NoteWork()
    {
        long now = Stopwatch.GetTimestamp();
        long gap = Math.Min((now - _lastWork) / _untimed, _pollFor * 8);
        for (int i = Math.Min(_untimed, MostNoted); i > 0; i--)
            _usualGap += (gap - _usualGap) / 4;
        _lastWork = now;
        _untimed = 0;
    }

    internal CompletionQueueHandle Queue => _queue;

    /// <summary>Whether the calling thread is dealing with what was found at some completion queue: then others wait for it, and it waits for nobody.</summary>
    internal static bool IsAnyCurrent => t_current is not null;

    /// <summary>How often somebody has gone to sleep: for tests and measurements.</summary>
    internal long Sleeps { get; private set; }

    /// <summary>Takes an end that may have so many completions at a time.</summary>
    /// <returns>False if the queue has no room for them.</returns>
    internal bool TryAdd(RdmaEnd end, int completions, out ulong idBase)
    {
        idBase = 0;
        lock (_gate)
        {
            if (_mustEnd || _reserved + completions > _capacity)
                return false;
            int slot = Array.IndexOf(_slots, null);
            if (slot < 0)
            {
                slot = _slots.Length;
                if (slot == 1 << SlotBits)
                    return false;
                Array.Resize(ref _slots, slot * 2);
            }

            _reserved += completions;
            _slots[slot] = end;
            // Work of an end that is gone may complete when its place is another's.
            idBase = ((ulong)++_serial << 32) | ((ulong)(uint)slot << 2);
            return true;
        }
    }

    /// <summary>When it returns, the end is told of nothing any more; its work may still complete. Not for those who deal with completions, unless the end does nothing when it is told.</summary>
    internal void Remove(ulong idBase)
    {
        lock (_gate)
            _slots[SlotOf(idBase)] = null;
        if (IsAnyCurrent)
            return; // two that waited for each other would wait for ever
        Interlocked.MemoryBarrier(); // the place is empty, fence, does somebody look; pairs with who begins a look and then reads the place
        long looks = Volatile.Read(ref _looks);
        SpinWait spin = default;
        while (Volatile.Read(ref _isLooking) != 0 && Volatile.Read(ref _looks) == looks)
            spin.SpinOnce();
    }

    /// <summary>Places of a queue pair that was destroyed may be another's.</summary>
    internal void GiveBack(int completions)
    {
        lock (_gate)
            _reserved -= completions;
    }

    /// <summary>The thread ends, and ends the queue.</summary>
    internal void End()
    {
        _mustEnd = true;
        _waker.Signal();
    }

    private static int SlotOf(ulong id) => (int)((id >> 2) & ((1 << SlotBits) - 1));

    private void Run()
    {
        int* descriptors = stackalloc int[2];
        descriptors[0] = Verbs.csn_cq_descriptor(_queue);
        descriptors[1] = _waker.Descriptor;
        uint idle = 0;
        while (!_mustEnd)
        {
            if (Look() || StandAside())
                continue;
            if (IsWorthLooking || Arm())
            {
                if (++idle % LooksBeforeYield == 0)
                    Thread.Yield(); // whoever is to act on what we have found, or to bring the next, may need this processor
                else
                    Thread.SpinWait(1);
                continue;
            }

            int ready = Verbs.csn_wait(descriptors, 2, -1);
            if ((ready & 2) != 0)
                _waker.Clear();
        }

        while (!TryBeginLook())
            Thread.Yield(); // one that came late; the next one finds the word taken
        _queue.Dispose();
        _waker.Dispose();
        _onEnded(this);
    }

    /// <summary>Sleeps while owners look and nobody awaits.</summary>
    /// <returns>Whether it has.</returns>
    private bool StandAside()
    {
        if (Volatile.Read(ref _owners) == 0)
            return false;
        Interlocked.Exchange(ref _isAside, 1); // a fence, for BeginAwaiting
        bool mustSleep = Volatile.Read(ref _awaited) == 0 && !_mustEnd;
        if (mustSleep)
        {
            int waker = _waker.Descriptor;
            _ = Verbs.csn_wait(&waker, 1, -1);
            _waker.Clear();
        }

        Volatile.Write(ref _isAside, 0);
        return mustSleep;
    }

    /// <summary>Under the word. What is done about completions may be looking somewhere else.</summary>
    [SkipLocalsInit] // 2.5 KB for each look; the library fills what it says it has filled
    private bool Poll()
    {
        WorkCompletion* completions = stackalloc WorkCompletion[Batch];
        int count = 0;
        for (int looks = 0; count == 0 && looks < LooksAtATime; looks++)
            count = Verbs.csn_cq_poll(_queue.Value, completions, Batch);
        if (count <= 0)
        {
            if (_untimed > 0)
                NoteWork();
            return false;
        }

        RdmaPoller? outer = t_current;
        t_current = this;
        RdmaEnd?[] slots = Volatile.Read(ref _slots);
        for (int i = 0; i < count; i++)
        {
            RdmaEnd? end = slots[SlotOf(completions[i].Id)];
            if (end is null || !end.Owns(completions[i].Id))
                continue;
            if (end.OnCompletion(completions[i]))
                _touched.Add(end);
        }

        foreach (RdmaEnd end in _touched)
            end.OnBatchEnd();
        _touched.Clear();
        t_current = outer;
        _untimed++;
        return true;
    }
}
