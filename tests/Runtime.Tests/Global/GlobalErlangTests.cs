namespace CloudScale.Runtime.Tests;

/// <summary>Global names and locks that a real Erlang node and ours share.</summary>
[Category("OtpNode")]
public sealed class GlobalErlangTests
{
    private const string Cookie = "global";
    private RealEpmd _epmd = null!;
    private ErlangNode _erlang = null!;
    private Node _node = null!;

    [OneTimeSetUp]
    public async Task StartBoth()
    {
        _epmd = await RealEpmd.StartAsync();
        _erlang = await ErlangNode.StartAsync("peer@127.0.0.1", Cookie, _epmd.Port);
        _node = await Node.StartAsync(Options("ours@127.0.0.1"));
    }

    [OneTimeTearDown]
    public async Task StopBoth()
    {
        if (_node is not null)
            await _node.DisposeAsync();
        if (_erlang is not null)
            await _erlang.DisposeAsync();
        if (_epmd is not null)
            await _epmd.DisposeAsync();
    }

    private NodeOptions Options(string name) =>
        new()
        {
            Name = name,
            Cookie = Cookie,
            EpmdPort = _epmd.Port,
            ListenAddress = System.Net.IPAddress.Loopback,
        };

    private static Task<T> Within<T>(Task<T> task) => task.WaitAsync(Eventually.Patience);

    private async Task SyncGlobalAsync()
    {
        Assert.That(await _node.ConnectAsync("peer@127.0.0.1"));
        Assert.That(await _erlang.EvalAsync("global:sync()"), Is.EqualTo("ok"));
        await Within(
            _node.RunAsync(async self =>
            {
                await _node.Global.Sync(self);
                return true;
            })
        );
    }

    [Test]
    public async Task GlobalName_OfOurs_IsErlangs()
    {
        await SyncGlobalAsync();
        Pid ours = _node.Spawn(async self =>
        {
            if (await self.Receive() is Tuple and [Pid from, var message])
                self.Send(from, message);
        });
        Assert.That(await Within(_node.RunAsync(self => _node.Global.Register(self, Atom.Of("ours_global"), ours))));
        Assert.That(await _erlang.EvalAsync("node(global:whereis_name(ours_global))"), Is.EqualTo("'ours@127.0.0.1'"));
        Assert.That(
            await _erlang.EvalAsync("(fun() -> global:send(ours_global, {self(), hello}), receive M -> M after 5000 -> timeout end end)()"),
            Is.EqualTo("hello")
        );
        await Eventually.TrueAsync(
            async () => await _erlang.EvalAsync("global:whereis_name(ours_global)") == "undefined",
            "its exit frees the name"
        );
    }

    [Test]
    public async Task GlobalName_OfErlang_IsOurs()
    {
        await SyncGlobalAsync();
        Assert.That(
            await _erlang.EvalAsync("global:register_name({theirs, 1}, spawn(fun() -> receive stop -> ok end end))"),
            Is.EqualTo("yes")
        );
        object name = Tuple.Of(Atom.Of("theirs"), 1L);
        Assert.That(_node.Global.WhereIs(name).Node?.Name, Is.EqualTo((Atom)"peer@127.0.0.1"), "it is here when Erlang has its answer");
        Assert.That(await _erlang.EvalAsync("global:unregister_name({theirs, 1})"), Is.EqualTo("ok"));
        Assert.That(_node.Global.WhereIs(name).IsNone);
    }

    [Test]
    public async Task GlobalNames_AreExchangedWhenNodesMeet_AndConflictsResolved()
    {
        await using Node other = await Node.StartAsync(Options("meets@127.0.0.1"));
        await using ErlangNode erlang = await ErlangNode.StartAsync("met@127.0.0.1", Cookie, _epmd.Port);
        Pid ours = other.Spawn(async self => await self.Receive<Atom>());
        Pid both = other.Spawn(async self => await self.Receive<Atom>());
        Assert.That(await Within(other.RunAsync(self => other.Global.Register(self, Atom.Of("only_ours"), ours))));
        Assert.That(await Within(other.RunAsync(self => other.Global.Register(self, Atom.Of("on_both"), both))));
        await erlang.EvalAsync(
            "[begin P = spawn(fun() -> receive stop -> ok end end), yes = global:register_name(N, P) end || N <- [only_theirs, on_both]]"
        );
        Assert.That(await other.ConnectAsync("met@127.0.0.1"));
        await Eventually.TrueAsync(() => !other.Global.WhereIs(Atom.Of("only_theirs")).IsNone, "we have theirs");
        await Eventually.TrueAsync(
            async () => await erlang.EvalAsync("lists:sort(global:registered_names())") == "[on_both,only_ours,only_theirs]",
            "they have ours"
        );
        // random_exit_name keeps the one of the lesser node, which is ours: meets < met.
        Assert.That(other.Global.WhereIs(Atom.Of("on_both")), Is.EqualTo(both));
        Assert.That(await erlang.EvalAsync("node(global:whereis_name(on_both))"), Is.EqualTo("'meets@127.0.0.1'"));
        await erlang.KillAsync();
        await Eventually.TrueAsync(() => other.Global.WhereIs(Atom.Of("only_theirs")).IsNone, "a node that is lost takes its names along");
    }

    [Test]
    public async Task GlobalLock_HeldHere_IsRefusedThere()
    {
        await SyncGlobalAsync();
        TaskCompletionSource<bool> held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Pid holder = _node.Spawn(async self =>
        {
            held.SetResult(await _node.Global.SetLock(self, Atom.Of("door"), self.Pid));
            await self.Receive<Atom>();
        });
        Assert.That(await Within(held.Task));
        Assert.That(await _erlang.EvalAsync("global:set_lock({door, self()}, [node() | nodes()], 0)"), Is.EqualTo("false"));
        _node.Send(holder, Atom.Of("stop"));
        Assert.That(await _erlang.EvalAsync("global:set_lock({door, self()}, [node() | nodes()], 20)"), Is.EqualTo("true"));
        Assert.That(await _erlang.EvalAsync("global:del_lock({door, self()})"), Is.EqualTo("true"));
    }

    [Test]
    public async Task GlobalName_OfAServer_IsCalledFromErlang()
    {
        await SyncGlobalAsync();
        StartResult started = await _node.StartAsync(
            new Echo(),
            new StartOptions { Name = ServerName.Via(_node.Global, Atom.Of("echo_global")) }
        );
        Assert.That(started.IsOk, $"{started}");
        Assert.That(await _erlang.EvalAsync("gen_server:call({global, echo_global}, {hi, 1})"), Is.EqualTo("{hi,1}"));
    }

    private sealed class Echo : GenServer
    {
        protected override ProcessTask<Next> HandleCall(object request, From from) => Reply(request);
    }
}
