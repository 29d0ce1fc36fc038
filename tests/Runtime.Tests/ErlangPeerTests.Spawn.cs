namespace CloudScale.Runtime.Tests;

/// <summary>Processes that one side starts on the other.</summary>
public sealed partial class ErlangPeerTests
{
    private static readonly Atom s_peer = "peer@127.0.0.1";

    [Test]
    public async Task Spawn_FromErlang_EveryForm_StartsOurs()
    {
        Assert.That(
            await _erlang.EvalAsync(
                $$"""
                (fun() -> S1 = spawn({{_here}}, ours, echo, [tag]), S1 ! {self(), hello},
                R1 = receive {tag, hello, GL} -> {node(S1), GL =:= group_leader()} after 5000 -> timeout end,
                {S2, M2} = spawn_monitor({{_here}}, ours, exit, [{because, 2}]), R2 = receive {'DOWN', M2, process, S2, D2} -> D2 after 5000 -> timeout end,
                process_flag(trap_exit, true), S3 = spawn_link({{_here}}, ours, exit, [three]), R3 = receive {'EXIT', S3, D3} -> D3 after 5000 -> timeout end,
                S4 = spawn_opt({{_here}}, ours, exit, [normal], [link, {priority, high}, {fullsweep_after, 10}, {min_heap_size, 1000}]),
                R4 = receive {'EXIT', S4, D4} -> D4 after 5000 -> timeout end, process_flag(trap_exit, false), {R1, R2, R3, R4} end)()
                """
            ),
            Is.EqualTo($"{{{{{_here},true}},{{because,2}},three,normal}}")
        );
    }

    [TestCase("yes", "ours, wait, []", "[]", ExpectedResult = "ok")]
    [TestCase("no", "ours, wait, []", "[]", ExpectedResult = "none")]
    [TestCase("error_only", "ours, wait, []", "[]", ExpectedResult = "none")]
    [TestCase("success_only", "ours, wait, []", "[]", ExpectedResult = "ok")]
    [TestCase("yes", "ours, wait, []", "{nonsense, 1}", ExpectedResult = "{error,badopt}")]
    [TestCase("no", "ours, wait, []", "{nonsense, 1}", ExpectedResult = "none")]
    [TestCase("error_only", "ours, wait, []", "{nonsense, 1}", ExpectedResult = "{error,badopt}")]
    [TestCase("success_only", "ours, wait, []", "{nonsense, 1}", ExpectedResult = "none")]
    public async Task<string> SpawnRequest_FromErlang_EveryReplyOption(string reply, string function, string option)
    {
        string options = option == "[]" ? "" : $", {option}";
        bool fails = option != "[]";
        int patience = reply == (fails ? "success_only" : "error_only") || reply == "no" ? 300 : 10_000;
        return await _erlang.EvalAsync(
            $$$"""
            (fun() -> SrQ = spawn_request({{{_here}}}, {{{function}}}, [{reply, {{{reply}}} }, {reply_tag, {my, tag} }{{{options}}}]),
              receive {{my, tag}, SrQ, ok, SrP} when is_pid(SrP) -> exit(SrP, kill), ok; {{my, tag}, SrQ, error, SrE} -> {error, SrE} after {{{patience}}} -> none end end)()
            """
        );
    }

    [Test]
    public async Task SpawnRequest_FromErlang_ReplyComesBeforeWhatTheProcessSends()
    {
        string order = await _erlang.EvalAsync(
            $$"""
            lists:usort([begin spawn_request({{_here}}, ours, say, [self(), {said, SaI}], [monitor]),
              SaA = receive SaX -> element(1, SaX) end, SaB = receive SaY -> element(1, SaY) end,
              {SaA, SaB} end || SaI <- lists:seq(1, 200)])
            """
        );
        Assert.That(order, Is.EqualTo("[{spawn_reply,said}]"));
    }

    [Test]
    public async Task Spawn_FromErlang_OfWhatIsNotExported_ExitsWithUndef()
    {
        string undef = await _erlang.EvalAsync(
            $"{{S6, M6}} = spawn_monitor({_here}, os, cmd, [\"id\"]), receive {{'DOWN', M6, process, S6, D6}} -> D6 after 5000 -> timeout end"
        );
        Assert.That(undef, Is.EqualTo("{undef,[{os,cmd,[\"id\"],[]}]}"));
        Assert.That(string.Join("\n", _log.AtLeast(Microsoft.Extensions.Logging.LogLevel.Warning)), Does.Contain("os:cmd/1"));
    }

    [Test]
    public async Task SpawnRequest_ToErlang_LinksMonitorsAndAnswers()
    {
        TaskCompletionSource<List<string>> done = Completion<List<string>>();
        _node.Spawn(
            async self =>
            {
                List<string> got = [];
                self.SpawnRequest(s_peer, "lists", "seq", List.Of(1L, 3L));
                got.Add(Shape(await self.Receive()));

                Reference monitored = self.SpawnRequest(
                    s_peer,
                    "erlang",
                    "exit",
                    List.Of(Tuple.Of((Atom)"because", 1L)),
                    new() { Monitor = default(MonitorOptions), ReplyTag = "mine" }
                );
                got.Add(Shape(await self.Receive()));
                Down down = await self.Receive<Down>();
                got.Add($"{down.Reference == monitored} {Term.Format(down.Reason)}");

                self.SpawnRequest(
                    s_peer,
                    "erlang",
                    "exit",
                    List.Of((Atom)"linked"),
                    new() { Link = true, Reply = SpawnReplyMode.ErrorOnly }
                );
                got.Add(Term.Format((await self.Receive<Exit>()).Reason));

                self.SpawnRequest(s_peer, "lists", "seq", List.Of(1L, 3L), new() { Others = List.Of((Atom)"nonsense") });
                got.Add(Shape(await self.Receive()));

                self.SpawnRequest("nobody@127.0.0.1", "lists", "seq", List.Of(1L, 3L));
                got.Add(Shape(await self.Receive()));
                done.SetResult(got);
            },
            new SpawnOptions { TrapExit = true }
        );
        Assert.That(
            await Within(done.Task),
            Is.EqualTo(
                new[]
                {
                    "spawn_reply ok pid",
                    "<<\"mine\">> ok pid",
                    "True {because,1}",
                    "linked",
                    "spawn_reply error badopt",
                    "spawn_reply error noconnection",
                }
            )
        );
    }

    [Test]
    public async Task SpawnRequest_ToErlang_Abandoned_TheLinkedProcessIsToldSo()
    {
        TaskCompletionSource<bool> done = Completion<bool>();
        _node.Spawn(async self =>
        {
            Reference request = self.SpawnRequest(
                s_peer,
                "timer",
                "sleep",
                List.Of(60_000L),
                new() { Link = true, Monitor = default(MonitorOptions) }
            );
            bool first = self.AbandonSpawn(request);
            bool second = self.AbandonSpawn(request);
            Received<object> anything = await self.TryReceive<object>(TimeSpan.FromMilliseconds(300));
            done.SetResult(first && !second && !anything.HasValue);
        });
        Assert.That(await Within(done.Task));
        await Eventually.TrueAsync(
            async () =>
                await _erlang.EvalAsync(
                    "[P || P <- processes(), erlang:process_info(P, current_function) =:= {current_function, {timer, sleep, 1}}]"
                ) == "[]",
            "the process that nobody wants has exited"
        );
    }

    private static string Shape(object message) =>
        message is Tuple and [var tag, Reference, Atom outcome, var result]
            ? $"{Term.Format(tag)} {outcome.Name} {(result is Pid ? "pid" : Term.Format(result))}"
            : Term.Format(message);
}
