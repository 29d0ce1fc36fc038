using System.Diagnostics;

namespace CloudScale.Runtime.Tests;

/// <summary>Much at a time: long messages beside short ones, many atoms, long reasons, and a peer that stands still.</summary>
public sealed partial class ErlangPeerTests
{
    [Test]
    public async Task LongMessages_BothWays_BesidePings_ArriveWhole()
    {
        Pid echo = _node.Spawn(
            async self =>
            {
                while (await self.Receive() is Tuple and [Pid from, var number, var any])
                    self.Send(from, Tuple.Of((Atom)"back", number, any));
            },
            new SpawnOptions { Name = "long_echo" }
        );
        Task<string> there = _erlang.EvalAsync(
            $$"""
            (fun() -> LgAll = [{LgI, binary:copy(<<LgI>>, LgS)} || {LgI, LgS} <- lists:zip(lists:seq(1, 12), [1, 70000, 65536, 65500, 3000000, 10, 131072, 1000000, 8000000, 5, 200000, 64000])],
              [{long_echo, {{_here}}} ! {self(), LgN, LgB} || {LgN, LgB} <- LgAll],
              [ok = receive {back, LgM, LgC} -> case lists:nth(LgM, LgAll) of {LgM, LgC} -> ok; _ -> {wrong, LgM} end after 20000 -> timeout end || _ <- LgAll],
              all end)()
            """
        );
        // Meanwhile short ones pass both ways.
        for (int i = 0; i < 20; i++)
            Assert.That(await _node.PingAsync(s_peer));
        Assert.That(await there.WaitAsync(TimeSpan.FromSeconds(30)), Is.EqualTo("all"));
        _node.Exit(echo, Atoms.Kill);
    }

    [Test]
    public async Task LongMessages_FromSeveralProcessesEachWay_KeepTheOrderOfEach()
    {
        TaskCompletionSource<string> done = Completion<string>();
        Pid collector = _node.Spawn(
            async self =>
            {
                Dictionary<Pid, long> next = [];
                for (int i = 0; i < 4 * 30; i++)
                {
                    if (await self.Receive() is not (Tuple and [Pid from, long number, var payload]))
                        throw new InvalidOperationException("Something else came.");
                    if (number != next.GetValueOrDefault(from))
                    {
                        done.SetResult($"{from}: {number} in place of {next.GetValueOrDefault(from)}");
                        return;
                    }

                    if (payload is Binary binary && binary.Length != (number % 3 == 0 ? 300_000 : 10))
                        done.SetResult($"{binary.Length} bytes in message {number}");
                    next[from] = number + 1;
                }

                done.SetResult("in order");
            },
            new SpawnOptions { Name = "collector" }
        );
        await _erlang.EvalAsync(
            $"[spawn(fun() -> [{{collector, {_here}}} ! {{self(), OrN, binary:copy(<<0>>, case OrN rem 3 of 0 -> 300000; _ -> 10 end)}} || OrN <- lists:seq(0, 29)] end) || _ <- lists:seq(1, 4)]"
        );
        Assert.That(await Within(done.Task), Is.EqualTo("in order"));

        // And ours.
        for (int worker = 0; worker < 4; worker++)
        {
            _node.Spawn(async self =>
            {
                for (long i = 0; i < 30; i++)
                {
                    self.Send("test", s_peer, Tuple.Of((Atom)"ordered", self.Pid, i, new byte[i % 3 == 0 ? 300_000 : 10]));
                    await self.Yield();
                }
            });
        }

        Assert.That(
            await _erlang.EvalAsync(
                """
                (fun() -> OwGo = fun OwF(0, _) -> in_order; OwF(OwN, OwM) -> receive {ordered, OwP, OwI, _} ->
                   case maps:get(OwP, OwM, 0) of OwI -> OwF(OwN - 1, OwM#{OwP => OwI + 1}); OwX -> {OwP, OwI, instead_of, OwX} end after 10000 -> timeout end end,
                 OwGo(120, #{}) end)()
                """
            ),
            Is.EqualTo("in_order")
        );
    }

    [Test]
    public async Task AtomHeavyTraffic_BothWays_ComesBackEqual()
    {
        Pid echo = _node.Spawn(
            async self =>
            {
                while (await self.Receive() is Tuple and [Pid from, var any])
                    self.Send(from, Tuple.Of((Atom)"atoms", any));
            },
            new SpawnOptions { Name = "atom_echo" }
        );
        string equal = await _erlang.EvalAsync(
            $$"""
            (fun() -> AhAll = [list_to_atom("heavy_" ++ integer_to_list(AhI)) || AhI <- lists:seq(1, 5000)] ++ [list_to_atom(lists:duplicate(200, 229))],
              AhPick = fun(AhR) -> [lists:nth(1 + (AhR * 7919 + AhK * 104729) rem 5001, AhAll) || AhK <- lists:seq(1, 300)] end,
              [AhN || AhN <- lists:seq(1, 100), begin AhT = AhPick(AhN), {atom_echo, {{_here}}} ! {self(), AhT}, receive {atoms, AhU} -> AhU =/= AhT after 10000 -> true end end] end)()
            """
        );
        Assert.That(equal, Is.EqualTo("[]"), "the lists of atoms that did not come back equal");
        _node.Exit(echo, Atoms.Kill);
    }

