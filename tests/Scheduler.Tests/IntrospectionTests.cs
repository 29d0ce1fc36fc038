using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using CloudScale.Scheduling;

namespace CloudScale.Scheduler.Tests;

/// <summary>What a node shows of itself: counters, traces, the watch for what is out of the ordinary, metrics, events.</summary>
public sealed class IntrospectionTests
{
    private static async ProcessTask Forever(Self self)
    {
        while (true)
            await self.Receive();
    }

    // ---- traces ----

    [TestCase(null, false, true)]
    [TestCase("0x1ffffff", false, true, TestName = "a byte less than 32 MB")]
    [TestCase("2000000", false, false)]
    [TestCase("0X4000000", false, false)]
    [TestCase("nonsense", false, true)]
    [TestCase(null, true, false, TestName = "the server collector")]
    public void CollectorHint_ManyProcesses_WarnsOnceIfTheYoungestGenerationIsSmall(string? setting, bool isServer, bool warns)
    {
        CollectingLogger logger = new();
        Scheduling.CollectorHint hint = new(setting, isServer);
        hint.Look(Scheduling.CollectorHint.ManyProcesses - 1, logger);
        Assert.That(logger.Lines, Is.Empty, "too few to speak of");
        for (int i = 0; i < 3; i++)
            hint.Look(Scheduling.CollectorHint.ManyProcesses, logger);
        Assert.That(logger.Lines, Has.Count.EqualTo(warns ? 1 : 0));
        if (warns)
            Assert.That(logger.Lines.Single(), Does.Contain("DOTNET_GCgen0size=0x4000000"));
    }

    [Test]
    public void Trace_SendAndReceive_ShowBothEnds_InOrder()
    {
        SteppedSystem system = new();
        List<TraceEvent> events = [];
        Pid receiver = system.Run(Forever);
        Pid sender = system.Run(async self =>
        {
            await self.Receive<Atom>();
            self.Send(receiver, 1L);
            self.Send(receiver, "two");
            self.Send(default(Pid), "nobody");
        });
        using TraceSession trace = system.Processes.Trace(events.Add);
        Assert.That(trace.Add(sender, TraceFlags.Send));
        Assert.That(trace.Add(receiver, TraceFlags.Receive));
        system.Settle();
        system.Processes.Send(sender, Atoms.Ok);
        system.Settle();
        Assert.That(
            events.Where(e => e.Pid == sender).Select(e => (e.Kind, e.Data, e.Other)),
            Is.EqualTo(
                new (TraceKind, object?, object?)[]
                {
                    (TraceKind.Send, 1L, receiver),
                    (TraceKind.Send, "two", receiver),
                    (TraceKind.Send, "nobody", default(Pid)),
                }
            )
        );
        Assert.That(
            events.Where(e => e.Pid == receiver).Select(e => (e.Kind, e.Data)),
            Is.EqualTo(new (TraceKind, object?)[] { (TraceKind.Receive, 1L), (TraceKind.Receive, "two") })
        );
    }

    [Test]
    public void Trace_Receive_ShowsReportsAndAliasMessagesThatAreLetIn()
    {
        SteppedSystem system = new();
        List<TraceEvent> events = [];
        Pid dying = system.Run(Forever);
        Reference alias = default;
        Pid pid = system.Run(async self =>
        {
            alias = self.Alias(AliasMode.Reply);
            self.Monitor(dying);
            await Forever(self);
        });
        using TraceSession trace = system.Processes.Trace(events.Add);
        trace.Add(pid, TraceFlags.Receive);
        system.Settle();
        system.Processes.Send(alias, "in");
        system.Settle();
        system.Processes.Send(alias, "dropped");
        system.Processes.Exit(dying, "boom");
        system.Settle();
        Assert.That(events.Select(e => e.Data), Has.Exactly(2).Items);
        Assert.That(events[0].Data, Is.EqualTo("in"));
        Assert.That(events[1].Data, Is.TypeOf<Down>());
    }

