namespace CloudScale.Scheduler.Tests;

/// <summary>Calls and answers: the protocol of gen_server:call, and what becomes of a call that fails.</summary>
public sealed class CallTests
{
    private static async ProcessTask Echo(Self self)
    {
        while (await self.Receive() is Tuple and [Atom { Name: "$gen_call" }, var from, var request])
        {
            if (request is "die")
                self.Exit("died");
            else if (request is not "silence")
                self.Reply(from, Tuple.Of("echo", request));
        }
    }

    private static ProcessExitException? Catch(SteppedSystem system, Func<Self, ProcessTask<object>> call, int advance = 0)
    {
        ProcessExitException? caught = null;
        system.Run(async self =>
        {
            try
            {
                await call(self);
            }
            catch (ProcessExitException exit)
            {
                caught = exit;
            }

            Assert.That(self.MessageQueueLength, Is.Zero, "a call leaves nothing behind");
            Assert.That(self.GetInfo().Monitors, Is.Empty);
            Assert.That(self.GetInfo().Aliases, Is.Empty);
        });
        system.Advance(advance);
        return caught;
    }

    [Test]
    public void Call_IsAnswered_ManyTimes_BesideOtherMessages()
    {
        SteppedSystem system = new();
        Pid server = system.Run(Echo);
        List<object> got = [];
        Pid caller = system.Run(async self =>
        {
            self.Send(self.Pid, "backlog");
            for (long i = 0; i < 3; i++)
                got.Add(await self.Call(server, i));
            await self.Sleep(Timeout.InfiniteTimeSpan);
        });
        Assert.That(
            got.Select(answer => Term.Format(answer)),
            Is.EqualTo(Enumerable.Range(0, 3).Select(i => Term.Format(Tuple.Of("echo", i))))
        );
        ProcessInfo info = system.Info(caller, ProcessDetails.Messages)!;
        Assert.That(info.Messages, Is.EqualTo(new object[] { "backlog" }));
        Assert.That(info.Monitors, Is.Empty);
        Assert.That(system.Info(server)!.MonitoredBy, Is.Empty);
    }

    [Test]
    public void GenCall_OfEveryOrigin_IsReceivedByType()
    {
        SteppedSystem system = new();
        List<object> requests = [];
        Pid server = system.Run(async self =>
        {
            while (true)
            {
                GenCall call = await self.Receive<GenCall>();
                requests.Add(call.Request);
                self.Reply(call.From, Tuple.Of("echo", call.Request));
            }
        });
        List<object> got = [];
        Pid caller = system.Run(async self =>
        {
            self.Send(server, "no call");
            got.Add(await self.Call(server, "typed"));
            self.Send(server, Tuple.Of(Atom.Of("$gen_call"), Tuple.Of(self.Pid, "tag"), "plain"));
            got.Add(await self.Receive());
            got.Add(await self.Call(self.Spawn(other => Forward(other, server)), "forwarded"));
        });
        Assert.That(requests, Is.EqualTo(new object[] { "typed", "plain", "forwarded" }));
        Assert.That(
            got.Select(Term.Format),
            Is.EqualTo(
                new object[]
                {
                    Tuple.Of("echo", "typed"),
                    Tuple.Of("tag", Tuple.Of("echo", "plain")),
                    Tuple.Of("echo", "forwarded"),
                }.Select(Term.Format)
            )
        );
        Assert.That(system.Info(server, ProcessDetails.Messages)!.Messages, Is.EqualTo(new object[] { "no call" }));
        Assert.That(system.Info(caller), Is.Null);
    }

    private static async ProcessTask Forward(Self self, Pid server)
    {
        self.Send(server, await self.Receive<GenCall>());
        await self.Sleep(Timeout.InfiniteTimeSpan); // the caller watches this one
    }

