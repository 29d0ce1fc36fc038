using Microsoft.Extensions.Logging;

namespace CloudScale.Behaviours.Tests;

/// <summary>The order of things in a state machine.</summary>
public sealed class GenStateMachineTests : NodeFixture
{
    /// <summary>A machine whose every event is a function of the test; its states are atoms.</summary>
    private sealed class Machine(Func<Machine, StateEvent, Transition<Atom>> handle, Func<Machine, Atom, Transition<Atom>>? enter = null)
        : GenStateMachine<Atom>
    {
        public List<string> Seen { get; } = [];

        public Transition<Atom> First { get; init; } = NextState("a");

        public Atom Current => State;

        public Self Process => Self;

        public static Transition<Atom> Go(string state) => NextState(state);

        public static Transition<Atom> Keep => KeepState;

        public static Transition<Atom> Again => RepeatState;

        public static Transition<Atom> End(object reason) => Stop(reason);

        protected override bool CallsEnter => enter is not null;

        protected override ProcessTask<Transition<Atom>> Init() => First;

        protected override ProcessTask<Transition<Atom>> Enter(Atom oldState)
        {
            Seen.Add($"enter {oldState}>{State}");
            return enter!(this, oldState);
        }

        protected override ProcessTask<Transition<Atom>> HandleEvent(StateEvent stateEvent)
        {
            object term = stateEvent.Type == StateEventType.Call ? Tuple.Of((Atom)"call", stateEvent.Content) : stateEvent.ToTerm();
            Seen.Add($"{State} {Text(term)}");
            return handle(this, stateEvent);
        }

        protected override ProcessTask Terminate(object reason)
        {
            Seen.Add($"terminate {Text(reason)}");
            return default;
        }

        protected override object GetData() => (long)Seen.Count;
    }

    private static Transition<Atom> Answer(StateEvent happened, Transition<Atom> transition) =>
        happened.Type == StateEventType.Call ? transition.Reply(happened.From, Atoms.Ok) : transition;

    private async Task<Machine> Drive(Machine machine, params object[] casts)
    {
        Pid pid = await Start(machine);
        foreach (object cast in casts)
            Node.Cast(pid, cast);
        await Call(pid, (Atom)"last");
        return machine;
    }

    [Test]
    public async Task Postpone_IsRetriedAfterAChange_InOrder_BeforeNewerEvents()
    {
        Machine machine = await Drive(
            new Machine(
                (self, happened) =>
                    happened.Content switch
                    {
                        Atom { Name: "go" } => Machine.Go("b"),
                        Atom { Name: "one" or "two" } when self.Current.Name == "a" => Machine.Keep.Postpone(),
                        _ => Answer(happened, Machine.Keep),
                    }
            ),
            (Atom)"one",
            (Atom)"two",
            (Atom)"go",
            (Atom)"three"
        );
        Assert.That(
            machine.Seen,
            Is.EqualTo(
                new[] { "a {cast,one}", "a {cast,two}", "a {cast,go}", "b {cast,one}", "b {cast,two}", "b {cast,three}", "b {call,last}" }
            )
        );
    }

    [Test]
    public async Task Postpone_WithAChange_IsRetriedAtOnce_AndTheSameStateIsNoChange()
    {
        Machine machine = await Drive(
            new Machine(
                (self, happened) =>
                    happened.Content switch
                    {
                        Atom { Name: "same" } => Machine.Go("a"),
                        Atom { Name: "wait" } when self.Current.Name == "a" => Machine.Keep.Postpone(),
                        Atom { Name: "move" } when self.Current.Name == "a" => Machine.Go("b").Postpone(),
                        _ => Answer(happened, Machine.Keep),
                    }
            ),
            (Atom)"wait",
            (Atom)"same",
            (Atom)"move"
        );
        Assert.That(
            machine.Seen,
            Is.EqualTo(new[] { "a {cast,wait}", "a {cast,same}", "a {cast,move}", "b {cast,wait}", "b {cast,move}", "b {call,last}" })
        );
    }

