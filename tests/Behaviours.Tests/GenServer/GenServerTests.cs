using Microsoft.Extensions.Logging;

namespace CloudScale.Behaviours.Tests;

/// <summary>What a server does with calls, casts, messages and results.</summary>
public sealed class GenServerTests : NodeFixture
{
    private static readonly Atom s_next = "next";

    [Test]
    public async Task Call_Reply_ComesBack_AndStateLasts()
    {
        Pid server = await Start(new Counter());
        Assert.That(await Call(server, s_next), Is.EqualTo("1"));
        Assert.That(await Call(server, Tuple.Of((Atom)"add", 41L)), Is.EqualTo("42"));
        Assert.That(await Node.CallAsync(server, new Get("any")), Is.EqualTo(42), "typed: the compiler knows that this is an int");
    }

    [Test]
    public async Task Call_DeferredReply_FromAnotherProcess_Arrives_WhileTheServerGoesOn()
    {
        Pid server = await Start(new Counter());
        object[] answers = await Run<object[]>(async self =>
        {
            RequestId later = await self.SendRequest(server, Tuple.Of((Atom)"later", 20L, (Atom)"late"));
            object now = await self.Call(server, s_next);
            return [now, (await self.ReceiveResponse(later)).Reply];
        });
        Assert.That(answers, Is.EqualTo(new object[] { 1L, (Atom)"late" }));
    }

    [Test]
    public async Task Call_ServerThatAwaits_HandlesNothingElseMeanwhile()
    {
        Pid server = await Start(new Counter());
        object[] answers = await Run<object[]>(async self =>
        {
            RequestIds requests = new();
            await self.SendRequest(server, Tuple.Of((Atom)"slow", 20L, (Atom)"slept"), 1L, requests);
            await self.SendRequest(server, s_next, 2L, requests);
            List<object> order = [];
            while (requests.Count > 0)
                order.Add((await self.ReceiveResponse(requests)).Label!);
            return [.. order];
        });
        Assert.That(answers, Is.EqualTo(new object[] { 1L, 2L }));
    }

    [Test]
    public async Task Call_NoAnswerInTime_ExitsWithTimeout_AndALateAnswerIsNotSeen()
    {
        Pid server = await Start(new Counter());
        Assert.That(
            Text(await ReasonOf(self => self.Call(server, (Atom)"no_reply", TimeSpan.FromMilliseconds(10)))),
            Is.EqualTo($"{{timeout,{{gen_server,call,[{Text(server)},no_reply,10]}}}}")
        );
        bool something = await Run<bool>(async self =>
        {
            try
            {
                await self.Call(server, Tuple.Of((Atom)"later", 30L, (Atom)"late"), TimeSpan.FromMilliseconds(5));
            }
            catch (ProcessExitException) { }

            return (await self.TryReceive(TimeSpan.FromMilliseconds(60))).HasValue;
        });
        Assert.That(something, Is.False);
    }

    [Test]
    public async Task Call_NoProcess_ExitsWithNoProc_ByEveryKindOfName()
    {
        Registry registry = new();
        Pid dead = Node.Spawn(_ => default);
        await Eventually.TrueAsync(() => !Node.Processes.IsAlive(dead), "the process has ended");
        Assert.That(Text(await ReasonOf(self => self.Call(dead, s_next))), Does.StartWith("{noproc,{gen_server,call,[<"));
        Assert.That(Text(await ReasonOf(self => self.Call("nobody", s_next))), Is.EqualTo("{noproc,{gen_server,call,[nobody,next,5000]}}"));
        Assert.That(
            Text(await ReasonOf(self => self.Call(ServerName.Via(registry, (Atom)"nobody"), s_next))),
            Is.EqualTo("{noproc,{gen_server,call,[{via,test_registry,nobody},next,5000]}}")
        );
        Assert.That(
            Text(await ReasonOf(self => self.Call(ServerRef.At("any", "far@nowhere"), s_next))),
            Is.EqualTo("{{nodedown,far@nowhere},{gen_server,call,[{any,far@nowhere},next,5000]}}")
        );
    }

    [Test]
    public async Task Via_RegistersBeforeInit_AndIsFoundByCallAndCast()
    {
        Registry registry = new();
        ServerName name = ServerName.Via(registry, 7L);
        Pid server = await Start(new Counter(), new StartOptions { Name = name });
        Assert.That((await Node.StartAsync(new Counter(), new StartOptions { Name = name })).AlreadyStarted, Is.EqualTo(server));
        Node.Cast(name, s_next);
        await Eventually.TrueAsync(async () => await Call(name, new Get("")) == "1", "the cast has come");
        await Node.StopAsync(name);
        Assert.That(Node.Processes.IsAlive(server), Is.False);
        StartResult failed = await Node.StartAsync(
            new Counter(InitResult.Ignore),
            new StartOptions { Name = ServerName.Via(registry, 8L) }
        );
        Assert.That(failed.IsIgnore);
        Assert.That(registry.Names, Does.Not.ContainKey(8L), "free again before the starter is told");
    }

