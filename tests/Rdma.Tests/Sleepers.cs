using CloudScale.Interop.Connections;
using CloudScale.Interop.Rdma;

namespace CloudScale.Rdma.Tests;

/// <summary>Threads that look at input, arm it and sleep on its descriptor, one at a time: what the schedulers of a node are to it. A wake-up that is lost leaves them asleep.</summary>
internal sealed class Sleepers(int count) : IDisposable
{
    private readonly WakerHandle _over = WakerHandle.Create();
    private readonly List<IPolledInput> _inputs = [];
    private readonly List<Thread> _threads = [];
    private volatile bool _isOver;

    /// <summary>For <see cref="DistributionOptions.PollInput"/>.</summary>
    internal bool Take(IPolledInput input)
    {
        lock (_inputs)
        {
            if (_isOver)
                return false;
            _inputs.Add(input);
            object sleep = new();
            for (int i = 0; i < count; i++)
            {
                Thread thread = new(() => Look(input, sleep)) { IsBackground = true };
                _threads.Add(thread);
                thread.Start();
            }
        }

        return true;
    }

    private unsafe void Look(IPolledInput input, object sleep)
    {
        int* descriptors = stackalloc int[2];
        descriptors[0] = input.Descriptor;
        descriptors[1] = _over.Descriptor;
        while (!_isOver)
        {
            if (input.Poll() > 0)
                continue;
            lock (sleep)
            {
                if (!_isOver && !input.Arm())
                    _ = Verbs.csn_wait(descriptors, 2, -1);
            }
        }
    }

    /// <summary>As when schedulers stop.</summary>
    public void Dispose()
    {
        lock (_inputs)
        {
            _isOver = true;
            _over.Signal(); // and stays so
            _threads.ForEach(thread => thread.Join());
            _inputs.ForEach(input => input.PollAlone());
        }

        _over.Dispose();
    }
}
