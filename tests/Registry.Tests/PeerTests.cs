namespace CloudScale.Registry.Tests;

/// <summary>The registry of a node, asked by a real Erlang node.</summary>
public sealed class PeerTests : PeerFixture
{
    private async Task<string> Ask(string call) => await Erlang.EvalAsync($"rpc:call('ours@127.0.0.1', gproc, {call})");

    [Test]
    public async Task Erlang_AsksForNamesPropertiesAndValues()
    {
        Pid one = Node.Spawn(async self => await self.Sleep(Timeout.InfiniteTimeSpan));
        Node.Registry.Register(RegistryKey.OfName((Atom)"shop"), one, 7L);
        Node.Registry.Register(RegistryKey.OfProperty((Atom)"colour"), one, (Atom)"red");
        Assert.That(await Ask("where, [{n,l,nobody}]"), Is.EqualTo("undefined"));
        Assert.That(await Erlang.EvalAsync("is_pid(rpc:call('ours@127.0.0.1', gproc, where, [{n,l,shop}]))"), Is.EqualTo("true"));
        Assert.That(await Ask("lookup_value, [{n,l,shop}]"), Is.EqualTo("7"));
        Assert.That(await Ask("select, [[{{{n,l,'$1'},'_','$2'},[],[{{'$1','$2'}}]}]]"), Is.EqualTo("[{shop,7}]"));
        Assert.That(await Ask("select_count, [[{{{p,l,'_'},'_',red},[],[true]}]]"), Is.EqualTo("1"));
        Assert.That(await Erlang.EvalAsync("length(rpc:call('ours@127.0.0.1', gproc, lookup_pids, [{p,l,colour}]))"), Is.EqualTo("1"));
        Assert.That(await Ask("where, [{p,l,colour}]"), Does.StartWith("{badrpc,{'EXIT',{badarg,"));
        Assert.That(await Ask("where, [shop]"), Does.StartWith("{badrpc,{'EXIT',{badarg,"));
        Assert.That(await Ask("select, [[7]]"), Does.StartWith("{badrpc,{'EXIT',{badarg,"));
        Assert.That(await Ask("lookup_value, [{n,l,nobody}]"), Does.StartWith("{badrpc,{'EXIT',{badarg,"));
    }

    /// <summary>The keeper of the node's services starts the registry's server again, and it knows whom to bury.</summary>
    [Test]
    public async Task Node_RegistryServerIsKilled_AndEntriesOfTheDeadStillGo()
    {
        Pid one = Node.Spawn(async self => await self.Sleep(Timeout.InfiniteTimeSpan));
        RegistryKey key = RegistryKey.OfName((Atom)"mortal");
        Node.Registry.Register(key, one);
        Pid server = Node.WhereIs(ProcessRegistry.ServerName);
        Node.Exit(server, Atoms.Kill);
        Task<RegistryEvent> told = Run(async self =>
        {
            Node.Registry.Monitor(self, key, RegistryMonitor.Info);
            Node.Exit(one, Atoms.Kill);
            return (await self.Receive<RegistryChange>()).Event;
        });
        Assert.That(await told, Is.EqualTo(RegistryEvent.Unregistered));
        await Eventually.TrueAsync(
            () => Node.WhereIs(ProcessRegistry.ServerName) is { IsNone: false } next && next != server,
            "a server again"
        );
    }
}
