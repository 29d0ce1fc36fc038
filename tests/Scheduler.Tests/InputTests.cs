using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Pipes;
using CloudScale.Scheduling;

namespace CloudScale.Scheduler.Tests;

/// <summary>Sources of input that schedulers look at: nothing is lost and the order is kept, whoever looks.</summary>
[NonParallelizable]
public sealed class InputTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_gather = TimeSpan.FromMicroseconds(49);

    private static TaskCompletionSource<T> Completion<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Numbers for one process; a byte in a pipe for each, so that the source has a descriptor.</summary>
    private sealed class Source : IInputSource, IDisposable
    {
        private readonly AnonymousPipeServerStream _writer = new(PipeDirection.Out);
        private readonly AnonymousPipeClientStream _reader;
        private readonly ConcurrentQueue<long> _numbers = new();
        private int _isRead;
        private long _polls;

        public Source() => _reader = new AnonymousPipeClientStream(PipeDirection.In, _writer.ClientSafePipeHandle);

        public Action<long> Deliver { get; set; } = _ => { };

        public TaskCompletionSource Stopped { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Descriptor => (int)_reader.SafePipeHandle.DangerousGetHandle();

        public long Polls => Volatile.Read(ref _polls);

        public ConcurrentDictionary<string, bool> Threads { get; } = new();

        public void Put(long number)
        {
            _writer.WriteByte(1); // readable a moment too early, which costs a look
            _numbers.Enqueue(number);
        }

        public int Poll()
        {
            Interlocked.Increment(ref _polls);
            if (Interlocked.Exchange(ref _isRead, 1) != 0)
                return 0;
            bool found = _numbers.TryDequeue(out long number);
            if (found)
            {
                _reader.ReadByte();
                Threads[Thread.CurrentThread.Name ?? ""] = true;
                Deliver(number);
            }

            Volatile.Write(ref _isRead, 0);
            return found ? 1 : 0;
        }

        public void OnStopped() => Stopped.SetResult();

        public void Dispose()
        {
            _reader.Dispose();
            _writer.Dispose();
        }
    }

    /// <summary>Always has so many signals, and keeps the times of the first looks.</summary>
    private sealed class Flow : IInputSource, IDisposable
    {
        private readonly AnonymousPipeServerStream _writer = new(PipeDirection.Out);
        private readonly int _signals;
        private int _looks;

        internal Flow(int signals, int looks)
        {
            _signals = signals;
            Times = new long[looks];
            _writer.WriteByte(1);
        }

        public int Descriptor => (int)_writer.ClientSafePipeHandle.DangerousGetHandle();

        public long[] Times { get; }

        public TaskCompletionSource Over { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Poll()
        {
            int look = Interlocked.Increment(ref _looks) - 1;
            if (look >= Times.Length)
                return 0;
            Times[look] = Stopwatch.GetTimestamp();
            if (look == Times.Length - 1)
                Over.SetResult();
            return _signals;
        }

        public void OnStopped() { }

        public void Dispose() => _writer.Dispose();
    }

    private static void RequireLinux()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Ignore("schedulers wait for descriptors on Linux only");
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(4)]
    public async Task Numbers_WhileSchedulersSleepWorkAndBlock_ComeAllAndInOrder(int schedulers)
    {
        RequireLinux();
        const int Count = 20_000;
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        using Source source = new();
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = schedulers });
        TaskCompletionSource<string> end = Completion<string>();
        Pid receiver = system.Spawn(async self =>
        {
            for (long expected = 0; expected < Count; expected++)
            {
                long got = await self.Receive<long>();
                if (got != expected)
                    end.TrySetResult($"{got} where {expected} belongs");
            }

            end.TrySetResult("");
        });
        source.Deliver = number => system.Send(receiver, number);
        Assert.That(system.TryAddInput(source));

        Random random = new(seed);
        for (int number = 0; number < Count; number++)
        {
            source.Put(number);
            switch (random.Next(200))
            {
                case 0: // long enough for all to fall asleep
                    await Task.Delay(1);
                    break;
                case 1: // all busy
                    for (int i = 0; i < schedulers; i++)
                        system.Spawn(async self =>
                        {
                            for (int turn = 0; turn < 300; turn++)
                                await self.Yield();
                        });
                    break;
                case 2: // one is held up, until the watchdog replaces it
                    if (random.Next(20) == 0)
                        system.Spawn(_ => Block(TimeSpan.FromMilliseconds(20)));
                    break;
                case < 20: // about as long as they search
                    Thread.SpinWait(random.Next(2_000));
                    break;
                default:
                    break;
            }
        }

        Assert.That(await end.Task.WaitAsync(s_patience), Is.Empty);
        TestContext.Out.WriteLine($"{source.Polls} looks, found by: {string.Join(", ", source.Threads.Keys.Order())}");
    }

    private static ProcessTask Block(TimeSpan time)
    {
        using ManualResetEventSlim never = new();
        never.Wait(time);
        return ProcessTask.Completed;
    }

    [Test]
    public async Task Source_WhileTheSchedulerIsAlwaysBusy_IsLookedAtBetweenSlices()
    {
        RequireLinux();
        using Source source = new();
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 1 });
        TaskCompletionSource<string> found = null!;
        source.Deliver = _ => found.TrySetResult(Thread.CurrentThread.Name!);
        Assert.That(system.TryAddInput(source));
        TaskCompletionSource running = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Pid busy = system.Spawn(async self =>
        {
            running.SetResult();
            while (true)
                await self.Yield();
        });
        await running.Task;
        List<string> by = [];
        for (int number = 0; number < 20 && !by.Exists(static name => name.StartsWith("scheduler", StringComparison.Ordinal)); number++)
        {
            // Where the machine holds the scheduler up, the watchdog looks in its place.
            found = Completion<string>();
            source.Put(number);
            by.Add(await found.Task.WaitAsync(s_patience));
        }

        Assert.That(by, Has.Some.StartsWith("scheduler"));
        system.Exit(busy, Atom.Of("kill"));
    }

    [Test]
    public async Task Source_WhileEverySchedulerIsHeldUp_IsLookedAtByTheWatchdog()
    {
        RequireLinux();
        using Source source = new();
        using ManualResetEventSlim release = new();
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 1, MaxBlockedSchedulers = 0 });
        TaskCompletionSource<string> found = Completion<string>();
        source.Deliver = _ => found.TrySetResult(Thread.CurrentThread.Name!);
        Assert.That(system.TryAddInput(source));
        TaskCompletionSource running = new(TaskCreationOptions.RunContinuationsAsynchronously);
        system.Spawn(_ =>
        {
            running.SetResult();
            release.Wait(s_patience);
            return ProcessTask.Completed;
        });
        await running.Task;
        source.Put(1);
        string by = await found.Task.WaitAsync(s_patience);
        release.Set();
        Assert.That(by, Does.StartWith("watchdog"));
    }

    [Test]
    public async Task Source_WhereNothingComes_IsNotLookedAt()
    {
        RequireLinux();
        using Source source = new();
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 2 });
        TaskCompletionSource found = new(TaskCreationOptions.RunContinuationsAsynchronously);
        source.Deliver = _ => found.TrySetResult();
        Assert.That(system.TryAddInput(source));
        source.Put(1);
        await found.Task.WaitAsync(s_patience);
        long looks = -1;
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(300));
        using CancellationTokenSource patience = new(s_patience);
        while (source.Polls != looks) // after a last search everybody sleeps, the watchdog too
        {
            looks = source.Polls;
            Assert.That(await timer.WaitForNextTickAsync(patience.Token));
        }
    }

    [TestCase(1, ExpectedResult = true)]
    [TestCase(2, ExpectedResult = true)]
    [TestCase(3, ExpectedResult = false)]
    public async Task<bool> Signals_ThatComeAFewAtATimeAndAtOnce_AreLetGather(int signals)
    {
        RequireLinux();
        const int Looks = 2_000;
        using Flow flow = new(signals, Looks);
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 1 });
        Assert.That(system.TryAddInput(flow));
        system.Spawn(static _ => ProcessTask.Completed); // afterwards there is nothing to do but to look
        await flow.Over.Task.WaitAsync(s_patience);

        // Every other look has to wait for them; some windows count wrongly, where the machine held the thread up.
        int slow = Enumerable
            .Range(0, Looks - 2)
            .Count(look => Stopwatch.GetElapsedTime(flow.Times[look], flow.Times[look + 2]) >= s_gather);
        TestContext.Out.WriteLine($"{slow} of {Looks - 2} windows of three looks");
        Assert.That(slow, Is.LessThan(Looks / 10).Or.GreaterThan(Looks * 9 / 10));
        return slow > Looks / 2;
    }

    [Test]
    public async Task Source_WhenTheSchedulersHaveStopped_IsToldOnce_AndNoneIsTaken()
    {
        RequireLinux();
        using Source source = new();
        using Source late = new();
        ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 2 });
        Assert.That(system.TryAddInput(source));
        await system.StopAsync();
        Assert.That(source.Stopped.Task.IsCompletedSuccessfully);
        Assert.That(system.TryAddInput(late), Is.False);
        await system.DisposeAsync();
    }

    [Test]
    public async Task Answer_ThatNeedsNoProcess_IsNotPutOffFurther()
    {
        RequireLinux();
        using Source source = new();
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 1 });
        TaskCompletionSource<bool> done = Completion<bool>();
        source.Deliver = _ => Defer(() => done.SetResult(true));
        Assert.That(system.TryAddInput(source));
        source.Put(1);
        Assert.That(await done.Task.WaitAsync(s_patience));
    }

    [Test]
    public async Task Answer_ThatWakesAProcess_TheProcessRuns()
    {
        RequireLinux();
        using Source source = new();
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 1 });
        using SemaphoreSlim got = new(0);
        Pid receiver = system.Spawn(async self =>
        {
            while (true)
            {
                await self.Receive<long>();
                got.Release();
            }
        });
        source.Deliver = number => Defer(() => system.Send(receiver, number));
        Assert.That(system.TryAddInput(source));
        for (int number = 0; number < 100; number++)
        {
            source.Put(number);
            Assert.That(await got.WaitAsync(s_patience), $"number {number}");
        }
    }

    /// <summary>After the slice; at once on the watchdog's thread, which looks where no scheduler has found the time.</summary>
    private static void Defer(Action action)
    {
        if (!ProcessSystem.TryDefer(new Item(action)))
            action();
    }

    private sealed class Item(Action action) : IThreadPoolWorkItem
    {
        public void Execute() => action();
    }
}
