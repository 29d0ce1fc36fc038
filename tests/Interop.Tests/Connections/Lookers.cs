using System.Collections.Concurrent;
using CloudScale.Interop.Connections;
using CloudScale.Interop.Transport;
using Microsoft.Win32.SafeHandles;

namespace CloudScale.Interop.Tests.Connections;

/// <summary>Threads that look at what comes over connections, in turns that a seed decides: what schedulers are to a node.</summary>
internal sealed class Lookers(int count, int seed) : IDisposable
{
    private readonly List<IPolledInput> _inputs = [];
    private readonly List<Thread> _threads = [];
    private readonly ConcurrentQueue<IThreadPoolWorkItem> _deferred = new();
    private readonly ManualResetEventSlim _mayLook = new(initialState: true);
    private long _found;
    private int _who;
    private volatile bool _isOver;

    /// <summary>How often another thread than the last found something.</summary>
    internal long Changes => Volatile.Read(ref _found);

    /// <summary>Nobody looks any more until <see cref="Resume"/>; a look that has begun ends.</summary>
    internal void Hold() => _mayLook.Reset();

    internal void Resume() => _mayLook.Set();

    /// <summary>Whether something would wake a scheduler that sleeps.</summary>
    internal bool IsAnyReady()
    {
        lock (_inputs)
            return _inputs.Any(IsReady);
    }

    /// <summary>For <see cref="DistributionOptions.PollInput"/>.</summary>
    internal bool Take(IPolledInput input)
    {
        lock (_inputs)
        {
            if (_isOver)
                return false;
            _inputs.Add(input);
            for (int i = 1; i <= count; i++)
            {
                int who = i;
                Thread thread = new(() => Look(input, who)) { IsBackground = true };
                _threads.Add(thread);
                thread.Start();
            }
        }

        return true;
    }

    /// <summary>For <see cref="DistributionOptions.Defer"/>: one of the threads does it, as schedulers write what their processes say.</summary>
    internal bool TryDefer(IThreadPoolWorkItem item)
    {
        lock (_inputs)
        {
            if (_isOver)
                return false;
            _deferred.Enqueue(item);
            return true;
        }
    }

    private static bool IsReady(IPolledInput input)
    {
        Assert.That(Epoll.TryMake(out SafeFileHandle? set));
        using SafeFileHandle descriptor = new(input.Descriptor, ownsHandle: false);
        using (set)
        {
            Assert.That(Epoll.TrySet(set!, descriptor, 1, Epoll.Interest.None, Epoll.Interest.Readable));
            return Epoll.Wait(set!, stackalloc int[1], 0) > 0;
        }
    }

    private void Look(IPolledInput input, int who)
    {
        Random random = new(seed + who);
        while (!_isOver)
        {
            _mayLook.Wait();
            RunDeferred();
            for (int i = random.Next(20); i >= 0 && !_isOver; i--)
            {
                if (input.Poll() > 0 && Interlocked.Exchange(ref _who, who) != who)
                    Interlocked.Increment(ref _found);
            }

            if (random.Next(4) == 0)
                Thread.SpinWait(random.Next(5_000));
            else
                Thread.Yield();
        }
    }

    private void RunDeferred()
    {
        while (_deferred.TryDequeue(out IThreadPoolWorkItem? item))
            item.Execute();
    }

    /// <summary>As when schedulers stop.</summary>
    public void Dispose()
    {
        lock (_inputs)
        {
            _isOver = true;
            Resume();
            _threads.ForEach(thread => thread.Join());
            _threads.Clear();
            RunDeferred();
            _inputs.ForEach(input => input.PollAlone());
        }
    }
}
