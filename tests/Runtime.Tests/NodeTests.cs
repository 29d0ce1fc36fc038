using CloudScale.Interop.Connections;
using CloudScale.Interop.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CloudScale.Runtime.Tests;

/// <summary>Nodes of ours with each other, over a network in memory.</summary>
public sealed class NodeTests
{
    private readonly InMemoryNetwork _network = new();
    private readonly InMemoryNodeDirectory _directory = new();
    private readonly List<Node> _nodes = [];

    [TearDown]
    public async Task StopNodes()
    {
        foreach (Node node in _nodes)
            await node.DisposeAsync();
        _nodes.Clear();
    }

    private async Task<Node> StartAsync(string host, string cookie = "secret")
    {
        Node node = await Node.StartAsync(
            new NodeOptions
            {
                Name = $"node@{host}",
                Cookie = cookie,
                Schedulers = 2,
                Transport = _network.CreateTransport(host),
                Directory = _directory,
                ShutdownGrace = TimeSpan.FromMilliseconds(100),
            }
        );
        _nodes.Add(node);
        return node;
    }

    private static TaskCompletionSource<T> Completion<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static Task<T> Within<T>(Task<T> task) => task.WaitAsync(Eventually.Patience);

    [Test]
    public async Task Ping_BetweenOurNodes_ConnectsAndAnswers()
    {
        Node a = await StartAsync("a.test");
        Node b = await StartAsync("b.test");
        Assert.That(await a.PingAsync(b.Name));
        Assert.That(await b.PingAsync(a.Name));
        Assert.That(await a.PingAsync(a.Name));
        Assert.That(await a.PingAsync("node@nowhere.test"), Is.False);
        Assert.That(a.Nodes.Select(node => node.Name), Is.EqualTo(new[] { b.Name }));
    }

    [Test]
    public async Task Messages_ManyBothWays_ComeInOrder()
    {
        const int count = 20_000;
        Node a = await StartAsync("a.test");
        Node b = await StartAsync("b.test");
        b.Spawn(
            async self =>
            {
                while (await self.Receive() is Tuple and [Pid from, long number])
                    self.Send(from, number);
            },
            new SpawnOptions { Name = "echo" }
        );
        TaskCompletionSource<string> done = Completion<string>();
        a.Spawn(async self =>
        {
            for (long i = 0; i < count; i++)
                self.Send("echo", b.Name, Tuple.Of(self.Pid, i));
            for (long i = 0; i < count; i++)
            {
                long got = await self.Receive<long>();
                if (got != i)
                {
                    done.SetResult($"{got} in place of {i}");
                    return;
                }
            }

            done.SetResult("in order");
        });
        Assert.That(await Within(done.Task), Is.EqualTo("in order"));
    }

    [Test]
    public async Task Cut_LinksAndMonitors_FireOnceWithNoConnection_AndWorkAgainAfterHealing()
    {
        Node a = await StartAsync("a.test");
        Node b = await StartAsync("b.test");
        TaskCompletionSource<Pid> ready = Completion<Pid>();
        Pid target = b.Spawn(async self =>
        {
            while (true)
                await self.Receive();
        });
        TaskCompletionSource<List<object>> done = Completion<List<object>>();
        a.Spawn(
            async self =>
            {
                self.Link(target);
                self.Monitor(target);
                self.Monitor("nobody", b.Name);
                await self.Receive<Down>(down => down.Reason.Equals(Atoms.NoProc)); // so the link and the monitor stand
                ready.SetResult(self.Pid);
                List<object> got = [];
                for (int i = 0; i < 2; i++)
                    got.Add(await self.Receive() is Down down ? down.Reason : "exit");
                Received<object> more = await self.TryReceive(TimeSpan.FromMilliseconds(100));
                got.Add(more.HasValue ? more.Value : "no more");
                done.SetResult(got);
            },
            new SpawnOptions { TrapExit = true }
        );
        await Within(ready.Task);
        _network.Cut("a.test", "b.test");
        Assert.That(await Within(done.Task), Is.EquivalentTo(new object[] { Atoms.NoConnection, "exit", "no more" }));
        Assert.That(b.Processes.IsAlive(target), Is.False, "the link ended it on its side too");
        _network.Heal("a.test", "b.test");
        Assert.That(await a.PingAsync(b.Name));
    }