    [Test]
    public void GenCall_SeenAsATerm_IsTheTupleThatErlangSends()
    {
        SteppedSystem system = new();
        Pid server = system.Run(async self => await self.Sleep(Timeout.InfiniteTimeSpan));
        Pid caller = system.Run(async self => await self.Call(server, "x"));
        object message = system.Info(server, ProcessDetails.Messages)!.Messages!.Single();
        Assert.That(
            message is Tuple and [Atom { Name: "$gen_call" }, Tuple and [Pid from, List { Count: 1, Tail: Reference alias } tag], "x"]
                && from == caller
                && tag[0].Equals(Atom.Of("alias"))
                && system.Info(caller)!.Aliases.Contains(alias),
            Term.Format(message)
        );
        Assert.That(From.TryFrom(((Tuple)message)[1], out From parsed) && Term.AreEqual(parsed, ((Tuple)message)[1]));
        Assert.That(parsed, Is.EqualTo(From.TryFrom(parsed.ToTerm(), out From again) ? again : default));
    }

    [Test]
    public void GenCall_AnswerSeenAsATerm_CarriesTheTagOfTheRequest()
    {
        SteppedSystem system = new();
        Reference tag = default;
        object? answer = null;
        system.Run(async self =>
        {
            Pid server = self.Spawn(async other =>
            {
                GenCall call = await other.Receive<GenCall>();
                other.Reply(call.From, 7L);
            });
            tag = self.Monitor(server, new MonitorOptions { Alias = AliasMode.ReplyDemonitor });
            self.Send(server, Tuple.Of(Atom.Of("$gen_call"), Tuple.Of(self.Pid, List.Of(Atom.Of("alias")).WithTail(tag)), "x"));
            answer = await self.Receive<Tuple>();
        });
        Assert.That(Term.AreEqual(answer, Tuple.Of(List.Of(Atom.Of("alias")).WithTail(tag), 7L)), $"{answer}");
    }

    [Test]
    public void TryReceiveAnswer_TakesAnswersAndTheReportOfItsReference_AndNothingElse()
    {
        SteppedSystem system = new();
        List<string> got = [];
        system.Run(async self =>
        {
            Pid other = self.Spawn(static async other => await other.Receive());
            Reference request = self.Monitor(other, new MonitorOptions { Alias = AliasMode.ExplicitUnalias });
            Reference foreign = self.MakeReference();
            self.Send(self.Pid, Tuple.Of(foreign, "foreign"));
            self.Send(self.Pid, Tuple.Of(request, "plain"));
            self.Reply(From.Behind(self.Pid, request), "by alias");
            for (int i = 0; i < 2; i++)
                got.Add($"{await self.TryReceiveAnswer(request, Timeout.InfiniteTimeSpan)}");
            got.Add($"{(await self.TryReceiveAnswer(request, TimeSpan.Zero)).HasValue}");
            self.Exit(other, "end");
            got.Add($"{await self.TryReceiveAnswer(request, Timeout.InfiniteTimeSpan)}");
            got.Add($"{self.MessageQueueLength}");
        });
        Assert.That(
            got,
            Is.EqualTo(
                new[] { "plain, IsReason = False", "by alias, IsReason = False", "False", "end, IsReason = True", "1" }.Select(value =>
                    value.Contains("IsReason", StringComparison.Ordinal)
                        ? $"Received {{ HasValue = True, Value = CallAnswer {{ Value = {value} }} }}"
                        : value
                )
            )
        );
    }

    [Test]
    public async Task Call_Local_AllocatesTheRequestsAndTheAnswersEnvelopeAndNothingElse()
    {
        await using Scheduling.ProcessSystem system = new(new Scheduling.ProcessSystemOptions { Schedulers = 1 });
        object request = Atom.Of("next");
        Pid server = system.Spawn(async self =>
        {
            while (true)
            {
                GenCall call = await self.Receive<GenCall>();
                self.Reply(call.From, call.Request);
            }
        });
        await ProcessAllocations.AssertEachAsync(system, 168, async self => await self.Call(server, request));
    }

    [Test]
    public void Call_ByName_IsAnswered([Values] bool withNode)
    {
        SteppedSystem system = new();
        system.Run(Echo, new SpawnOptions { Name = "echo_server" });
        object? got = null;
        system.Run(async self => got = await self.Call("echo_server", "x", withNode ? self.Pid.Node.Name : null));
        Assert.That(Term.AreEqual(got, Tuple.Of("echo", "x")));
    }