    [Test]
    public async Task Stop_WithReply_TerminatesThenAnswersThenExits()
    {
        Counter counter = new();
        Pid server = await Start(counter);
        (object reply, object reason) = await Run<(object, object)>(async self =>
        {
            Reference monitor = self.Monitor(server);
            object reply = await self.Call(server, Tuple.Of((Atom)"stop", (Atom)"because", (Atom)"bye"));
            return (reply, (await self.Receive<Down>(down => down.Reference == monitor)).Reason);
        });
        Assert.That((reply, reason), Is.EqualTo(((object)(Atom)"bye", (object)(Atom)"because")));
        Assert.That(counter.Seen, Is.EqualTo(new[] { "init", "terminate because" }));
        Assert.That(
            Log.AtLeast(LogLevel.Error).Single(),
            Does.Contain("Reason: because").And.Contain("State: 0").And.Contain("gen_server")
        );
    }

    [TestCase("normal", false)]
    [TestCase("shutdown", false)]
    [TestCase("other", true)]
    public async Task Stop_FromOutside_RunsTerminate_AndIsReportedUnlessOrderly(string reason, bool isReported)
    {
        Counter counter = new();
        Pid server = await Start(counter);
        await Node.StopAsync(server, (Atom)reason);
        Assert.That(counter.Seen[^1], Is.EqualTo($"terminate {reason}"));
        Assert.That(Log.AtLeast(LogLevel.Error).Any(), Is.EqualTo(isReported));
    }

    /// <summary>In the one signal that a stop is, or as the tuple of sys where messages are looked at more closely: it ends, and nothing is left with who asked.</summary>
    [Test]
    public async Task Stop_OfOneThatIsHeldOrWatched_EndsItAndLeavesNothing([Values] bool isHeld, [Values] bool isWatched)
    {
        Counter counter = new();
        Pid server = await Start(
            counter,
            new StartOptions { HibernateAfter = isWatched ? TimeSpan.FromHours(1) : Timeout.InfiniteTimeSpan }
        );
        bool isLeft = await Run<bool>(async self =>
        {
            if (isHeld)
                await self.SuspendServer(server);
            await self.Stop(server, Atoms.Shutdown);
            return (await self.TryReceive<object>(TimeSpan.Zero)).HasValue;
        });
        Assert.That(isLeft, Is.False);
        Assert.That(counter.Seen[^1], Is.EqualTo("terminate shutdown"));
        Assert.That(Node.Processes.IsAlive(server), Is.False);
    }

    [Test]
    public async Task Stop_NoProcessOrTooSlow_SaysSo()
    {
        Assert.That(
            async () => await Node.StopAsync("nobody"),
            Throws.TypeOf<ProcessExitException>().With.Property("Reason").EqualTo(Atoms.NoProc)
        );
        Pid server = await Start(new Counter());
        Node.Cast(server, s_next);
        _ = Node.CallAsync(server, Tuple.Of((Atom)"slow", 500L, (Atom)"slept"));
        await Eventually.TrueAsync(() => Node.Processes.MessageQueueLength(server) == 0, "the server sleeps");
        Assert.That(
            async () => await Node.StopAsync(server, timeout: TimeSpan.FromMilliseconds(10)),
            Throws.TypeOf<ProcessExitException>().With.Property("Reason").EqualTo(Atoms.Timeout)
        );
    }

    [Test]
    public async Task Crash_OfACallback_ReachesTheCaller_AndTerminateRuns()
    {
        Counter counter = new();
        Pid server = await Start(counter, new StartOptions { Name = "crasher" });
        object? reason = await ReasonOf(self => self.Call(server, Tuple.Of((Atom)"throw", (Atom)"oops")));
        Assert.That(
            reason is Tuple and [Tuple and [Atom { Name: "exception" }, Atom { Name: "System.InvalidOperationException" }, "oops", _], _],
            Is.True,
            Text(reason)
        );
        Assert.That(counter.Seen[^1], Does.StartWith("terminate {exception"));
        string report = Log.AtLeast(LogLevel.Error).Single();
        Assert.That(report, Does.Contain("{throw,oops}").And.Contain("crasher").And.Contain("Client: <"));
    }

    [Test]
    public async Task Exit_InACallback_IsTheReason()
    {
        Pid server = await Start(new Counter());
        Assert.That(
            Text(await ReasonOf(self => self.Call(server, Tuple.Of((Atom)"exit", (Atom)"boom")))),
            Does.StartWith("{boom,{gen_server,call,")
        );
    }