    [Test]
    public void Trace_Processes_ShowsSpawnLinkUnlinkExit_AndChildrenWhereAskedTo()
    {
        SteppedSystem system = new();
        List<TraceEvent> events = [];
        Pid peer = system.Run(Forever);
        Pid child = default;
        Pid pid = system.Run(async self =>
        {
            await self.Receive();
            self.Link(peer);
            self.Unlink(peer);
            child = self.Spawn(inner => inner.Receive() is { } ? default : default);
            self.Exit("done");
        });
        using TraceSession trace = system.Processes.Trace(events.Add);
        trace.Add(pid, TraceFlags.Processes | TraceFlags.SetOnSpawn);
        system.Settle();
        system.Processes.Send(pid, "go");
        system.Settle();
        Assert.That(
            events.Where(e => e.Pid == pid).Select(e => (e.Kind, e.Data, e.Other)),
            Is.EqualTo(
                new (TraceKind, object?, object?)[]
                {
                    (TraceKind.Link, null, peer),
                    (TraceKind.Unlink, null, peer),
                    (TraceKind.Spawn, null, child),
                    (TraceKind.Exit, "done", null),
                }
            )
        );
        Assert.That(
            events.Where(e => e.Pid == child).Select(e => (e.Kind, e.Data, e.Other)),
            Is.EqualTo(new (TraceKind, object?, object?)[] { (TraceKind.Spawned, null, pid), (TraceKind.Exit, Atoms.Normal, null) })
        );
    }

    [Test]
    public void Trace_Running_AlternatesInAndOut_AndEndsWithTheSession()
    {
        SteppedSystem system = new();
        List<TraceEvent> events = [];
        Pid pid = system.Run(Forever);
        TraceSession trace = system.Processes.Trace(events.Add);
        trace.Add(pid, TraceFlags.Running);
        system.Settle();
        events.Clear();
        for (long i = 0; i < 3; i++)
        {
            system.Processes.Send(pid, i);
            system.Settle();
        }

        Assert.That(
            events.Select(e => e.Kind),
            Is.EqualTo(Enumerable.Repeat<TraceKind[]>([TraceKind.In, TraceKind.Out], 3).SelectMany(pair => pair))
        );
        trace.Dispose();
        events.Clear();
        system.Processes.Send(pid, 4L);
        system.Settle();
        Assert.That(events, Is.Empty);
        Assert.That(() => trace.Add(pid, TraceFlags.All), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void Trace_New_CatchesProcessesFromTheirFirstInstant_AndTwoSessionsDoNotMix()
    {
        SteppedSystem system = new();
        List<TraceEvent> first = [];
        List<TraceEvent> second = [];
        using TraceSession all = system.Processes.Trace(first.Add);
        using TraceSession none = system.Processes.Trace(second.Add);
        all.AddNew(TraceFlags.Processes);
        Pid pid = system.Run(_ => default);
        Assert.That(first.Select(e => (e.Kind, e.Pid)), Is.EqualTo(new[] { (TraceKind.Spawned, pid), (TraceKind.Exit, pid) }));
        Assert.That(second, Is.Empty);
        all.AddNew(TraceFlags.None);
        system.Run(_ => default);
        Assert.That(first, Has.Count.EqualTo(2));
    }

    [Test]
    public void Trace_ToAProcess_ArrivesAsMessages_AndItselfCannotBeTraced()
    {
        SteppedSystem system = new();
        List<object> got = [];
        Pid tracer = system.Run(async self =>
        {
            while (true)
                got.Add(await self.Receive());
        });
        Pid pid = system.Run(Forever);
        using TraceSession trace = system.Processes.Trace(tracer);
        trace.AddAll(TraceFlags.Receive);
        Assert.That(() => trace.Add(tracer, TraceFlags.Receive), Throws.ArgumentException);
        system.Settle();
        system.Processes.Send(pid, "x");
        system.Settle();
        TraceEvent shown = (TraceEvent)got.Single();
        Assert.That(
            Term.AreEqual(shown.ToTerm(), Tuple.Of("trace_ts".ToAtom(), pid, "receive".ToAtom(), "x", (long)shown.At.TotalMicroseconds))
        );
        Assert.That(trace.Add(system.Run(_ => default), TraceFlags.All), Is.False, "it is not alive");
    }

    [Test]
    public void Trace_GarbageCollection_IsTold()
    {
        SteppedSystem system = new();
        ConcurrentQueue<TraceEvent> events = new();
        using TraceSession trace = system.Processes.Trace(events.Enqueue);
        trace.AddNew(TraceFlags.GarbageCollection);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.That(() => events.Count, Is.GreaterThan(0).After(5_000, 10));
        Assert.That(events.First().Kind, Is.EqualTo(TraceKind.GarbageCollection));
    }

    // ---- system monitor ----

    [Test]
    public async Task MonitorSystem_LongScheduleAndBlockedScheduler_NameTheProcess()
    {
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 1 });
        ConcurrentQueue<SystemEvent> events = new();
        system.MonitorSystem(
            new SystemMonitorOptions { LongSchedule = TimeSpan.FromMilliseconds(50), BlockedScheduler = true },
            events.Enqueue
        );
        using ManualResetEventSlim go = new();
        Pid stuck = system.Spawn(_ =>
        {
            go.Wait(TimeSpan.FromSeconds(20));
            return default;
        });
        using ManualResetEventSlim other = new();
        system.Spawn(_ =>
        {
            other.Set();
            return default;
        });
        Assert.That(other.Wait(TimeSpan.FromSeconds(20)), "a spare runs what waits behind the stuck body");
        Assert.That(() => events.Any(e => e.Kind == SystemEventKind.BlockedScheduler && e.Pid == stuck), Is.True.After(5_000, 5));
        SpinWait.SpinUntil(() => false, TimeSpan.FromMilliseconds(60)); // the slice has to become long
        go.Set();
        Assert.That(
            () => events.Any(e => e.Kind == SystemEventKind.LongSchedule && e.Pid == stuck && e.Value >= 50_000),
            Is.True.After(5_000, 5)
        );
        system.MonitorSystem(null);
    }

