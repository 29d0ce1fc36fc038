using System.Diagnostics;

namespace CloudScale.Interop.Transport;

/// <summary>A thread that writes one connection and waits meanwhile for the other side to take it, so that none of the pool has to.</summary>
/// <remarks>It comes with the first work, and goes when there has been none for a while. Work is done in order. Threads: any.</remarks>
internal sealed class WriterThread
{
    private const int StackBytes = 256 << 10;
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(10);
    private static readonly long s_spinTicks = Stopwatch.Frequency / 20_000; // 50 µs: about what it costs to be woken

    [ThreadStatic]
    private static bool t_isWriter;

    private readonly object _gate = new(); // with a condition, which Lock has not
    private readonly Queue<IThreadPoolWorkItem> _work = new();
    private int _count; // written under the gate
    private bool _isRunning;

    /// <summary>Whether the calling thread is one of these.</summary>
    internal static bool IsCurrent => t_isWriter;

    internal void Run(IThreadPoolWorkItem work)
    {
        bool starts;
        lock (_gate)
        {
            _work.Enqueue(work);
            Volatile.Write(ref _count, _work.Count);
            starts = !_isRunning;
            _isRunning = true;
            if (!starts)
                Monitor.Pulse(_gate);
        }

        if (starts)
            new Thread(Loop, StackBytes) { IsBackground = true, Name = "writes a connection" }.Start();
    }

    private void Loop()
    {
        t_isWriter = true;
        while (TryTake() is { } work)
            work.Execute();
    }

    private IThreadPoolWorkItem? TryTake()
    {
        // In a stream the next is not far.
        for (long began = Stopwatch.GetTimestamp(); Volatile.Read(ref _count) == 0; )
        {
            if (Stopwatch.GetTimestamp() - began >= s_spinTicks)
                break;
            Thread.Yield();
        }

        lock (_gate)
        {
            while (_work.Count == 0)
            {
                if (Monitor.Wait(_gate, s_idle) || _work.Count > 0)
                    continue;
                _isRunning = false;
                return null;
            }

            IThreadPoolWorkItem work = _work.Dequeue();
            Volatile.Write(ref _count, _work.Count);
            return work;
        }
    }
}
