namespace CloudScale.Runtime.Tests;

/// <content>The priority messages and signals of OTP 28, both ways: they go before what was there first.</content>
public sealed partial class ErlangPeerTests
{
    // Of reports only what they are and why; all the rest is as it came.
    private const string TakeAll = """
        (fun F() -> receive M when is_tuple(M) -> [{element(1, M), element(size(M), M)} | F()]; M -> [M | F()] after 0 -> [] end end)()
        """;

    [TestCase("alias([priority])", "[urgent,1,2]")]
    [TestCase("alias()", "[1,2,urgent]", Description = "Who has not made the alias for it is not disturbed.")]
    public async Task PriorityMessage_OursToErlang_GoesFirstWhereTheAliasAllowsIt(string alias, string order)
    {
        string seen = await ActOnErlangAsync($"erlang:{alias}", (self, made) => self.Send((Reference)made, (Atom)"urgent", priority: true));
        Assert.That(seen, Is.EqualTo(order));
    }

    [Test]
    public async Task PriorityExit_OursToErlang_GoesFirst()
    {
        string seen = await ActOnErlangAsync(
            "erlang:alias([priority])",
            (self, made) => self.Exit((Reference)made, (Atom)"urgent", priority: true)
        );
        Assert.That(seen, Is.EqualTo("[{'EXIT',urgent},1,2]"));
    }

    [TestCase("monitor(process, P, [priority])", "'DOWN'")]
    [TestCase("link(P, [priority])", "'EXIT'")]
    public async Task PriorityMonitorAndLink_ErlangOfOurs_ReportsFirst(string watch, string report)
    {
        string seen = await ActOnErlangAsync($"begin erlang:{watch}, none end", (self, _) => self.Exit((Atom)"gone"));
        Assert.That(seen, Is.EqualTo($"[{{{report},gone}},1,2]"));
    }

    [TestCase(true, "urgent,1,2")]
    [TestCase(false, "1,2,urgent", Description = "As there: only an alias made for it.")]
    public async Task PriorityMessage_ErlangToOurs_GoesFirstWhereTheAliasAllowsIt(bool allowed, string order)
    {
        string seen = await ActOnOursAsync((self, _) => self.Alias(priority: allowed), "erlang:send(Made, urgent, [priority])");
        Assert.That(seen, Is.EqualTo(order));
    }

    [Test]
    public async Task PriorityExit_ErlangToOurs_GoesFirst()
    {
        string seen = await ActOnOursAsync((self, _) => self.Alias(priority: true), "erlang:exit(Made, urgent, [priority])");
        Assert.That(seen, Is.EqualTo("exit urgent,1,2"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task PriorityMonitorAndLink_OursOfErlang_ReportsFirst(bool monitor)
    {
        string seen = await ActOnOursAsync(
            (self, erlang) =>
            {
                if (monitor)
                    self.Monitor(erlang, new MonitorOptions { Priority = true });
                else
                    self.Link(erlang, priority: true);
                return Atoms.Ok;
            },
            "exit(gone)"
        );
        Assert.That(seen, Is.EqualTo(monitor ? "down gone,1,2" : "exit gone,1,2"));
    }

    /// <summary>A process of Erlang makes something; ours sends it 1 and 2 and acts. What the process then finds, in its order.</summary>
    private async Task<string> ActOnErlangAsync(string make, Action<Self, object> act)
    {
        OtpInstallation.RequireRelease(28, "priority messages");
        Task<string> seen = EvalAloneAsync(
            $$"""
            (fun() -> {_, M} = spawn_monitor(fun() ->
               process_flag(trap_exit, true), register(maker, self()),
               receive {ours, P} -> ok end, Made = {{make}}, P ! {self(), Made},
               (fun W() -> case process_info(self(), message_queue_len) of {_, N} when N >= 3 -> ok; _ -> erlang:yield(), W() end end)(),
               exit({seen, {{TakeAll}} }) end),
             receive {'DOWN', M, _, _, {seen, All} } -> All; {'DOWN', M, _, _, Why} -> Why after 10000 -> none end end)()
            """
        );
        _node.Spawn(async self =>
        {
            while (true) // until somebody has the name
            {
                Reference monitor = self.Monitor("maker", "peer@127.0.0.1");
                self.Send("maker", "peer@127.0.0.1", Tuple.Of((Atom)"ours", self.Pid));
                switch (await self.Receive())
                {
                    case Down:
                        continue;
                    case Tuple and [Pid erlang, var made]:
                        self.Demonitor(monitor, flush: true);
                        self.Send(erlang, 1L);
                        self.Send(erlang, 2L);
                        act(self, made);
                        break;
                }

                await self.Receive(); // lives on, so that nothing but the act is seen of it
            }
        });
        return await seen;
    }

    /// <summary>A process of ours makes something; one of Erlang sends it 1 and 2 and acts. What ours then finds, in its order.</summary>
    private async Task<string> ActOnOursAsync(Func<Self, Pid, object> make, string act)
    {
        OtpInstallation.RequireRelease(28, "priority messages");
        TaskCompletionSource<string> seen = Completion<string>();
        Pid maker = _node.Spawn(
            async self =>
            {
                if (await self.Receive() is not Pid erlang)
                    return;
                self.Send(erlang, Tuple.Of(self.Pid, make(self, erlang)));
                while (self.MessageQueueLength < 3)
                    await self.Yield();
                await self.Yield(); // the last one may just have come; it takes its place when the process runs again
                List<string> found = [];
                while (found.Count < 3)
                    found.Add(
                        await self.Receive() switch
                        {
                            Exit exit => $"exit {exit.Reason}",
                            Down down => $"down {down.Reason}",
                            var other => other.ToString()!,
                        }
                    );
                seen.SetResult(string.Join(',', found));
            },
            new SpawnOptions { TrapExit = true, Name = "maker" }
        );
        Assert.That(
            await EvalAloneAsync(
                $$"""
                (fun() -> {P, M} = spawn_monitor(fun() ->
                   {maker, {{_here}}} ! self(), receive {Ours, Made} -> Ours ! 1, Ours ! 2, {{act}}, ok end end),
                 receive {'DOWN', M, process, P, _} -> done after 10000 -> none end end)()
                """
            ),
            Is.EqualTo("done")
        );
        string answer = await Within(seen.Task);
        _node.Exit(maker, Atoms.Kill);
        return answer;
    }

    /// <summary>Evaluates with no variable bound: the node's shell remembers those of all tests.</summary>
    private Task<string> EvalAloneAsync(string expressions)
    {
        string quoted = expressions.ReplaceLineEndings(" ").Replace("\\", "\\\\").Replace("\"", "\\\"");
        return _erlang.EvalAsync(
            $$"""
            element(2, (fun(S__) -> {ok, T__, _} = erl_scan:string(S__), {ok, E__} = erl_parse:parse_exprs(T__), erl_eval:exprs(E__, erl_eval:new_bindings()) end)("{{quoted}}."))
            """
        );
    }
}
