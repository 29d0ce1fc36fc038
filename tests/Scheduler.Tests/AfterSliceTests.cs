using CloudScale.Scheduling;

namespace CloudScale.Scheduler.Tests;

/// <summary>Work that is put off to the end of what a scheduler has to run.</summary>
public sealed class AfterSliceTests
{
    private sealed class Item(Action action) : IThreadPoolWorkItem
    {
        public void Execute() => action();
    }

    private static TaskCompletionSource<T> Completion<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Test]
    public void TryDefer_OnAnotherThread_IsRefused() => Assert.That(ProcessSystem.TryDefer(new Item(() => { })), Is.False);

    [Test]
    public async Task TryDefer_InABody_IsDoneOnceWhenItWaits()
    {
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 1 });
        TaskCompletionSource<bool> done = Completion<bool>();
        int times = 0;
        system.Spawn(async self =>
        {
            Item item = new(() =>
            {
                if (Interlocked.Increment(ref times) == 2)
                    done.TrySetResult(true);
            });
            Assert.That(ProcessSystem.TryDefer(item) && ProcessSystem.TryDefer(item));
            await self.Receive();
        });
        Assert.That(await done.Task.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.That(times, Is.EqualTo(2));
    }

    [Test]
    public async Task TryDefer_WhileTheBodyComputes_IsDoneByTheWatchdog()
    {
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 1 });
        using ManualResetEventSlim done = new();
        TaskCompletionSource<bool> seen = Completion<bool>();
        system.Spawn(_ =>
        {
            Assert.That(ProcessSystem.TryDefer(new Item(done.Set)));
            seen.SetResult(done.Wait(TimeSpan.FromSeconds(20))); // the slice goes on all the while
            return ProcessTask.Completed;
        });
        Assert.That(await seen.Task);
    }

    [Test]
    public async Task TryDefer_BeforeBlocking_IsDoneFirst()
    {
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 1 });
        TaskCompletionSource<bool> first = Completion<bool>();
        system.Spawn(self =>
        {
            bool done = false;
            ProcessSystem.TryDefer(new Item(() => done = true));
            first.SetResult(self.Blocking(() => done));
            return ProcessTask.Completed;
        });
        Assert.That(await first.Task);
    }

    [Test]
    public async Task TryDefer_WhileOthersRun_IsDoneAfterSomeSlices()
    {
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 1 });
        TaskCompletionSource<int> slices = Completion<int>();
        system.Spawn(async self =>
        {
            int count = 0;
            bool done = false;
            ProcessSystem.TryDefer(new Item(() => done = true));
            while (!done) // there is always something to run: this process
            {
                count++;
                await self.Yield();
            }

            slices.SetResult(count);
        });
        Assert.That(await slices.Task.WaitAsync(TimeSpan.FromSeconds(20)), Is.LessThanOrEqualTo(9));
    }

    /// <summary>What is put off may release senders that were held, when nothing else is to be run.</summary>
    [TestCase(1)]
    [TestCase(2)]
    public async Task TryDefer_OfWorkThatWakesAProcess_TheProcessRuns(int schedulers)
    {
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = schedulers });
        for (int turn = 0; turn < 100; turn++)
        {
            TaskCompletionSource<bool> waits = Completion<bool>();
            TaskCompletionSource<bool> woken = Completion<bool>();
            Pid sleeper = system.Spawn(async self =>
            {
                waits.SetResult(true);
                await self.Receive<long>();
                woken.SetResult(true);
            });
            await waits.Task;
            while (await system.GetInfoAsync(sleeper) is not { Status: ProcessStatus.Waiting })
                await Task.Yield();
            Pid speaker = system.Spawn(async self =>
            {
                Assert.That(ProcessSystem.TryDefer(new Item(() => system.Send(sleeper, 1L))));
                await self.Receive();
            });
            Assert.That(await woken.Task.WaitAsync(TimeSpan.FromSeconds(20)));
            system.Exit(speaker, Atom.Of("kill"));
        }
    }

    /// <summary>The watchdog would find it, too, tens of milliseconds later.</summary>
    [Test]
    public async Task TryDefer_ByATimerThatIsDueInASearch_IsDoneByTheScheduler()
    {
        ManualTime time = new();
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 1, TimeProvider = time });
        TaskCompletionSource<string?> by = Completion<string?>();
        system.Remote = new FarNode
        {
            OnSend = _ => Assert.That(ProcessSystem.TryDefer(new Item(() => by.SetResult(Thread.CurrentThread.Name)))),
        };
        Lookout lookout = new();
        if (!system.TryAddInput(lookout))
            Assert.Ignore("schedulers wait for descriptors on Linux only");
        Pid far = new(new NodeIdentity(Atom.Of("far@away"), 7), 42);
        Pid speaker = system.Spawn(async self =>
        {
            while (true)
            {
                await self.Receive();
                self.SendAfter(TimeSpan.FromMilliseconds(100), far, 1L);
                lookout.AtNextLook(() => time.Advance(TimeSpan.FromSeconds(1)));
            }
        });
        for (int turn = 0; turn < 20; turn++)
        {
            by = Completion<string?>();
            system.Send(speaker, 1L);
            Assert.That(await by.Task.WaitAsync(TimeSpan.FromSeconds(20)), Does.StartWith("scheduler"));
        }
    }

    /// <summary>Brings nothing; does something when a scheduler looks.</summary>
    private sealed class Lookout : IInputSource
    {
        private Action? _action;

        public int Descriptor => -1;

        public int Poll()
        {
            Interlocked.Exchange(ref _action, null)?.Invoke();
            return 0;
        }

        public void OnStopped() { }

        internal void AtNextLook(Action action) => Volatile.Write(ref _action, action);
    }
}
