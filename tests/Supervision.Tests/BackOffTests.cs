namespace CloudScale.Supervision.Tests;

/// <summary>What OTP does not have: waits before restarts, and starts that nobody waits for.</summary>
public sealed class BackOffTests : SupervisorFixture
{
    private static readonly BackOff s_doubling = new()
    {
        First = Seconds(1),
        Cap = Seconds(6),
        Jitter = 0,
        ResetAfter = Seconds(30),
    };

    private static SupervisorInit Patient(RestartStrategy strategy, params ChildSpec[] children) =>
        new(new SupervisorFlags { Strategy = strategy, Intensity = 1_000 }, children);

    [Test]
    public void Waits_GrowToTheCap_AndBeginAnewAfterAStablePeriod()
    {
        Pid supervisor = Start(Patient(RestartStrategy.OneForOne, Child("a") with { BackOff = s_doubling }));
        foreach (int expected in new[] { 1, 2, 4, 6, 6 })
            Assert.That(WaitAfterACrash(supervisor), Is.EqualTo(Seconds(expected)).Within(TimeSpan.FromMilliseconds(50)));
        Test.Advance(Seconds(29));
        Assert.That(WaitAfterACrash(supervisor), Is.EqualTo(Seconds(6)).Within(TimeSpan.FromMilliseconds(50)), "not stable yet");
        Test.Advance(Seconds(31));
        Assert.That(WaitAfterACrash(supervisor), Is.EqualTo(Seconds(1)).Within(TimeSpan.FromMilliseconds(50)));
    }

    private TimeSpan WaitAfterACrash(Pid supervisor)
    {
        Pid before = PidOf(supervisor, "a");
        TimeSpan began = Test.Processes.MonotonicTime;
        Test.Processes.Exit(before, Atoms.Kill);
        Test.Settle();
        Assert.That(Children(supervisor), Is.EqualTo("a?"));
        int lines = Journal.Lines.Count;
        Assert.That(Test.RunUntil(() => Journal.Lines.Count > lines, Seconds(60)));
        Test.Settle();
        return Test.Processes.MonotonicTime - began;
    }

    [Test]
    public void Jitter_LeavesOutUpToItsPart()
    {
        BackOff half = new()
        {
            First = Seconds(10),
            Cap = Seconds(10),
            Jitter = 0.5,
        };
        Assert.Multiple(() =>
        {
            Assert.That(half.DelayMs(0, 0), Is.EqualTo(10_000));
            Assert.That(half.DelayMs(0, 0.999_999), Is.InRange(5_000, 5_001));
            Assert.That(half.DelayMs(4_000, 0), Is.EqualTo(10_000), "the power overflows to infinity, and the cap holds");
        });
    }

    [Test]
    public void OneForAll_TheOthersStopAtOnce_AndAllStartAfterTheWait()
    {
        Pid supervisor = Start(Patient(RestartStrategy.OneForAll, Child("a") with { BackOff = s_doubling }, Child("b")));
        Journal.Take();
        End(PidOf(supervisor, "a"), Crash);
        Assert.That(Journal.Take(), Is.EqualTo("-a, -b"));
        Assert.That(Children(supervisor), Is.EqualTo("b- a?"));
        Test.Advance(Seconds(1.1));
        Assert.That(Journal.Take(), Is.EqualTo("+a, +b"));
    }

    [Test]
    public void Intensity_CountsRestartsWhenTheyAreMade()
    {
        Pid supervisor = Start(
            new SupervisorInit(new SupervisorFlags { Intensity = 1 }, [Child("a") with { BackOff = s_doubling with { Factor = 1 } }])
        );
        End(PidOf(supervisor, "a"), Crash);
        Test.Advance(Seconds(1.1));
        End(PidOf(supervisor, "a"), Crash);
        Assert.That(IsAlive(supervisor), "the second restart has not been made yet");
        Test.Advance(Seconds(1.1));
        Assert.That(IsAlive(supervisor), Is.False);
    }

    [Test]
    public void Async_InitThatTakesLong_HoldsNobodyUp()
    {
        Pid supervisor = Start(Of(RestartStrategy.OneForOne, Slow("slow", InitResult.Ok, Seconds(10)), Child("b")));
        Assert.That(Journal.Take(), Is.EqualTo("+b"));
        Assert.That(Children(supervisor), Is.EqualTo("b slow"), "it counts as running");
        Test.Advance(Seconds(11));
        Assert.That(Journal.Take(), Is.EqualTo("+slow"));
        End(PidOf(supervisor, "slow"), Crash);
        Assert.That(IsAlive(supervisor));
    }

    [Test]
    public void Async_InitThatFails_IsAFailure_AndTheNextMaySucceed()
    {
        int starts = 0;
        ChildSpec child = new(
            (Atom)"a",
            () => new SlowWorker("a", Journal, ++starts == 1 ? InitResult.Error((Atom)"why") : InitResult.Ok, Seconds(1))
        )
        {
            IsAsync = true,
            Restart = ChildRestart.Transient,
        };
        Pid supervisor = Start(Of(RestartStrategy.OneForOne, child));
        Test.Advance(Seconds(5));
        Assert.Multiple(() =>
        {
            Assert.That(starts, Is.EqualTo(2));
            Assert.That(Log.Lines.Select(line => line.Text), Has.Some.Contains("Context: start_error. Reason: why."));
            Assert.That(Children(supervisor), Is.EqualTo("a"));
        });
    }

    [Test]
    public void Async_InitThatIgnores_IsKeptAndNotRunning()
    {
        Pid supervisor = Start(Of(RestartStrategy.OneForOne, Slow("a", InitResult.Ignore, Seconds(1))));
        Test.Advance(Seconds(2));
        Assert.That(Children(supervisor), Is.EqualTo("a-"));
    }

    [Test]
    public void Async_InitBeyondItsTime_IsKilled_AndCountsAsAFailure()
    {
        Pid supervisor = Start(
            Of(
                RestartStrategy.OneForOne,
                Slow("a", InitResult.Ok, Seconds(100)) with
                {
                    Options = new StartOptions { Timeout = Seconds(1) },
                }
            )
        );
        TestProbe probe = Test.Probe();
        probe.Monitor(supervisor);
        Assert.That(probe.ExpectDown(supervisor, Seconds(30)).Reason, Is.EqualTo(Atoms.Shutdown), "four in a row are too many");
        Assert.That(Log.Lines.Count(line => line.Text.Contains("Context: start_error. Reason: timeout.")), Is.EqualTo(4));
    }

    [Test]
    public void Async_StopDuringInit_IsOrderly()
    {
        Pid supervisor = Start(Of(RestartStrategy.OneForOne, Slow("a", InitResult.Ok, Seconds(3))));
        Pid child = PidOf(supervisor, "a");
        Run(async self =>
        {
            await self.Stop(supervisor);
            return true;
        });
        Assert.That(IsAlive(child), Is.False);
    }

    private ChildSpec Slow(string id, InitResult result, TimeSpan time) =>
        new((Atom)id, () => new SlowWorker(id, Journal, result, time)) { IsAsync = true };

    private sealed class SlowWorker(string name, Journal journal, InitResult result, TimeSpan time) : GenServer
    {
        protected override async ProcessTask<InitResult> Init()
        {
            await Self.Sleep(time);
            journal.Add($"+{name}");
            return result;
        }

        protected override ProcessTask<Next> HandleCast(object request) => Stop(request);
    }
}
