using Microsoft.Extensions.Logging;

namespace CloudScale.Behaviours.Tests;

/// <summary>How servers start: acknowledgement, names, failures. Beside each name the entry of the catalogue it proves.</summary>
public sealed class StartTests : NodeFixture
{
    [Test]
    public async Task Start_InitOk_ReturnsThePid_AndTheNameIsRegistered()
    {
        StartResult result = await Node.StartAsync(new Counter(), new StartOptions { Name = "counter" });
        Assert.That(result.IsOk, Is.True, result.ToString());
        Assert.That(Node.WhereIs("counter"), Is.EqualTo(result.Pid));
        Assert.That(await Node.CallAsync("counter", (Atom)"next"), Is.EqualTo(1L));
    }

    [Test]
    public async Task Start_NameTaken_IsAlreadyStarted()
    {
        Pid first = (await Node.StartAsync(new Counter(), new StartOptions { Name = "counter" })).Pid;
        StartResult second = await Node.StartAsync(new Counter(), new StartOptions { Name = "counter" });
        Assert.That(second.AlreadyStarted, Is.EqualTo(first));
        Assert.That(second.ToString(), Does.StartWith("{error,{already_started,<"));
    }

    [TestCase("ignore", "ignore")]
    [TestCase("stop", "{error,why}")]
    [TestCase("error", "{error,why}")]
    [TestCase("normal", "{error,normal}")]
    public async Task Start_InitDeclines_SaysSo_AndTheNameIsFreeAgain(string how, string expected)
    {
        InitResult init = how switch
        {
            "ignore" => InitResult.Ignore,
            "stop" => InitResult.Stop((Atom)"why"),
            "error" => InitResult.Error((Atom)"why"),
            _ => InitResult.Stop(Atoms.Normal),
        };
        for (int round = 0; round < 100; round++)
        {
            StartResult result = await Node.StartAsync(new Counter(init), new StartOptions { Name = "counter" });
            Assert.That(result.ToString(), Is.EqualTo(expected), $"round {round}");
            Assert.That(Node.WhereIs("counter").IsNone, Is.True, $"round {round}");
        }
    }

    [Test]
    public async Task Start_InitThrows_FailsWithTheException_AndIsReported()
    {
        StartResult result = await Node.StartAsync(new Thrower(new InvalidOperationException("no")));
        Assert.That(
            result.Error is Tuple and [Atom { Name: "exception" }, Atom { Name: "System.InvalidOperationException" }, "no", _],
            Is.True,
            result.ToString()
        );
        Assert.That(Log.AtLeast(LogLevel.Error), Has.Some.Contains("while it started"));
        StartResult exits = await Node.StartAsync(new Thrower(new ProcessExitException((Atom)"early")));
        Assert.That(exits.ToString(), Is.EqualTo("{error,early}"));
    }

    [Test]
    public async Task Start_InitTakesTooLong_IsKilled_AndTimeoutIsSaid()
    {
        Sleeper sleeper = new();
        StartResult result = await Node.StartAsync(sleeper, new StartOptions { Name = "sleeper", Timeout = TimeSpan.FromMilliseconds(20) });
        Assert.That(result.ToString(), Is.EqualTo("{error,timeout}"));
        Assert.That(Node.WhereIs("sleeper").IsNone, Is.True);
    }

    [Test]
    public async Task StartLink_InitStops_StarterThatTraps_FindsNoExitMessage()
    {
        object? left = await Node.RunAsync<object?>(async self =>
        {
            self.TrapExit = true;
            StartResult result = await self.StartLink(new Counter(InitResult.Stop((Atom)"why")));
            Received<object> message = await self.TryReceive(TimeSpan.FromMilliseconds(20));
            return message.HasValue ? message.Value : result.ToString();
        });
        Assert.That(left, Is.EqualTo("{error,why}"));
    }

    [Test]
    public async Task StartLink_InitStops_StarterThatDoesNotTrap_ExitsToo()
    {
        ProcessExitException? exception = null;
        try
        {
            await Node.RunAsync(async self => await self.StartLink(new Counter(InitResult.Stop((Atom)"why"))));
        }
        catch (ProcessExitException caught)
        {
            exception = caught;
        }

        Assert.That(exception?.Reason, Is.EqualTo((Atom)"why").Or.EqualTo(Atoms.Killed), "by the link, not by a result");
    }

    [Test]
    public async Task StartMonitor_LaterExit_IsReported()
    {
        object reason = await Node.RunAsync<object>(async self =>
        {
            StartResult result = await self.StartMonitor(new Counter());
            await self.Stop(result.Pid, (Atom)"over");
            return (await self.Receive<Down>(down => down.Reference == result.Monitor)).Reason;
        });
        Assert.That(reason, Is.EqualTo((Atom)"over"));
    }

    [Test]
    public async Task Start_Twice_OneObject_IsRefused()
    {
        Counter counter = new();
        await Node.StartAsync(counter);
        Assert.That(async () => await Node.StartAsync(counter), Throws.InvalidOperationException);
    }

    [Test]
    public async Task Ancestors_OfAChildOfAChild_AreInTheDictionary()
    {
        (Pid grandparent, Pid child) = await Node.RunAsync<(Pid, Pid)>(async self =>
        {
            Pid parent = (await self.Start(new Parent(), new StartOptions { Name = "parent" })).Pid;
            return (self.Pid, (Pid)await self.Call(parent, (Atom)"child"));
        });
        ProcessInfo? info = await Node.Processes.GetInfoAsync(child, ProcessDetails.Dictionary);
        Dictionary<object, object> dictionary = new(info!.Dictionary);
        Assert.That(dictionary[(Atom)"$ancestors"], Is.EqualTo(List.Of((Atom)"parent", grandparent)));
        Assert.That(dictionary[(Atom)"$initial_call"], Is.EqualTo(Tuple.Of((Atom)typeof(Counter).FullName!, (Atom)"init", 1L)));
    }

    private sealed class Parent : GenServer
    {
        protected override async ProcessTask<Next> HandleCall(object request, From from) =>
            Reply((await Self.StartLink(new Counter())).Pid);
    }

    private sealed class Thrower(Exception exception) : GenServer
    {
        protected override ProcessTask<InitResult> Init() => throw exception;
    }

    private sealed class Sleeper : GenServer
    {
        protected override async ProcessTask<InitResult> Init()
        {
            await Self.Sleep(TimeSpan.FromHours(1));
            return InitResult.Ok;
        }
    }
}