    [Test]
    public async Task NextEvents_AreHandledBeforeAllThatWaits_InTheirOrder()
    {
        Machine machine = await Drive(
            new Machine(
                (self, happened) =>
                    happened.Content switch
                    {
                        Atom { Name: "go" } => Machine
                            .Go("b")
                            .NextEvent(StateEvent.Internal((Atom)"x"))
                            .NextEvent(new StateEvent(StateEventType.Cast, (Atom)"y")),
                        Atom { Name: "early" } when self.Current.Name == "a" => Machine.Keep.Postpone(),
                        Atom { Name: "x" } => Machine.Keep.NextEvent(StateEvent.Internal((Atom)"z")),
                        _ => Answer(happened, Machine.Keep),
                    }
            ),
            (Atom)"early",
            (Atom)"go",
            (Atom)"late"
        );
        Assert.That(
            machine.Seen,
            Is.EqualTo(
                new[]
                {
                    "a {cast,early}",
                    "a {cast,go}",
                    "b {internal,x}",
                    "b {internal,z}",
                    "b {cast,'y'}".Replace("'y'", "y", StringComparison.Ordinal),
                    "b {cast,early}",
                    "b {cast,late}",
                    "b {call,last}",
                }
            )
        );
    }

    [Test]
    public async Task Enter_IsCalledAtTheStart_OnEachChange_AndOnRepeat_NotForTheSameState()
    {
        Machine machine = await Drive(
            new Machine(
                (_, happened) =>
                    happened.Content switch
                    {
                        Atom { Name: "go" } => Machine.Go("b"),
                        Atom { Name: "same" } => Machine.Go("b"),
                        Atom { Name: "repeat" } => Machine.Again,
                        _ => Answer(happened, Machine.Keep),
                    },
                (_, _) => Machine.Keep
            ),
            (Atom)"go",
            (Atom)"same",
            (Atom)"repeat"
        );
        Assert.That(
            machine.Seen,
            Is.EqualTo(new[] { "enter a>a", "a {cast,go}", "enter a>b", "b {cast,same}", "b {cast,repeat}", "enter b>b", "b {call,last}" })
        );
    }

    [TestCase("postpone")]
    [TestCase("next_event")]
    [TestCase("elsewhere")]
    public async Task Enter_ThatPostponesInsertsOrGoesElsewhere_StopsTheMachine(string what)
    {
        Machine machine = new(
            (_, _) => Machine.Go("b"),
            (_, old) =>
                old.Name == "a" && what == "postpone" ? Machine.Keep.Postpone()
                : what == "next_event" ? Machine.Keep.NextEvent(StateEvent.Internal((Atom)"x"))
                : Machine.Go("c")
        );
        Pid pid = await Start(machine);
        await Eventually.TrueAsync(() => !Node.Processes.IsAlive(pid), "it stops");
        Assert.That(machine.Seen[^1], Does.StartWith("terminate {bad_state_enter_"));
    }

    [Test]
    public async Task StateTimeout_EndsWithTheState_AndNotBySomethingElse()
    {
        Machine machine = new(
            (_, happened) =>
                happened switch
                {
                    { Type: StateEventType.StateTimeout } => Machine.Go("b").WithStateTimeout(TimeSpan.FromHours(1), (Atom)"long"),
                    { Content: Atom { Name: "go" } } => Machine.Go("c"),
                    _ => Answer(happened, Machine.Keep),
                }
        )
        {
            First = Machine.Go("a").WithStateTimeout(TimeSpan.FromMilliseconds(20), (Atom)"short"),
        };
        Pid pid = await Start(machine);
        Node.Cast(pid, (Atom)"any");
        await Eventually.TrueAsync(() => machine.Seen.Contains("a {state_timeout,short}"), "it fires though an event has come");
        Assert.That(await TimersOf(pid), Is.EqualTo("{1,[{state_timeout,long}]}"));
        Node.Cast(pid, (Atom)"go");
        Assert.That(await TimersOf(pid), Is.EqualTo("{0,[]}"));
    }

