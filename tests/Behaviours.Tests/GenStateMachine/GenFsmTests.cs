namespace CloudScale.Behaviours.Tests;

/// <summary>The older kind of machine: Erlang's gen_fsm on ours, and ours on ours.</summary>
public sealed class GenFsmTests : PeerFixture
{
    private sealed class Door : GenFsm<SwitchState>
    {
        private readonly List<object> _seen = [];

        protected override ProcessTask<Transition<SwitchState>> Init() => NextState(SwitchState.Off);

        protected override ProcessTask<Transition<SwitchState>> OnEvent(object happened)
        {
            switch (happened)
            {
                case Atom { Name: "open" }:
                    return NextState(SwitchState.On);
                case Atom { Name: "timer" }:
                    StartTimer(TimeSpan.FromMilliseconds(1), (Atom)"rings");
                    return KeepState;
                case Atom { Name: "after" }:
                    SendEventAfter(TimeSpan.FromMilliseconds(1), (Atom)"delayed");
                    return KeepState;
                case Atom { Name: "idle" }:
                    return KeepState.WithEventTimeout(TimeSpan.FromMilliseconds(1), Atoms.Timeout);
                case Atom { Name: "cancel" }:
                    _seen.Add((Atom)(CancelTimer(StartTimer(TimeSpan.FromHours(1), (Atom)"never")) ? "cancelled" : "late"));
                    return KeepState;
                case Tuple and [Atom { Name: "timeout" }, Reference, var message]:
                    _seen.Add(message);
                    return KeepState;
                default:
                    _seen.Add(happened);
                    return KeepState;
            }
        }

        protected override ProcessTask<Transition<SwitchState>> OnSyncEvent(object happened, From from) =>
            KeepState.Reply(from, Tuple.Of((Atom)(State == SwitchState.On ? "on" : "off"), happened));

        protected override ProcessTask<Transition<SwitchState>> OnAllStateEvent(object happened)
        {
            _seen.Add(Tuple.Of((Atom)"all", happened));
            return KeepState;
        }

        protected override ProcessTask<Transition<SwitchState>> OnSyncAllStateEvent(object happened, From from) =>
            KeepState.Reply(from, List.Create([.. _seen]));

        protected override ProcessTask<Transition<SwitchState>> OnOtherMessage(object message)
        {
            _seen.Add(Tuple.Of((Atom)"info", message));
            return base.OnOtherMessage(message);
        }
    }

    [Test]
    public async Task Erlang_AllFourKindsOfEvents_TimersAndMessages()
    {
        await Node.StartAsync(new Door(), new StartOptions { Name = "fsm" });
        Assert.That(
            await Eval("fsm", "A = gen_fsm:sync_send_event(S, x), gen_fsm:send_event(S, open), {A, gen_fsm:sync_send_event(S, y, 5000)}"),
            Is.EqualTo("{{off,x},{on,y}}")
        );
        await Eval(
            "fsm",
            "gen_fsm:send_all_state_event(S, z), S ! message, gen_fsm:send_event(S, cancel), gen_fsm:send_event(S, timer), gen_fsm:send_event(S, 'after')"
        );
        await Eventually.TrueAsync(
            async () =>
                await Eval("fsm", "lists:sort(gen_fsm:sync_send_all_state_event(S, seen))")
                == "[cancelled,delayed,rings,{all,z},{info,message}]",
            "all have come"
        );
        await Eval("fsm", "gen_fsm:send_event(S, idle)");
        await Eventually.TrueAsync(
            async () =>
            {
                await Task.Delay(20); // a question ends the time-out
                return (
                    await Eval("fsm", "gen_fsm:send_event(S, idle), timer:sleep(20), gen_fsm:sync_send_all_state_event(S, seen)")
                ).Contains("timeout", StringComparison.Ordinal);
            },
            "the time-out"
        );
        Assert.That(await Eval("fsm", "gen_fsm:stop(S)"), Is.EqualTo("ok"));
    }

    [Test]
    public async Task Ours_SendEvents()
    {
        Pid machine = (await Node.StartAsync(new Door())).Pid;
        string said = await TextOf(async self =>
        {
            self.SendEvent(machine, (Atom)"open");
            self.SendAllStateEvent(machine, 1L);
            object sync = await self.SyncSendEvent(machine, 2L);
            object all = await self.SyncSendAllStateEvent(machine, 3L);
            return Tuple.Of(sync, all);
        });
        Assert.That(said, Is.EqualTo("{{on,2},[{all,1}]}"));
        Assert.That(
            await TextOf(self => self.SyncSendEvent("nobody", 1L)),
            Is.EqualTo("exit {noproc,{gen_fsm,sync_send_event,[nobody,1,5000]}}")
        );
    }
}