    [Test]
    public async Task Send_ThatMayNotConnect_GoesOnlyOverAConnection()
    {
        Node a = await StartAsync("a.test");
        Node b = await StartAsync("b.test");
        TaskCompletionSource<List<object>> got = Completion<List<object>>();
        Pid target = b.Spawn(
            async self => got.SetResult([await self.Receive(), await self.Receive()]),
            new SpawnOptions { Name = "target" }
        );
        async Task<(SendOutcome, SendOutcome)> TellAsync(string text)
        {
            TaskCompletionSource<(SendOutcome, SendOutcome)> outcomes = Completion<(SendOutcome, SendOutcome)>();
            a.Spawn(self =>
            {
                SendOutcome toPid = self.Send(target, (Atom)text, SendOptions.NoConnect);
                outcomes.SetResult((toPid, self.Send("target", b.Name, (Atom)text, SendOptions.NoConnect)));
                return default;
            });
            return await Within(outcomes.Task);
        }

        Assert.That(await TellAsync("too early"), Is.EqualTo((SendOutcome.NoConnect, SendOutcome.NoConnect)));
        Assert.That(a.Nodes, Is.Empty);
        Assert.That(await a.PingAsync(b.Name));
        Assert.That(await TellAsync("in time"), Is.EqualTo((SendOutcome.Ok, SendOutcome.Ok)));
        Assert.That(await Within(got.Task), Is.EqualTo(new object[] { (Atom)"in time", (Atom)"in time" }));
    }

    [Test]
    public async Task Send_ThatMayNotBeHeld_GoesOnWhenItMakesTheConnectionBusy()
    {
        Node a = await StartAsync("a.test");
        Node b = await StartAsync("b.test");
        Assert.That(await a.PingAsync(b.Name));
        _network.Stall("a.test", "b.test");
        TaskCompletionSource<List<SendOutcome>> done = Completion<List<SendOutcome>>();
        a.Spawn(async self =>
        {
            List<SendOutcome> outcomes = [];
            do
            {
                outcomes.Add(self.Send("nobody", b.Name, new byte[256 * 1024], SendOptions.NoSuspend));
                await self.Yield();
            } while (outcomes[^1] == SendOutcome.Ok && outcomes.Count < 1000);
            done.SetResult(outcomes);
        });
        List<SendOutcome> outcomes = await Within(done.Task);
        Assert.That(outcomes[0], Is.EqualTo(SendOutcome.Ok));
        Assert.That(outcomes[^1], Is.EqualTo(SendOutcome.NoSuspend));
        _network.Heal("a.test", "b.test");
    }

    [Test]
    public async Task ExitReason_ThatIsNoTerm_StillTellsThePeer()
    {
        Node a = await StartAsync("a.test");
        Node b = await StartAsync("b.test");
        Pid failing = b.Spawn(async self => self.Exit(await self.Receive() is Binary ? new Version(1, 0) : Atoms.Normal));
        TaskCompletionSource<object> done = Completion<object>();
        a.Spawn(async self =>
        {
            self.Monitor(failing);
            self.Send(failing, "go");
            done.SetResult((await self.Receive<Down>()).Reason);
        });
        Assert.That(Term.Format(await Within(done.Task)), Is.EqualTo("{not_a_term,<<\"System.Version\">>}"));
    }

    [Test]
    public async Task Send_OfWhatIsNoTerm_IsTheSendersError()
    {
        Node a = await StartAsync("a.test");
        Node b = await StartAsync("b.test");
        Assert.That(await a.PingAsync(b.Name));
        TaskCompletionSource<Exception?> done = Completion<Exception?>();
        a.Spawn(self =>
        {
            try
            {
                self.Send("anybody", b.Name, new Version(1, 0));
                done.SetResult(null);
            }
            catch (ArgumentException exception)
            {
                done.SetResult(exception);
            }

            return default;
        });
        Assert.That((await Within(done.Task))?.Message, Does.Contain("Version"));
        Assert.That(await a.PingAsync(b.Name), "the connection is unharmed");
    }

    [Test]
    public void Start_WithoutCookie_SaysWhatIsMissing() =>
        Assert.That(
            async () => await Node.StartAsync(new NodeOptions { Name = "node@a.test" }),
            Throws.ArgumentException.With.Message.Contains("Cookie")
        );

    [Test]
    public async Task Start_WithoutName_IsANodeWithoutConnections()
    {
        await using Node node = await Node.StartAsync(new NodeOptions());
        Assert.That(node.Name.Name, Is.EqualTo("nonode@nohost"));
        Assert.That(await node.PingAsync("node@a.test"), Is.False);
        Assert.That(await node.ConnectAsync("node@a.test"), Is.False);
    }

    [Test]
    public async Task AddCloudScale_NodeLivesAsLongAsItsHost()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddCloudScale(options =>
        {
            options.Name = "node@hosted.test";
            options.Cookie = "secret";
            options.Transport = _network.CreateTransport("hosted.test");
            options.Directory = _directory;
        });
        using IHost host = builder.Build();
        await host.StartAsync();
        Node node = await Within(host.Services.GetRequiredService<NodeHandle>().Started);
        Node other = await StartAsync("a.test");
        Assert.That(await other.PingAsync(node.Name));
        await host.StopAsync();
        Assert.That(node.Processes.ProcessCount, Is.Zero);
        await Eventually.TrueAsync(() => other.Nodes.Count == 0, "the connection is closed");
    }
}