    [Test]
    public async Task Kill_RunsNoTerminate_AndAnUntrappedSignalNeither()
    {
        foreach (Atom reason in new[] { Atoms.Kill, (Atom)"signal" })
        {
            Counter counter = new();
            Pid server = await Start(counter);
            Node.Exit(server, reason);
            await Eventually.TrueAsync(() => !Node.Processes.IsAlive(server), "it is gone");
            Assert.That(counter.Seen, Is.EqualTo(new[] { "init" }));
        }
    }

    [Test]
    public async Task Parent_Exits_TrappingServerTerminates_AndOtherExitsAreInfo()
    {
        Counter counter = new();
        TaskCompletionSource<Pid> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Pid parent = Node.Spawn(async self =>
        {
            Pid server = (await self.StartLink(counter)).Pid;
            await self.Call(server, (Atom)"trap");
            started.SetResult(server);
            await self.Receive();
        });
        Pid child = await started.Task.WaitAsync(Eventually.Patience);
        Node.Exit(child, (Atom)"stranger");
        await Eventually.TrueAsync(async () => (await Call(child, (Atom)"seen")).Contains("stranger", StringComparison.Ordinal), "trapped");
        Node.Exit(parent, (Atom)"parent_gone");
        await Eventually.TrueAsync(() => !Node.Processes.IsAlive(child), "it follows");
        Assert.That(counter.Seen[^1], Is.EqualTo("terminate parent_gone"));
    }

    [Test]
    public async Task Cast_Info_AreHandledInOrder_AndWhatIsUnknownIsLogged()
    {
        Counter counter = new();
        Pid server = await Start(counter);
        Node.Cast(server, s_next);
        Node.Send(server, Tuple.Of((Atom)"$gen_cast", s_next));
        Node.Send(server, (Atom)"hello");
        Node.Send(server, Tuple.Of((Atom)"unknown"));
        Assert.That(await Call(server, s_next), Is.EqualTo("3"));
        Assert.That(counter.Seen, Is.EqualTo(new[] { "init", "cast next", "cast next", "info hello", "info {unknown}" }));
        Assert.That(Log.AtLeast(LogLevel.Warning).Single(), Does.Contain("{unknown}"));
    }

    [TestCase("bad", "bad_return_value")]
    [TestCase("what", "bad_cast")]
    public async Task Cast_BadReturnOrUnknown_StopsTheServer(string request, string reason)
    {
        Pid server = await Start(new Counter());
        object why = await Run<object>(async self =>
        {
            Reference monitor = self.Monitor(server);
            self.Cast(server, (Atom)request);
            return (await self.Receive<Down>(down => down.Reference == monitor)).Reason;
        });
        Assert.That(Text(why), Does.StartWith($"{{{reason},"));
    }

    [Test]
    public async Task Continue_RunsBeforeWhatWaits_AndMayContinue()
    {
        Counter counter = new(InitResult.Ok.WithContinue(Tuple.Of((Atom)"again", (Atom)"second")));
        Pid server = await Start(counter);
        await Run<object>(async self =>
        {
            RequestId first = await self.SendRequest(server, Tuple.Of((Atom)"continue", (Atom)"third"));
            self.Send(server, (Atom)"after");
            return (await self.ReceiveResponse(first)).Reply;
        });
        await Call(server, s_next);
        Assert.That(
            counter.Seen,
            Is.EqualTo(new[] { "init", "continue {again,second}", "continue second", "continue third", "info 'after'" })
        );
    }

    [Test]
    public async Task Timeout_NothingComes_IsAnInfo_AndAMessageEndsIt()
    {
        Counter counter = new();
        Pid server = await Start(counter);
        await Call(server, Tuple.Of((Atom)"timeout", 10L));
        await Eventually.TrueAsync(
            async () => (await Call(server, (Atom)"seen")).Contains("timeout", StringComparison.Ordinal) || await Rearm(),
            "it fires"
        );
        int before = counter.Seen.Count(seen => seen == "info timeout");
        await Call(server, Tuple.Of((Atom)"timeout", 40L));
        await Call(server, s_next);
        await Run<bool>(async self =>
        {
            await self.Sleep(TimeSpan.FromMilliseconds(80));
            return true;
        });
        Assert.That(counter.Seen.Count(seen => seen == "info timeout"), Is.EqualTo(before), "the call after it has ended it");

        async Task<bool> Rearm() // the question itself ends the time-out, so it is set again
        {
            await Call(server, Tuple.Of((Atom)"timeout", 1L));
            await Task.Delay(20);
            return false;
        }
    }

