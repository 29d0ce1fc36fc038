using CloudScale.Scheduling;

namespace CloudScale.Scheduler.Tests;

/// <summary>Messages that are sent later: start_timer, send_after, cancel_timer, read_timer, and what o'clock it is.</summary>
public sealed class TimerTests
{
    private static readonly TimeSpan s_ten = TimeSpan.FromMilliseconds(10);

    private static async ProcessTask Collect(Self self, List<object> got)
    {
        while (true)
            got.Add(await self.Receive());
    }

    [Test]
    public void SendAfter_FiresInItsMillisecond_NotBefore()
    {
        SteppedSystem system = new();
        List<object> got = [];
        Pid pid = system.Run(self => Collect(self, got));
        ProcessTimer timer = system.Processes.SendAfter(s_ten, pid, 5L);
        system.Advance(9);
        Assert.That(got, Is.Empty);
        Assert.That(timer.Left, Is.EqualTo(TimeSpan.FromMilliseconds(1)));
        system.Advance(1);
        Assert.That(got, Is.EqualTo(new object[] { 5L }));
        Assert.That(timer.Left, Is.Null);
        Assert.That(timer.Cancel(), Is.False);
    }

    [Test]
    public void SendAfter_Zero_IsSentAtOnce()
    {
        SteppedSystem system = new();
        List<object> got = [];
        Pid pid = system.Run(self => Collect(self, got));
        ProcessTimer timer = system.Processes.SendAfter(TimeSpan.Zero, pid, "now");
        system.Settle();
        Assert.That(got, Is.EqualTo(new object[] { "now" }));
        Assert.That(timer.Cancel(), Is.False);
    }

    [Test]
    public void Cancel_SaysWhatWasLeft_Once()
    {
        SteppedSystem system = new();
        List<object> got = [];
        Pid pid = system.Run(self => Collect(self, got));
        ProcessTimer timer = system.Processes.SendAfter(s_ten, pid, "never");
        system.Advance(4);
        Assert.That(timer.Cancel(out TimeSpan left));
        Assert.That(left, Is.EqualTo(TimeSpan.FromMilliseconds(6)));
        Assert.That(timer.Cancel(out left), Is.False);
        Assert.That(left, Is.EqualTo(TimeSpan.Zero));
        system.Advance(20);
        Assert.That(got, Is.Empty);
    }

    [Test]
    public void StartTimer_SendsTimeoutWithItsReference()
    {
        SteppedSystem system = new();
        List<object> got = [];
        Pid pid = system.Run(self => Collect(self, got));
        ProcessTimer timer = default;
        system.Run(self =>
        {
            timer = self.StartTimer(s_ten, pid, "tick");
            return default;
        });
        Assert.That(timer.Reference.IsNone, Is.False);
        system.Advance(10);
        Assert.That(Term.AreEqual(got.Single(), Tuple.Of(Atoms.Timeout, timer.Reference, "tick")), "it outlives the process that set it");
    }

    [Test]
    public void SendAfter_ToAName_FindsItsBearerWhenItFires()
    {
        SteppedSystem system = new();
        List<object> got = [];
        ProcessTimer nobody = default;
        system.Run(self =>
        {
            self.SendAfter(s_ten, "later", "hello");
            nobody = self.SendAfter(s_ten, "nobody_at_all", "lost");
            self.StartTimer(s_ten, "later", "tick");
            return default;
        });
        system.Run(self => Collect(self, got), new SpawnOptions { Name = "later" });
        system.Advance(10);
        Assert.That(got, Has.Count.EqualTo(2).And.Contains("hello"));
        Assert.That(nobody.Left, Is.Null);
        Assert.That(system.Log.Lines, Is.Empty);
    }

    [Test]
    public void Timer_ReceiverExits_IsOver()
    {
        SteppedSystem system = new();
        Pid pid = system.Run(self => Collect(self, []));
        ProcessTimer timer = system.Processes.SendAfter(s_ten, pid, "x");
        system.Processes.Exit(pid, Atoms.Kill);
        system.Settle();
        Assert.That(timer.Left, Is.Null);
        Assert.That(timer.Cancel(), Is.False, "as on BEAM, where the exit has cancelled it");
    }

