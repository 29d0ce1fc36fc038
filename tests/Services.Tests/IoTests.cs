namespace CloudScale.Services.Tests;

/// <summary>Output over group leaders, from Erlang to us and from us to Erlang.</summary>
[Category("OtpNode")]
public sealed class IoTests : PeerFixture
{
    private async Task WrittenAsync(string text) =>
        await Eventually.TrueAsync(() => Output.ToString().Contains(text, StringComparison.Ordinal), $"written: {text}");

    /// <summary>Evaluates in an Erlang process whose group leader is ours.</summary>
    private Task<string> WithOurLeaderAsync(string expression) =>
        EvalAsync(
            $$"""
            (fun() -> Me = self(), Leader = gen_server:call({rex, {{Here}}}, {call, erlang, whereis, [user], group_leader()}),
              spawn(fun() -> group_leader(Leader, self()), Me ! {io_result, catch {{expression}}} end),
              receive {io_result, V} -> V after 5000 -> timeout end end)()
            """
        );

    [Test]
    public async Task Format_FromErlang_AppearsHere()
    {
        Assert.That(await WithOurLeaderAsync("io:format(\"hello ~p and ~ts~n\", [{a, \"string\"}, [955]])"), Is.EqualTo("ok"));
        await WrittenAsync("hello {a,\"string\"} and λ\n");
        Assert.That(await WithOurLeaderAsync("io:put_chars([\"plain \", <<\"bytes\">>, 10])"), Is.EqualTo("ok"));
        await WrittenAsync("plain bytes\n");
        Assert.That(await WithOurLeaderAsync("io:put_chars([955, 10])"), Is.EqualTo("ok"));
        await WrittenAsync("λ\n");
        Assert.That(await WithOurLeaderAsync("io:write({some, \"term\"})"), Is.EqualTo("ok"));
        await WrittenAsync("{some,[116,101,114,109]}");
        Assert.That(await WithOurLeaderAsync("io:nl()"), Is.EqualTo("ok"));
        Assert.That(
            await WithOurLeaderAsync("io:requests([{put_chars, unicode, <<\"first \">>}, {format, \"~s~n\", [\"second\"]}, nl])"),
            Is.EqualTo("ok")
        );
        await WrittenAsync("first second\n\n");
    }

    [TestCase("io:get_line(\"prompt\")", "eof")]
    [TestCase("io:get_chars(\"prompt\", 3)", "eof")]
    [TestCase("io:read(\"prompt\")", "eof")]
    [TestCase("io:columns()", "{error,enotsup}")]
    [TestCase("proplists:get_value(encoding, io:getopts())", "unicode")]
    [TestCase("io:setopts([{encoding, unicode}])", "ok")]
    [TestCase("io:setopts([{nonsense, 1}])", "{error,enotsup}")]
    [TestCase("element(1, element(2, (catch io:format(\"~p ~p\", [1]))))", "badarg")]
    [TestCase("element(1, element(2, (catch io:put_chars([-1]))))", "badarg")]
    public async Task Request_IsAnsweredAsByADeviceAtItsEnd(string request, string answer) =>
        Assert.That(await WithOurLeaderAsync(request), Is.EqualTo(answer));

    [Test]
    public async Task Output_OfACall_GoesToTheCallersLeader()
    {
        // The Erlang side is the group leader: it takes one request, and answers it.
        string request = await EvalAsync(
            $$"""
            (fun() -> Me = self(),
              spawn(fun() -> Me ! {called, gen_server:call({rex, {{Here}}}, {call, io, format, ["to ~p~n", [home]], Me})} end),
              Got = receive {io_request, From, As, R} -> From ! {io_reply, As, ok}, R after 5000 -> timeout end,
              receive {called, V} -> {Got, V} after 5000 -> timeout end end)()
            """
        );
        Assert.That(request, Is.EqualTo("{{put_chars,unicode,<<\"to home\\n\">>},ok}"));
    }

    [Test]
    public async Task Io_OfAProcessHere_ReachesALeaderOnErlang()
    {
        TaskCompletionSource<object> done = Completion<object>();
        TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Ours.Spawn(
            async self =>
            {
                ready.SetResult();
                self.GroupLeader = await self.Receive<Pid>();
                await self.Io.Format("~p of ~ts~n", 3L, "λ");
                done.SetResult(await self.Io.Request((Atom)"getopts"));
            },
            new SpawnOptions { Name = "writer" }
        );
        await Within(ready.Task.ContinueWith(_ => true, TaskScheduler.Default));
        string got = await EvalAsync(
            $$"""
            {writer, {{Here}}} ! self(), A2 = receive {io_request, F2, As2, R2} -> F2 ! {io_reply, As2, ok}, R2 after 5000 -> timeout end,
            B2 = receive {io_request, F3, As3, R3} -> F3 ! {io_reply, As3, [{binary, true}]}, R3 after 5000 -> timeout end, {A2, B2}
            """
        );
        Assert.That(got, Is.EqualTo("{{put_chars,unicode,<<51,32,111,102,32,206,187,10>>},getopts}"));
        Assert.That(await Within(done.Task), Is.EqualTo(List.Of(Tuple.Of((Atom)"binary", Atoms.True))));
    }

    [Test]
    public async Task Io_WithoutALeaderOfItsOwn_GoesToUser()
    {
        Ours.Spawn(async self => await self.Io.PutChars("from here\n"));
        await WrittenAsync("from here\n");
    }

    [Test]
    public async Task Io_DeviceIsGone_Throws()
    {
        TaskCompletionSource<object> reason = Completion<object>();
        Pid gone = Ours.Spawn(_ => default);
        await Eventually.TrueAsync(() => !Ours.Processes.IsAlive(gone), "it is gone");
        Ours.Spawn(async self =>
        {
            try
            {
                await self.Io.PutChars("lost", gone);
            }
            catch (ErlangException exception)
            {
                reason.SetResult(exception.Reason);
            }
        });
        Assert.That(await Within(reason.Task), Is.EqualTo((Atom)"terminated"));
    }

    [Test]
    public async Task Garbage_ToUser_IsDropped()
    {
        Assert.That(
            await EvalAsync(
                $$"""
                U = {user, {{Here}}}, U ! hello, U ! {io_request, 1, 2, 3}, U ! {io_request, self(), r1, {requests, [{requests, [nonsense]}]} },
                receive {io_reply, r1, E1} -> E1 after 5000 -> timeout end
                """
            ),
            Is.EqualTo("{error,request}")
        );
    }

    [TestCase("logger:error(\"went ~p\", [wrong])", "went wrong")]
    [TestCase("logger:warning(#{what => broken})", "#{what => broken}")]
    [TestCase("logger:notice(\"plain text\")", "plain text")]
    [TestCase("error_logger:error_msg(\"old ~s\", [\"style\"])", "old style")]
    public async Task Log_OfAProcessWithOurLeader_IsOurs(string log, string text)
    {
        await WithOurLeaderAsync(log);
        await Eventually.TrueAsync(() => Log.Lines.Any(line => line.Text.Contains(text, StringComparison.Ordinal)), "it is in our log");
    }
}