    [Test]
    public async Task EventTimeout_AnyEventEndsIt()
    {
        Machine machine = new(
            (_, happened) =>
                happened.Content switch
                {
                    Atom { Name: "long" } => Machine.Keep.WithEventTimeout(TimeSpan.FromHours(1), (Atom)"idle"),
                    Atom { Name: "short" } => Machine.Keep.WithEventTimeout(TimeSpan.FromMilliseconds(5), (Atom)"idle"),
                    _ => Answer(happened, Machine.Keep),
                }
        );
        Pid pid = await Start(machine);
        Node.Cast(pid, (Atom)"long");
        Assert.That(await TimersOf(pid), Is.EqualTo("{1,[{timeout,idle}]}"), "sys is no event");
        await Call(pid, (Atom)"other");
        Assert.That(await TimersOf(pid), Is.EqualTo("{0,[]}"));
        Node.Cast(pid, (Atom)"short");
        await Eventually.TrueAsync(() => machine.Seen.Contains("a {timeout,idle}"), "with nothing coming it fires");
    }

    [Test]
    public async Task NamedTimeouts_OutliveStates_AreReplacedUpdatedAndCancelled()
    {
        Atom name = "t";
        Machine machine = new(
            (self, happened) =>
                happened.Content switch
                {
                    Atom { Name: "set" } => Machine
                        .Go("b")
                        .WithTimeout(name, TimeSpan.FromHours(1), 1L)
                        .WithTimeout((Atom)"u", TimeSpan.FromHours(1), 2L),
                    Atom { Name: "again" } => Machine.Go("c").WithTimeout(name, TimeSpan.FromHours(1), 3L),
                    Atom { Name: "update" } => Machine.Keep.UpdateTimeout(StateEventType.Timeout, 4L, (Atom)"u"),
                    Atom { Name: "new" } => Machine.Keep.UpdateTimeout(StateEventType.Timeout, 5L, (Atom)"v"),
                    Atom { Name: "cancel" } => Machine
                        .Keep.CancelTimeout(StateEventType.Timeout, name)
                        .WithTimeout((Atom)"u", Timeout.InfiniteTimeSpan, 0L),
                    Atom { Name: "absolute" } => Machine.Keep.WithTimeoutAt(
                        StateEventType.Timeout,
                        self.Process.System.MonotonicTime + TimeSpan.FromMilliseconds(5),
                        6L,
                        (Atom)"w"
                    ),
                    Atom { Name: "past" } => Machine.Keep.WithTimeoutAt(StateEventType.StateTimeout, TimeSpan.Zero, 7L),
                    _ => Answer(happened, Machine.Keep),
                }
        );
        Pid pid = await Start(machine);
        Node.Cast(pid, (Atom)"set");
        Assert.That(await TimersOf(pid), Is.EqualTo("{2,[{{timeout,t},1},{{timeout,u},2}]}"));
        Node.Cast(pid, (Atom)"again");
        Node.Cast(pid, (Atom)"update");
        Assert.That(await TimersOf(pid), Is.EqualTo("{2,[{{timeout,t},3},{{timeout,u},4}]}"));
        Node.Cast(pid, (Atom)"new");
        Node.Cast(pid, (Atom)"cancel");
        Assert.That(await TimersOf(pid), Is.EqualTo("{0,[]}"));
        Node.Cast(pid, (Atom)"absolute");
        Node.Cast(pid, (Atom)"past");
        await Eventually.TrueAsync(() => machine.Seen.Contains("c {{timeout,w},6}"), "the absolute one");
        Assert.That(
            machine.Seen,
            Does.Contain("c {{timeout,v},5}").And.Contain("c {state_timeout,7}"),
            "one that did not run fires at once"
        );
    }

    [Test]
    public async Task TimeoutOfZero_FiresBeforeWhatHasNotBeenReceived_AfterWhatWaits()
    {
        Machine machine = await Drive(
            new Machine(
                (_, happened) =>
                    happened.Content switch
                    {
                        Atom { Name: "go" } => Machine
                            .Keep.WithTimeout((Atom)"t", TimeSpan.Zero, (Atom)"zero")
                            .WithStateTimeout(TimeSpan.Zero, (Atom)"zero")
                            .NextEvent(StateEvent.Internal((Atom)"inserted")),
                        _ => Answer(happened, Machine.Keep),
                    }
            ),
            (Atom)"go",
            (Atom)"later"
        );
        Assert.That(
            machine.Seen,
            Is.EqualTo(
                new[]
                {
                    "a {cast,go}",
                    "a {internal,inserted}",
                    "a {{timeout,t},zero}",
                    "a {state_timeout,zero}",
                    "a {cast,later}",
                    "a {call,last}",
                }
            )
        );
    }