    [Test]
    public void MonitorSystem_LongMailbox_IsToldOnce_AndAgainAfterItWasShort()
    {
        SteppedSystem system = new();
        List<SystemEvent> events = [];
        system.Processes.MonitorSystem(new SystemMonitorOptions { LongMailbox = 10 }, events.Add);
        Pid pid = system.Run(async self =>
        {
            while (true)
            {
                await self.Receive<Atom>();
                while ((await self.TryReceive<long>(TimeSpan.Zero)).HasValue) { }
            }
        });
        for (int round = 1; round <= 2; round++)
        {
            for (long i = 0; i < 30; i++)
            {
                system.Processes.Send(pid, i);
                system.Settle();
            }

            Assert.That(events, Has.Count.EqualTo(round));
            Assert.That(events[^1], Is.EqualTo(new SystemEvent(SystemEventKind.LongMailbox, pid, events[^1].Value)));
            system.Processes.Send(pid, Atoms.Ok);
            system.Settle();
            system.Processes.Send(pid, Atoms.Ok);
            system.Settle();
        }
    }

    [Test]
    public void MonitorSystem_LargeMessage_IsMeasuredOnEverySend()
    {
        SteppedSystem system = new();
        List<SystemEvent> events = [];
        Pid pid = system.Run(Forever);
        system.Processes.MonitorSystem(new SystemMonitorOptions { LargeMessageBytes = 10_000 }, events.Add);
        system.Run(self =>
        {
            self.Send(pid, new byte[100]);
            self.Send(pid, Tuple.Of("nested", List.Of(new byte[20_000])));
            self.Send(pid, new string('x', 6_000));
            return default;
        });
        Assert.That(events.Select(e => e.Kind), Is.All.EqualTo(SystemEventKind.LargeMessage));
        Assert.That(events, Has.Count.EqualTo(2));
        system.Processes.MonitorSystem(null);
        system.Run(self =>
        {
            self.Send(pid, new byte[100_000]);
            return default;
        });
        Assert.That(events, Has.Count.EqualTo(2));
    }

