namespace CloudScale.Registry.Tests;

/// <summary>Waiting for a key on several nodes, also asked from a real Erlang node.</summary>
public sealed class WideAwaitTests : PeerFixture
{
    private static readonly RegistryKey s_key = RegistryKey.OfName((Atom)"wanted");

    private static Pid Bear(Node node, object value)
    {
        Pid bearer = node.Spawn(async self => await self.Sleep(Timeout.InfiniteTimeSpan));
        node.Registry.Register(s_key, bearer, value);
        return bearer;
    }

    [Test]
    public async Task WideAwait_RegisteredOnAnother_IsTold()
    {
        await using Node other = await StartAnotherAsync("wide@127.0.0.1");
        Task<RegistryEntry> waiting = Run(self =>
            Node.Registry.WideAwait(self, [Node.Name, other.Name, "nobody@127.0.0.1"], s_key, Eventually.Patience)
        );
        Pid bearer = Bear(other, 7L);
        RegistryEntry entry = await waiting.WaitAsync(Eventually.Patience);
        Assert.That((entry.Key, entry.Pid.Number, entry.Value), Is.EqualTo((s_key, bearer.Number, (object)7L)));
        Assert.That(entry.Pid.Node.Name, Is.SameAs(other.Name));
        Node.Exit(entry.Pid, Atoms.Kill);
        await Eventually.TrueAsync(() => other.Registry.WhereIs((Atom)"wanted").IsNone, "it is really that process");
    }

    [Test]
    public async Task WideAwait_RegisteredHere_IsTold_AndNobodyWaitsOn()
    {
        Task<bool> waiting = Run(async self =>
        {
            RegistryEntry entry = await Node.Registry.WideAwait(self, [Node.Name], RegistryKey.OfName((Atom)"local"), Eventually.Patience);
            return entry.Value is 3L && !(await self.TryReceive<object>(TimeSpan.Zero)).HasValue;
        });
        Pid bearer = Node.Spawn(async self => await self.Sleep(Timeout.InfiniteTimeSpan));
        Node.Registry.Register(RegistryKey.OfName((Atom)"local"), bearer, 3L);
        Assert.That(await waiting.WaitAsync(Eventually.Patience), "nothing is left in the mailbox");
        Node.Exit(bearer, Atoms.Kill);
    }

    [Test]
    public async Task WideAwait_NobodyComes_OrCanBeAsked_ExitsWithTheReason()
    {
        Assert.That(
            await ReasonAsync([Node.Name], TimeSpan.FromMilliseconds(20)),
            Is.EqualTo("{timeout,{gproc,wide_await,[['ours@127.0.0.1'],{n,l,never},20]}}")
        );
        Assert.That(
            await ReasonAsync(["nobody@127.0.0.1"], Eventually.Patience),
            Does.StartWith("{noconnection,{gproc,wide_await,[['nobody@127.0.0.1'],{n,l,never},")
        );

        Task<string> ReasonAsync(Atom[] nodes, TimeSpan timeout) =>
            Run(async self =>
                {
                    try
                    {
                        await Node.Registry.WideAwait(self, nodes, RegistryKey.OfName((Atom)"never"), timeout);
                        return "found";
                    }
                    catch (ProcessExitException exit)
                    {
                        return Term.Format(exit.Reason);
                    }
                })
                .WaitAsync(Eventually.Patience);
    }

    [Test]
    public async Task Await_AskedByErlang_AnswersAsGproc()
    {
        Task<string> waiting = Erlang.EvalAsync("element(2, rpc:call('ours@127.0.0.1', gproc, await, [{n,l,late}, 15000]))");
        Pid bearer = Node.Spawn(async self => await self.Sleep(Timeout.InfiniteTimeSpan));
        Node.Registry.Register(RegistryKey.OfName((Atom)"late"), bearer, (Atom)"here");
        Assert.That(await waiting, Is.EqualTo("here"));
        Assert.That(
            await Erlang.EvalAsync("rpc:call('ours@127.0.0.1', gproc, await, [{n,l,never}, 10])"),
            Is.EqualTo("{badrpc,{'EXIT',{timeout,{gproc,await,[{n,l,never},10]}}}}")
        );
        Assert.That(
            await Erlang.EvalAsync("rpc:call('ours@127.0.0.1', gproc, await, [{p,l,x}, 10])"),
            Does.StartWith("{badrpc,{'EXIT',{badarg,")
        );
        Node.Exit(bearer, Atoms.Kill);
    }
}