    [Test]
    public async Task Stop_WithReplies_SendsThemThenTerminates()
    {
        Machine machine = new((_, happened) => Machine.End((Atom)"over").Reply(happened.From, (Atom)"bye"));
        Pid pid = await Start(machine);
        Assert.That(await Call(pid, (Atom)"any"), Is.EqualTo("bye"));
        await Eventually.TrueAsync(() => Log.AtLeast(LogLevel.Error).Any(), "reported");
        Assert.That(machine.Seen, Is.EqualTo(new[] { "a {call,any}", "terminate over" }));
        Assert.That(Log.AtLeast(LogLevel.Error).Single(), Does.Contain("gen_statem").And.Contain("State: {a,").And.Contain("Reason: over"));
    }

    [Test]
    public async Task Init_DeclinesOrNamesNoState_StartFails()
    {
        Func<Machine, StateEvent, Transition<Atom>> none = (_, _) => Machine.Keep;
        Assert.That((await Node.StartAsync(new Machine(none) { First = Machine.End((Atom)"why") })).ToString(), Is.EqualTo("{error,why}"));
        Assert.That(
            (await Node.StartAsync(new Machine(none) { First = Machine.Keep })).ToString(),
            Is.EqualTo("{error,{bad_return_from_init,no_state}}")
        );
    }

    [Test]
    public async Task Unhandled_StopsTheMachine_AndACrashReachesTheCaller()
    {
        Pid pid = await Start(new Silent());
        Assert.That(Text(await ReasonOf(self => self.Call(pid, (Atom)"any"))), Does.StartWith("{{unhandled_event,{{call,{<"));
        Pid thrower = await Start(new Machine((_, _) => throw new InvalidOperationException("no")));
        Assert.That(
            Text(await ReasonOf(self => self.Call(thrower, (Atom)"any"))),
            Does.StartWith("{{exception,'System.InvalidOperationException',")
        );
    }

    [Test]
    public async Task AsyncCallbacks_KeepTheOrder_OverManyEventsThatWait()
    {
        Slow slow = new();
        Pid pid = await Start(slow);
        for (long i = 0; i < 2_000; i++)
            Node.Cast(pid, i);
        Node.Cast(pid, (Atom)"go");
        Assert.That(await Call(pid, (Atom)"sum"), Is.EqualTo("2000"));
        Assert.That(slow.Order, Is.Ordered, "postponed ones come in their order");
    }

    private async Task<string> TimersOf(Pid pid)
    {
        object status = await Run<object>(async self => await self.GetStatus(pid));
        List misc = (List)((List)((Tuple)status)[3])[4];
        List data = (List)((Tuple)misc[1])[1];
        return Text(((Tuple)data[3])[1]);
    }

    private sealed class Silent : GenStateMachine<SwitchState>
    {
        protected override ProcessTask<Transition<SwitchState>> Init() => NextState(SwitchState.On);
    }

    private sealed class Slow : GenStateMachine<SwitchState>
    {
        public List<long> Order { get; } = [];

        protected override ProcessTask<Transition<SwitchState>> Init() => NextState(SwitchState.Off).Hibernate();

        protected override async ProcessTask<Transition<SwitchState>> HandleEvent(StateEvent stateEvent)
        {
            await Self.Yield();
            switch (stateEvent.Content)
            {
                case long number when State == SwitchState.On:
                    Order.Add(number);
                    return KeepState;
                case long:
                    return KeepState.Postpone();
                case Atom { Name: "go" }:
                    return NextState(SwitchState.On);
                default:
                    return KeepState.Reply(stateEvent.From, (long)Order.Count);
            }
        }
    }
}
