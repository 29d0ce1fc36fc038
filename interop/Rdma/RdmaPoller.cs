using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace CloudScale.Interop.Rdma;

/// <summary>A completion queue, and the thread that empties it.</summary>
/// <remarks>
/// Looks for completions as long as they come faster than it would fall asleep, then arms the queue, looks once more, and sleeps in the kernel. What a batch of completions means for a connection is done once a batch. Threads:
/// <see cref="TryAdd"/>, <see cref="Remove"/> and <see cref="End"/> any; connections are told of completions on the poller's own.
/// </remarks>
[SuppressMessage("Reliability", "CA1001", Justification = "The thread, which uses them to the last, disposes them.")]
internal sealed unsafe class RdmaPoller
{
    private const int Batch = 64;
    private const int SlotBits = 16;

    private readonly CompletionQueueHandle _queue;
    private readonly WakerHandle _waker;
    private readonly Thread _thread;
    private readonly Action _onEnded;
    private readonly Lock _gate = new();
    private readonly long _pollFor;
    private readonly int _capacity;
    private readonly List<RdmaConnection> _touched = [];
    private RdmaConnection?[] _slots = new RdmaConnection?[16]; // replaced when it grows; read by the poller without the lock
    private uint _serial;
    private int _reserved;
    private volatile bool _mustEnd;

    internal RdmaPoller(DeviceHandle device, int capacity, TimeSpan pollFor, Action onEnded)
    {
        _capacity = capacity;
        _pollFor = pollFor.Ticks * Stopwatch.Frequency / TimeSpan.TicksPerSecond;
        _onEnded = onEnded;
        Verbs.Check(Verbs.csn_cq_create(device, capacity, out nint value), $"make an RDMA completion queue of {capacity}");
        _queue = new CompletionQueueHandle(value, device);
        _waker = WakerHandle.Create();
        _thread = new Thread(Run) { IsBackground = true, Name = "RDMA completions" };
        _thread.Start();
    }

    internal CompletionQueueHandle Queue => _queue;

    /// <summary>Whether the calling thread is this poller's.</summary>
    internal bool IsCurrent => Thread.CurrentThread == _thread;

    /// <summary>How often the thread has gone to sleep: for tests and measurements.</summary>
    internal long Sleeps { get; private set; }

    /// <summary>Takes a connection that may have so many completions at a time.</summary>
    /// <returns>False if the queue has no room for them.</returns>
    internal bool TryAdd(RdmaConnection connection, int completions, out ulong idBase)
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
            _slots[slot] = connection;
            // Work of a connection that is gone may complete when its place is another's.
            idBase = ((ulong)++_serial << 32) | ((ulong)(uint)slot << 2);
            return true;
        }
    }

    /// <summary>After its queue pair was destroyed.</summary>
    internal void Remove(ulong idBase, int completions)
    {
        lock (_gate)
        {
            _reserved -= completions;
            _slots[SlotOf(idBase)] = null;
        }
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
        WorkCompletion* completions = stackalloc WorkCompletion[Batch];
        int* descriptors = stackalloc int[2];
        descriptors[0] = Verbs.csn_cq_descriptor(_queue);
        descriptors[1] = _waker.Descriptor;
        long lastWork = Stopwatch.GetTimestamp();
        long usualGap = _pollFor * 2; // begins asleep
        while (!_mustEnd)
        {
            if (Poll(completions))
            {
                usualGap += (Math.Min(Stopwatch.GetTimestamp() - lastWork, _pollFor * 8) - usualGap) / 4;
                lastWork = Stopwatch.GetTimestamp();
                continue;
            }

            if (usualGap <= _pollFor && Stopwatch.GetTimestamp() - lastWork <= _pollFor)
            {
                Thread.SpinWait(1);
                continue;
            }

            _ = Verbs.csn_cq_arm(_queue.Value, 0);
            if (Poll(completions))
                continue; // came before the queue was armed
            Sleeps++;
            _ = Verbs.csn_wait(descriptors, 2, -1);
            _ = Verbs.csn_cq_take(_queue.Value);
            _waker.Clear();
        }

        _queue.Dispose();
        _waker.Dispose();
        _onEnded();
    }

    private bool Poll(WorkCompletion* completions)
    {
        int count = Verbs.csn_cq_poll(_queue.Value, completions, Batch);
        if (count <= 0)
            return false;
        RdmaConnection?[] slots = Volatile.Read(ref _slots);
        for (int i = 0; i < count; i++)
        {
            RdmaConnection? connection = slots[SlotOf(completions[i].Id)];
            if (connection is null || !connection.Owns(completions[i].Id))
                continue;
            if (connection.OnCompletion(completions[i]))
                _touched.Add(connection);
        }

        foreach (RdmaConnection connection in _touched)
            connection.OnBatchEnd();
        _touched.Clear();
        return true;
    }
}