    [Test]
    public void Call_ServerDiesInTheCall_ExitsWithItsReasonAndTheCall()
    {
        SteppedSystem system = new();
        Pid server = system.Run(Echo);
        ProcessExitException? caught = Catch(system, self => self.Call(server, "die"));
        Assert.That(
            Term.AreEqual(
                caught!.Reason,
                Tuple.Of("died", Tuple.Of(Atom.Of("gen_server"), Atom.Of("call"), List.Of(server, "die", 5_000L)))
            ),
            $"{Term.Format(caught.Reason)}"
        );
    }

    [Test]
    public void Call_NobodyThere_IsNoProc()
    {
        SteppedSystem system = new();
        Pid dead = system.Run(_ => default);
        Assert.That(((Tuple)Catch(system, self => self.Call(dead, "x"))!.Reason)[0], Is.EqualTo(Atoms.NoProc));
        Assert.That(((Tuple)Catch(system, self => self.Call("nobody_by_this_name", "x"))!.Reason)[0], Is.EqualTo(Atoms.NoProc));
    }

    [Test]
    public void Call_NoAnswerInTime_IsTimeout_AndALateAnswerIsDropped()
    {
        SteppedSystem system = new();
        object? late = null;
        Pid server = system.Run(async self =>
        {
            Tuple call = await self.Receive<Tuple>();
            await self.Sleep(TimeSpan.FromMilliseconds(50));
            self.Reply(call[1], late = "late");
        });
        ProcessExitException? caught = Catch(system, self => self.Call(server, "x", TimeSpan.FromMilliseconds(10)), advance: 20);
        Assert.That(((Tuple)caught!.Reason)[0], Is.EqualTo(Atoms.Timeout));
        system.Advance(50);
        Assert.That(late, Is.Not.Null);
    }

    [Test]
    public void Call_ToALimitedOrTracedServer_TakesTheLongWay_WithTheSameEnd()
    {
        SteppedSystem system = new();
        Pid limited = system.Run(Echo, new SpawnOptions { MailboxLimit = new MailboxLimit(2) });
        Pid traced = system.Run(Echo);
        List<CloudScale.TraceEvent> events = [];
        using Scheduling.TraceSession trace = system.Processes.Trace(events.Add);
        trace.Add(traced, TraceFlags.Receive | TraceFlags.Send);
        system.Settle();
        int answered = 0;
        system.Run(async self =>
        {
            for (int i = 0; i < 5; i++)
            {
                await self.Call(limited, i);
                await self.Call(traced, i);
                answered++;
            }
        });
        Assert.That(answered, Is.EqualTo(5));
        Assert.That(events.Count(e => e.Kind == TraceKind.Receive), Is.EqualTo(5));
        Assert.That(events.Count(e => e.Kind == TraceKind.Send), Is.EqualTo(5));
    }

    [Test]
    public void Reply_ToAPlainTag_GoesToThePid_AndNonsenseIsRefused()
    {
        SteppedSystem system = new();
        object? got = null;
        Pid asker = system.Run(async self => got = await self.Receive());
        Exception? thrown = null;
        system.Run(self =>
        {
            self.Reply(Tuple.Of(asker, "tag"), "answer");
            thrown = Assert.Throws<ArgumentException>(() => self.Reply("nonsense", "answer"));
            return default;
        });
        Assert.That(Term.AreEqual(got, Tuple.Of("tag", "answer")));
        Assert.That(thrown!.Message, Does.Contain("{Pid, Tag}"));
    }

    [Test]
    public void LimitedMailbox_LateAnswers_DoNotUseUpItsRoom()
    {
        SteppedSystem system = new();
        Reference alias = default;
        Pid pid = system.Run(
            async self =>
            {
                alias = self.Alias();
                self.Unalias(alias);
                await self.Sleep(Timeout.InfiniteTimeSpan);
            },
            new SpawnOptions { MailboxLimit = new MailboxLimit(2, MailboxOverflow.DropNewest) }
        );
        for (int i = 0; i < 10; i++)
        {
            system.Processes.Send(alias, "late");
            system.Settle();
        }

        system.Processes.Send(pid, "a");
        system.Processes.Send(pid, "b");
        system.Settle();
        Assert.That(system.Info(pid)!.MessageQueueLength, Is.EqualTo(2));
    }
}
