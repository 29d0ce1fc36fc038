namespace CloudScale.Behaviours.Tests;

/// <summary>Processes that say themselves how their start went, and those that become servers later.</summary>
public sealed class ProcLibTests : NodeFixture
{
    [Test]
    public async Task StartProcess_Ok_ReturnsWhileTheBodyGoesOn()
    {
        string said = await Run<string>(async self =>
        {
            StartResult result = await self.StartProcessLink(
                async (body, word) =>
                {
                    word.Ok(body);
                    body.Send(body.Parent, (await body.Receive<Atom>()).Name);
                },
                new StartOptions { Name = "body" }
            );
            self.Send("body", (Atom)"hello");
            return $"{result.IsOk} {await self.Receive<string>()}";
        });
        Assert.That(said, Is.EqualTo("True hello"));
    }

    [TestCase("fail", "{error,why}")]
    [TestCase("ignore", "ignore")]
    [TestCase("end", "{error,normal}")]
    [TestCase("exit", "{error,early}")]
    public async Task StartProcess_FailsOrEndsWithoutAWord_IsSaid_AndTheNameIsFree(string how, string expected)
    {
        string said = await Run<string>(async self =>
        {
            StartResult result = await self.StartProcess(
                (body, word) =>
                {
                    if (how == "fail")
                        word.Fail(body, (Atom)"why");
                    else if (how == "ignore")
                        word.Ignore(body);
                    else if (how == "exit")
                        throw new ProcessExitException((Atom)"early");
                    return default;
                },
                new StartOptions { Name = "body" }
            );
            return $"{result} {self.WhereIs("body").IsNone}";
        });
        Assert.That(said, Is.EqualTo($"{expected} True"));
    }

    [Test]
    public async Task StartProcess_NameTaken_OrTooSlow_IsSaid()
    {
        Pid first = await Start(new Counter(), new StartOptions { Name = "body" });
        string said = await Run<string>(async self =>
        {
            StartResult taken = await self.StartProcess((_, _) => default, new StartOptions { Name = "body" });
            StartResult slow = await self.StartProcess(
                async (body, _) => await body.Sleep(TimeSpan.FromHours(1)),
                new StartOptions { Timeout = TimeSpan.FromMilliseconds(10) }
            );
            return $"{taken.AlreadyStarted == first} {slow}";
        });
        Assert.That(said, Is.EqualTo("True {error,timeout}"));
    }

    [Test]
    public async Task EnterLoop_TheProcessIsAServerFromThenOn()
    {
        Counter counter = new();
        string said = await Run<string>(async self =>
        {
            Pid server = (
                await self.StartProcess(
                    async (body, word) =>
                    {
                        word.Ok(body);
                        await body.EnterLoop(counter);
                    }
                )
            ).Pid;
            self.Cast(server, (Atom)"next");
            object two = await self.Call(server, (Atom)"next");
            object state = await self.GetState(server);
            await self.Call(server, Tuple.Of((Atom)"timeout", 5L));
            await self.Sleep(TimeSpan.FromMilliseconds(30));
            Reference monitor = self.Monitor(server);
            object bye = await self.Call(server, Tuple.Of((Atom)"stop", (Atom)"over", (Atom)"bye"));
            Down down = await self.Receive<Down>(report => report.Reference == monitor);
            return $"{Text(two)} {Text(state)} {Text(bye)} {Text(down.Reason)}";
        });
        Assert.That(said, Is.EqualTo("2 2 bye over"));
        Assert.That(counter.Seen, Is.EqualTo(new[] { "cast next", "info timeout", "terminate over" }));
    }

    [Test]
    public async Task EnterLoop_TheProcessIsAMachineFromThenOn()
    {
        string said = await Run<string>(async self =>
        {
            Pid machine = (
                await self.StartProcess(
                    async (body, word) =>
                    {
                        word.Ok(body);
                        await body.EnterLoop(new Switch(), SwitchState.On);
                    }
                )
            ).Pid;
            object off = await self.Call(machine, (Atom)"toggle");
            object late = await self.Call(machine, Tuple.Of((Atom)"delay", 5L, (Atom)"late"));
            await self.Stop(machine, (Atom)"over");
            return $"{Text(off)} {Text(late)}";
        });
        Assert.That(said, Is.EqualTo("off late"));
    }
}