    [Test]
    public void SendAt_IsAbsolute_AndAtOnceIfPast()
    {
        SteppedSystem system = new();
        List<object> got = [];
        Pid pid = system.Run(self => Collect(self, got));
        system.Advance(5);
        Assert.That(system.Processes.MonotonicTime, Is.EqualTo(TimeSpan.FromMilliseconds(5)));
        system.Processes.SendAt(TimeSpan.FromMilliseconds(8), pid, "at 8");
        system.Processes.SendAt(TimeSpan.FromMilliseconds(3), pid, "past");
        system.Settle();
        Assert.That(got, Is.EqualTo(new object[] { "past" }));
        system.Advance(2);
        Assert.That(got, Has.Count.EqualTo(1));
        system.Advance(1);
        Assert.That(got, Is.EqualTo(new object[] { "past", "at 8" }));
    }

    [Test]
    public void Delay_Negative_IsRefused()
    {
        SteppedSystem system = new();
        Assert.That(
            () => system.Processes.SendAfter(TimeSpan.FromMilliseconds(-2), default(Pid), "x"),
            Throws.TypeOf<ArgumentOutOfRangeException>()
        );
        Assert.That(() => system.Processes.SendAfter(s_ten, default(Pid), null!), Throws.ArgumentNullException);
    }

    [Test]
    public void Time_MonotonicPlusOffset_IsTheTimeOfDay()
    {
        using ProcessSystem system = new();
        TimeSpan before = system.MonotonicTime;
        DateTimeOffset now = system.TimeOffset + system.MonotonicTime;
        Assert.That(now, Is.EqualTo(DateTimeOffset.UtcNow).Within(TimeSpan.FromMilliseconds(100)));
        Assert.That(system.MonotonicTime, Is.GreaterThanOrEqualTo(before));
    }

    [Test]
    public void Timers_SetAndCancelledByManyThreads_FireOrAreCancelled_NeverBoth()
    {
        using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 2 });
        const int each = 20_000;
        long fired = 0;
        long cancelled = 0;
        Pid sink = system.Spawn(async self =>
        {
            while (true)
            {
                await self.Receive<long>();
                Interlocked.Increment(ref fired);
            }
        });
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        using CountdownEvent done = new(4);
        async ProcessTask InAProcess(Self self, int number)
        {
            Random random = new(seed + number);
            List<ProcessTimer> open = [];
            for (int i = 0; i < each; i++)
            {
                open.Add(self.SendAfter(TimeSpan.FromMilliseconds(random.Next(1, 8)), sink, 1L));
                if (open.Count < 50)
                    continue;
                foreach (ProcessTimer timer in open)
                    Interlocked.Add(ref cancelled, random.Next(2) == 0 && timer.Cancel() ? 1 : 0);
                open.Clear();
                await self.Yield(); // on to another scheduler, perhaps
            }

            done.Signal();
        }

        void OnAThread(int number)
        {
            Random random = new(seed + number);
            for (int i = 0; i < each; i++)
            {
                ProcessTimer timer = system.SendAfter(TimeSpan.FromMilliseconds(random.Next(1, 8)), sink, 1L);
                Interlocked.Add(ref cancelled, random.Next(2) == 0 && timer.Cancel() ? 1 : 0);
            }

            done.Signal();
        }

        for (int i = 0; i < 2; i++)
        {
            int number = i;
            system.Spawn(self => InAProcess(self, number));
            new Thread(() => OnAThread(2 + number)).Start();
        }

        Assert.That(done.Wait(TimeSpan.FromSeconds(60)));
        Assert.That(
            () => Interlocked.Read(ref fired) + Interlocked.Read(ref cancelled),
            Is.EqualTo(4 * each).After(5_000, 20),
            $"{fired} fired, {cancelled} cancelled"
        );
        Assert.That(cancelled, Is.GreaterThan(1_000));
        Assert.That(fired, Is.GreaterThan(1_000));
    }
}
