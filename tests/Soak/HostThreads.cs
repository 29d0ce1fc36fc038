using CloudScale.Perf.Pressure;

namespace CloudScale.Soak;

/// <summary>Threads of the host that send, start, name, ask and kill from outside of any process.</summary>
/// <remarks>The account: what each thread sends to the sink comes there completely and in its order.</remarks>
internal sealed class HostThreads
{
    private const int Count = 4;
    private readonly World _world;
    private readonly Thread[] _threads;
    private readonly Pid _sink;
    private readonly long[] _sent = new long[Count];
    private readonly long[] _came = new long[Count];
    private readonly TaskCompletionSource _sinkDone = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HostThreads(World world)
    {
        _world = world;
        _sink = world.System.Spawn(Sink);
        _threads =
        [
            .. Enumerable
                .Range(0, Count)
                .Select(number => new Thread(() => Act(number, world.NewRandom(10_000 + number))) { IsBackground = true }),
        ];
        foreach (Thread thread in _threads)
            thread.Start();
    }

    /// <summary>Waits for the threads, then for the sink to have taken all.</summary>
    public async Task Finish()
    {
        foreach (Thread thread in _threads)
            await Task.Run(thread.Join);
        _world.System.Send(_sink, Atom.Of("end"));
        try
        {
            await _sinkDone.Task.WaitAsync(TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException)
        {
            _world.Check(false, "host threads: the sink did not end");
        }

        for (int number = 0; number < Count; number++)
            _world.Check(_sent[number] == _came[number], $"host threads: {_sent[number]} were sent and {_came[number]} came");
    }

    private void Act(int number, Random random)
    {
        while (!_world.Stopping)
        {
            for (int more = random.Next(50); more > 0; more--)
                _world.System.Send(_sink, ((long)number << 40) | ++_sent[number]);
            Pid stranger = _world.Stranger(random);
            switch (random.Next(6))
            {
                case 0:
                    _world.System.Exit(stranger, Atoms.Kill);
                    break;
                case 1:
                    Task<ProcessInfo?> info = _world.System.GetInfoAsync(stranger);
                    _world.Check(info.Wait(TimeSpan.FromSeconds(60)), "host threads: nobody answers what a process is doing");
                    break;
                case 2:
                    _world.System.Spawn(static async self => await self.Sleep(TimeSpan.FromMilliseconds(1)));
                    break;
                case 3:
                    _world.System.SendAfter(TimeSpan.FromMilliseconds(random.Next(5)), stranger, 1L);
                    break;
                case 4:
                    _ = _world.System.IsAlive(stranger) && _world.System.MessageQueueLength(stranger) < 0;
                    break;
                default:
                    _world.System.Send(stranger, 1L);
                    break;
            }

            Thread.Sleep(random.Next(2));
        }
    }

    private async ProcessTask Sink(Self self)
    {
        while (await self.Receive() is long message)
        {
            (int number, long place) = ((int)(message >> 40), message & ((1L << 40) - 1));
            _world.Check(place == ++_came[number], $"host threads: {place} came after {_came[number] - 1}");
            _came[number] = place;
        }

        _sinkDone.SetResult();
    }
}
