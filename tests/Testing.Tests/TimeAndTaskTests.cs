namespace CloudScale.Testing.Tests;

public sealed class TimeAndTaskTests
{
    [Test]
    public void Sleep_OfADay_TakesNoRealTime()
    {
        using TestSystem test = new();
        Pid sleeper = test.Spawn(async self => await self.Sleep(TimeSpan.FromDays(1)));
        Assert.That(test.RunUntil(() => !test.Processes.IsAlive(sleeper), TimeSpan.FromDays(2)));
        Assert.That(test.Time.Elapsed, Is.EqualTo(TimeSpan.FromDays(1)));
    }

    [Test]
    public void Advance_PassesTimers_EachAtItsTime()
    {
        using TestSystem test = new();
        List<double> ticks = [];
        test.Spawn(async self =>
        {
            while (true)
            {
                await self.Sleep(TimeSpan.FromMilliseconds(30));
                ticks.Add(test.Time.Elapsed.TotalMilliseconds);
            }
        });
        test.Advance(TimeSpan.FromMilliseconds(100));
        Assert.That(ticks, Is.EqualTo(new double[] { 30, 60, 90 }));
        Assert.That(test.Time.Elapsed, Is.EqualTo(TimeSpan.FromMilliseconds(100)));
    }

    [Test]
    public void ByHand_TimePassesOnlyByAdvance()
    {
        using TestSystem test = new(new TestOptions { Time = TimePassing.ByHand });
        Pid sleeper = test.Spawn(async self => await self.Sleep(TimeSpan.FromMilliseconds(5)));
        Assert.That(() => test.Join(sleeper), Throws.TypeOf<TestFailureException>().With.Message.Contains("sleeps for another 5 ms"));
    }

    [Test]
    public void TaskDelay_OnVirtualTime_ResumesTheBody()
    {
        using TestSystem test = new();
        test.Run(async self =>
        {
            await Task.Delay(TimeSpan.FromMinutes(10), test.Time, self.ExitToken);
            Assert.That(test.Time.Elapsed, Is.EqualTo(TimeSpan.FromMinutes(10)));
        });
    }

    [Test]
    public void Task_CompletedByAnotherProcess_ResumesTheBody()
    {
        Explore.Run(
            test =>
            {
                TaskCompletionSource<int> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
                int got = 0;
                Pid waiter = test.Spawn(async self => got = await result.Task);
                Pid helper = test.Spawn(async self => result.SetResult((int)await self.Receive<long>()));
                test.Send(helper, 42L);
                test.Join(waiter, helper);
                Assert.That(got, Is.EqualTo(42));
            },
            new ExploreOptions { Schedules = 200 }
        );
    }

    [Test]
    public void PlainAsyncMethods_InABody_RunAsSteps()
    {
        using TestSystem test = new();
        async Task<int> Plain()
        {
            await Task.Yield();
            await Task.Delay(TimeSpan.FromMilliseconds(5), test.Time);
            return 7;
        }

        int got = 0;
        test.Run(async self => got = await Plain());
        Assert.That(got, Is.EqualTo(7));
    }

    [Test]
    public void Task_CompletedByAThread_IsWaitedFor()
    {
        using TestSystem test = new();
        int got = 0;
        test.Run(async self => got = await Task.Run(() => 3));
        Assert.That(got, Is.EqualTo(3));
    }

    [Test]
    public void Task_ThatNobodyCompletes_IsNamed()
    {
        using TestSystem test = new(new TestOptions { OutsidePatience = TimeSpan.FromMilliseconds(1) });
        TaskCompletionSource never = new();
        Pid waiter = test.Spawn(async self => await never.Task);
        Assert.That(
            () => test.Join(waiter),
            Throws
                .TypeOf<TestFailureException>()
                .With.Message.Contains("awaits a task that is not of this node")
                .And.Message.Contains(nameof(Task_ThatNobodyCompletes_IsNamed))
        );
        Assert.That(() => test.Run(() => never.Task), Throws.TypeOf<TestFailureException>());
    }

    [Test]
    public void Timer_OfTheProvider_FiresAgainUntilDisposed()
    {
        using TestSystem test = new();
        int fired = 0;
        using (test.Time.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)))
            test.Advance(TimeSpan.FromSeconds(6));
        Assert.That(fired, Is.EqualTo(3), "after 1, 3 and 5 seconds");
        test.Advance(TimeSpan.FromSeconds(6));
        Assert.That(fired, Is.EqualTo(3));
    }

    [Test]
    public void EndlessLoop_ThatYields_IsStopped()
    {
        using TestSystem test = new(new TestOptions { MaxSteps = 1_000 });
        test.Spawn(async self =>
        {
            while (true)
                await self.Yield();
        });
        Assert.That(test.Settle, Throws.TypeOf<TestFailureException>().With.Message.Contains("no rest after 1000 steps"));
    }

    [Test]
    public void Dispose_LeavesNothingOwned()
    {
        Owned owned = new();
        using (TestSystem test = new())
        {
            test.Spawn(async self =>
            {
                self.Own(owned);
                await self.Receive();
            });
            test.Settle();
            Assert.That(owned.Disposed, Is.False);
        }

        Assert.That(owned.Disposed);
    }

    private sealed class Owned : IDisposable
    {
        internal bool Disposed { get; private set; }

        public void Dispose() => Disposed = true;
    }
}
