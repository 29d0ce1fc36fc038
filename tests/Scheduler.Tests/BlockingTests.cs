using System.Diagnostics;
using CloudScale.Scheduling;

namespace CloudScale.Scheduler.Tests;

/// <summary>Bodies that block their thread: others go on.</summary>
[NonParallelizable]
public sealed class BlockingTests
{
    private static TaskCompletionSource<T> Completion<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Test]
    public async Task BlockedBody_DelaysNobodyElse()
    {
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 2 });
        using ManualResetEventSlim release = new();
        TaskCompletionSource<double> worst = Completion<double>();
        using Jitter machine = new();
        // A heartbeat on the same schedulers, and two bodies that block both of them.
        system.Spawn(async self =>
        {
            double longest = 0;
            for (int i = 0; i < 400; i++) // at least two seconds
            {
                long before = Stopwatch.GetTimestamp();
                await self.Sleep(TimeSpan.FromMilliseconds(5));
                longest = Math.Max(longest, Stopwatch.GetElapsedTime(before).TotalMilliseconds - 5);
                if (i == 20)
                {
                    self.Spawn(_ => Block(release));
                    self.Spawn(_ => Block(release));
                }
            }

            worst.SetResult(longest);
        });
        double delay = await worst.Task;
        release.Set();
        double jitter = machine.WorstMs;
        TestContext.Out.WriteLine($"worst delay {delay:F1} ms; of a plain thread's heartbeat in the same time {jitter:F1} ms");
        Assert.That(
            delay - jitter,
            Is.LessThan(50),
            "milliseconds beyond the heartbeat's own 5, and beyond what the machine itself delays"
        );
    }

    private static ProcessTask Block(ManualResetEventSlim release)
    {
        release.Wait(TimeSpan.FromSeconds(30));
        return default;
    }

    [Test]
    public async Task HundredBlockedBodies_TheNodeGoesOn_AndTheThreadsComeBack()
    {
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 2 });
        using ManualResetEventSlim release = new();
        int released = 0;
        for (int i = 0; i < 100; i++)
        {
            system.Spawn(_ =>
            {
                release.Wait(TimeSpan.FromSeconds(30));
                Interlocked.Increment(ref released);
                return default;
            });
        }

        TaskCompletionSource<long> done = Completion<long>();
        system.Spawn(async self =>
        {
            for (int i = 0; i < 1_000; i++)
            {
                Pid child = self.SpawnMonitor(async other => await other.Yield(), out _);
                await self.Receive<Down>();
            }

            done.SetResult(system.Statistics.Threads);
        });
        Task first = await Task.WhenAny(done.Task, Task.Delay(TimeSpan.FromSeconds(10)));
        Assert.That(first, Is.SameAs(done.Task), "others run while a hundred block");
        TestContext.Out.WriteLine($"{done.Task.Result} threads");
        release.Set();
        Assert.That(() => system.ProcessCount, Is.Zero.After(10_000, 10));
        Assert.That(released, Is.EqualTo(100));
    }

    [Test]
    public async Task Blocking_HandsTheSchedulerOverAtOnce()
    {
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 1 });
        using ManualResetEventSlim release = new();
        TaskCompletionSource<int> result = Completion<int>();
        TaskCompletionSource other = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Pid blocked = system.Spawn(async self =>
        {
            int value = self.Blocking(() =>
            {
                release.Wait(TimeSpan.FromSeconds(30));
                return 42;
            });
            await self.Receive<string>();
            result.SetResult(value);
        });
        system.Spawn(self =>
        {
            self.Send(blocked, "go");
            other.SetResult();
            return default;
        });
        await other.Task.WaitAsync(TimeSpan.FromSeconds(10));
        release.Set();
        Assert.That(await result.Task.WaitAsync(TimeSpan.FromSeconds(10)), Is.EqualTo(42));
    }

    /// <summary>The same heartbeat on a thread of its own: what the operating system delays anyone, however the node behaves.</summary>
    private sealed class Jitter : IDisposable
    {
        private readonly ManualResetEventSlim _stop = new();
        private readonly Thread _thread;
        private double _worst;

        internal Jitter()
        {
            _thread = new Thread(() =>
            {
                long before = Stopwatch.GetTimestamp();
                while (!_stop.Wait(5))
                {
                    Volatile.Write(ref _worst, Math.Max(_worst, Stopwatch.GetElapsedTime(before).TotalMilliseconds - 5));
                    before = Stopwatch.GetTimestamp();
                }
            });
            _thread.Start();
        }

        internal double WorstMs => Volatile.Read(ref _worst);

        public void Dispose()
        {
            _stop.Set();
            _thread.Join();
            _stop.Dispose();
        }
    }
}