    [Test]
    public async Task Timeout_OfZero_GivesWayToWhatWaitsAlready()
    {
        Counter counter = new();
        Pid server = await Start(counter);
        await Run<object>(async self =>
        {
            await self.Call(server, s_next);
            RequestId slow = await self.SendRequest(server, Tuple.Of((Atom)"slow", 10L, Atoms.Ok));
            RequestId zero = await self.SendRequest(server, Tuple.Of((Atom)"timeout", 0L));
            self.Send(server, (Atom)"waiting");
            await self.ReceiveResponse(slow);
            return (await self.ReceiveResponse(zero)).Reply;
        });
        await Call(server, s_next);
        Assert.That(counter.Seen, Is.EqualTo(new[] { "init", "info waiting" }));
        await Call(server, Tuple.Of((Atom)"timeout", 0L));
        await Eventually.TrueAsync(() => counter.Seen.Count == 3, "with nothing waiting it fires");
        Assert.That(counter.Seen[^1], Is.EqualTo("info timeout"));
    }

    [Test]
    public async Task Hibernate_NextMessage_WakesIt()
    {
        Pid server = await Start(new Counter(), new StartOptions { HibernateAfter = TimeSpan.FromMilliseconds(5) });
        await Call(server, (Atom)"hibernate");
        for (int round = 1; round <= 5; round++)
        {
            await Task.Delay(15); // over the time after which it hibernates
            Assert.That(await Call(server, s_next), Is.EqualTo($"{round}"));
        }
    }

    [Test]
    public async Task Requests_OfACollection_AreAnsweredAsTheyCome_AndErrorsNameTheServer()
    {
        Pid server = await Start(new Counter());
        string[] answers = await Run<string[]>(async self =>
        {
            RequestIds requests = new();
            Assert.That((await self.ReceiveResponse(requests)).Kind, Is.EqualTo(ResponseKind.NoReply), "an empty collection");
            await self.SendRequest(server, Tuple.Of((Atom)"later", 30L, (Atom)"late"), (Atom)"slow", requests);
            await self.SendRequest("nobody", s_next, (Atom)"nobody", requests);
            Response first = await self.WaitResponse(requests, TimeSpan.FromSeconds(5));
            Response none = await self.WaitResponse(requests, TimeSpan.Zero);
            Response checkedOne = self.CheckResponse(await self.Receive(), requests, delete: false);
            Response noneOfIt = self.CheckResponse((Atom)"other", requests);
            return
            [
                Text(first.ToTerm()),
                Text(none.ToTerm()),
                Text(checkedOne.ToTerm()),
                Text(checkedOne.Label),
                Text(noneOfIt.ToTerm()),
                $"{requests.Count}",
            ];
        });
        Assert.That(answers, Is.EqualTo(new[] { "{error,{noproc,nobody}}", "timeout", "{reply,late}", "slow", "no_reply", "1" }));
    }

    [Test]
    public async Task MultiCall_GathersAnswersAndBadNodes()
    {
        await Start(new Counter(), new StartOptions { Name = "multi" });
        MultiCallResult result = await Run<MultiCallResult>(async self =>
            await self.MultiCall([Node.Name, "far@nowhere"], "multi", s_next, TimeSpan.FromSeconds(5))
        );
        Assert.That(result.Replies, Is.EqualTo(new[] { (Node.Name, (object)1L) }));
        Assert.That(result.BadNodes, Is.EqualTo(new[] { (Atom)"far@nowhere" }));
    }

    [Test]
    public async Task FunctionalForm_KeepsAnImmutableState()
    {
        GenServer<long> server = new(_ => 10)
        {
            Calls = (_, state, request, _) =>
                request is Atom { Name: "get" } ? (Next.Reply(state), state) : (Next.Reply(Atoms.Ok), state + 1),
            Casts = (_, state, request) => (Next.NoReply, state + (long)request),
        };
        Pid pid = await Start(server);
        await Call(pid, s_next);
        Node.Cast(pid, 5L);
        Assert.That(await Call(pid, (Atom)"get"), Is.EqualTo("16"));
        Assert.That(await Run<object>(async self => await self.ReplaceState(pid, state => (long)state * 2)), Is.EqualTo(32L));
    }

    private sealed class Registry : INameRegistry
    {
        public System.Collections.Concurrent.ConcurrentDictionary<object, Pid> Names { get; } = new();

        public object ToTerm(object name) => Tuple.Of((Atom)"via", (Atom)"test_registry", name);

        public async ProcessTask<bool> Register(Self self, object name, Pid pid)
        {
            await self.Yield();
            return Names.TryAdd(name, pid);
        }

        public async ProcessTask Unregister(Self self, object name)
        {
            await self.Yield();
            Names.TryRemove(name, out _);
        }

        public async ProcessTask<Pid> WhereIs(Self self, object name)
        {
            await self.Yield();
            return Names.GetValueOrDefault(name);
        }
    }
}