    // ---- counters, metrics, events ----

    [Test]
    public async Task Schedulers_CountWhatTheyDo()
    {
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 2 });
        using CountdownEvent done = new(100);
        for (int i = 0; i < 100; i++)
        {
            system.Spawn(async self =>
            {
                for (int n = 0; n < 100; n++)
                {
                    self.Send(self.Pid, n);
                    await self.Receive<long>();
                }

                done.Signal();
            });
        }

        Assert.That(done.Wait(TimeSpan.FromSeconds(20)));
        Assert.That(() => system.ProcessCount, Is.Zero.After(5_000, 5));
        IReadOnlyList<SchedulerInfo> schedulers = system.Schedulers;
        Assert.That(schedulers, Has.Count.EqualTo(2));
        Assert.That(schedulers.Sum(s => s.Reductions), Is.InRange(20_000, 30_000), "a send and a receive each");
        Assert.That(schedulers.Sum(s => s.MessagesSent), Is.EqualTo(10_000));
        Assert.That(system.Statistics.Reductions, Is.EqualTo(system.Schedulers.Sum(s => s.Reductions)));
        Assert.That(
            () => system.Schedulers.All(s => s.ParkedTime > TimeSpan.Zero),
            Is.True.After(5_000, 5),
            "with nothing to do they sleep"
        );
    }

    [Test]
    public void Meter_ShowsEachNodeUnderItsName_WhileItRuns()
    {
        ProcessSystem system = new(new ProcessSystemOptions { Identity = new NodeIdentity("metered@host", 1), Schedulers = 2 });
        Pid pid = system.Spawn(Forever);
        system.SendAfter(TimeSpan.FromHours(1), pid, "later");
        ConcurrentDictionary<string, double> seen = new();
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (instrument.Meter.Name == "CloudScale.Scheduler")
                own.EnableMeasurementEvents(instrument);
        };
        void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string name = instrument.Name;
            bool ours = false;
            foreach (KeyValuePair<string, object?> tag in tags)
            {
                ours |= tag is { Key: "cloudscale.node.name", Value: "metered@host" };
                if (tag.Key == "cloudscale.scheduler.index")
                    name += $"#{tag.Value}";
            }

            if (ours)
                seen[name] = value;
        }

        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.Start();
        Assert.That(
            () =>
            {
                listener.RecordObservableInstruments();
                return seen.GetValueOrDefault("cloudscale.timer.count");
            },
            Is.EqualTo(1).After(5_000, 10)
        );
        Assert.That(seen["cloudscale.process.count"], Is.EqualTo(1));
        Assert.That(seen["cloudscale.process.spawned"], Is.EqualTo(1));
        Assert.That(seen.Keys, Does.Contain("cloudscale.scheduler.parked_time#0").And.Contain("cloudscale.scheduler.slices#1"));
        system.Dispose();
        seen.Clear();
        listener.RecordObservableInstruments();
        Assert.That(seen, Is.Empty, "a stopped node is forgotten");
    }

    [Test]
    public async Task EventSource_TellsOfCrashes()
    {
        using Listener listener = new();
        await using ProcessSystem system = new(new ProcessSystemOptions { Identity = new NodeIdentity("evented@host", 1) });
        Pid pid = system.Spawn(_ => throw new InvalidOperationException("on purpose"));
        Assert.That(
            () => listener.Events.Any(e => e.EventName == "ProcessCrashed" && e.Payload![0]!.Equals(pid.ToString())),
            Is.True.After(5_000, 10)
        );
        Assert.That(listener.Events.Any(e => e.EventName == "NodeStarted" && e.Payload![0]!.Equals("evented@host")));
    }

    private sealed class Listener : EventListener
    {
        internal ConcurrentQueue<EventWrittenEventArgs> Events { get; } = new();

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "CloudScale-Scheduler")
                EnableEvents(eventSource, EventLevel.Informational);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData) => Events?.Enqueue(eventData);
    }
}

internal static class AtomText
{
    internal static Atom ToAtom(this string name) => Atom.Of(name);
}