    [Test]
    public async Task ExitReasons_OfAMegabyte_ArriveBothWays()
    {
        TaskCompletionSource<(object, object)> got = Completion<(object, object)>();
        _node.Spawn(
            async self =>
            {
                self.SpawnRequest(
                    s_peer,
                    "erlang",
                    "apply",
                    List.Of((Atom)"erlang", (Atom)"exit", List.Of(new byte[1_000_000])),
                    new()
                    {
                        Link = true,
                        Monitor = default(MonitorOptions),
                        Reply = SpawnReplyMode.No,
                    }
                );
                Exit exit = await self.Receive<Exit>();
                got.SetResult((exit.Reason, (await self.Receive<Down>()).Reason));
            },
            new SpawnOptions { TrapExit = true }
        );
        (object exit, object down) = await Within(got.Task);
        Assert.That(exit, Is.EqualTo(Binary.CopyOf(new byte[1_000_000])));
        Assert.That(down, Is.EqualTo(exit));

        Assert.That(
            await _erlang.EvalAsync(
                $$"""
                (fun() -> process_flag(trap_exit, true), LrR = binary:copy(<<7>>, 1000000), {LrP, LrM} = spawn_opt({{_here}}, ours, exit, [LrR], [link, monitor]),
                  LrD = receive {'DOWN', LrM, process, LrP, LrR} -> whole after 10000 -> timeout end,
                  LrE = receive {'EXIT', LrP, LrR} -> whole after 10000 -> timeout end, process_flag(trap_exit, false), {LrD, LrE} end)()
                """
            ),
            Is.EqualTo("{whole,whole}")
        );
    }

    [Test]
    public async Task PeerStandsStill_TheSenderIsHeld_AndGoesOnInOrder()
    {
        await using ErlangNode still = await ErlangNode.StartAsync("still@127.0.0.1", Cookie, _epmd.Port);
        Atom there = "still@127.0.0.1";
        Assert.That(await _node.PingAsync(there));
        // OTP 27.3 may crash (erlang/otp #11522) where it loads a module while processes with long binaries collect: what the end needs is loaded before.
        Assert.That(
            await still.EvalAsync("(fun F(0, <<_:8/binary>>) -> loaded; F(N, B) -> F(N - 1, B) end)(2, <<0:64>>)"),
            Is.EqualTo("loaded")
        );
        const int count = 2_000;
        byte[] payload = new byte[10_000]; // 20 MB in all
        long sent = 0;
        TaskCompletionSource<SendOutcome> nosuspend = Completion<SendOutcome>();
        TaskCompletionSource<CloudScale.Scheduling.SystemEvent> told = Completion<CloudScale.Scheduling.SystemEvent>();
        _node.Processes.MonitorSystem(new() { BusyDistribution = true }, seen => told.TrySetResult(seen));
        Signal(still.ProcessId, "STOP");
        Pid sender = _node.Spawn(async self =>
        {
            for (long i = 0; i < count; i++)
            {
                self.Send("test", there, Tuple.Of((Atom)"numbered", i, payload));
                Volatile.Write(ref sent, i + 1);
                await self.Yield();
            }
        });
        CloudScale.Scheduling.SystemEvent busy = await Within(told.Task);
        Assert.That(
            busy,
            Is.EqualTo(new CloudScale.Scheduling.SystemEvent(CloudScale.Scheduling.SystemEventKind.BusyDistribution, sender, 0, there))
        );
        _node.Spawn(async self =>
        {
            await self.Yield();
            nosuspend.SetResult(self.Send("test", there, (Atom)"not sent", SendOptions.NoSuspend));
        });
        Assert.That(await Within(nosuspend.Task), Is.EqualTo(SendOutcome.NoSuspend));

        // Held: nothing more is sent, whatever time passes.
        ProcessInfo? info = await _node.Processes.GetInfoAsync(sender);
        Assert.That(info!.Status, Is.EqualTo(ProcessStatus.Suspended));
        long held = Volatile.Read(ref sent);
        Assert.That(held, Is.LessThan(count - 500), "messages sent before the process was held; the rest of 20 MB is not in our memory");

        Signal(still.ProcessId, "CONT");
        Assert.That(
            await still.EvalAsync(
                $"(fun F({count}) -> in_order; F(N) -> receive {{numbered, N, <<_:10000/binary>>}} -> F(N + 1); X -> {{X, instead_of, N}} after 10000 -> {{timeout, N}} end end)(0)"
            ),
            Is.EqualTo("in_order")
        );
        Assert.That(Volatile.Read(ref sent), Is.EqualTo(count));
        _node.Processes.MonitorSystem(null);
    }

    private static void Signal(int processId, string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", $"{processId}"]);
        kill.WaitForExit();
        Assert.That(kill.ExitCode, Is.Zero);
    }
}
