namespace CloudScale.Services.Tests;

/// <summary>Calls of ours that a real Erlang node answers.</summary>
[Category("OtpNode")]
public sealed class CallingOutTests : PeerFixture
{
    private const string Nowhere = "nowhere@127.0.0.1";

    private protected override void Export(FunctionTable functions) =>
        functions.Export("shop", "add", (long left, long right) => left + right);

    private static async Task<ErlangException> FailureAsync(Task<object> call)
    {
        try
        {
            object value = await Within(call);
            Assert.Fail($"returned {Term.Format(value)}");
        }
        catch (ErlangException exception)
        {
            return exception;
        }

        throw new InvalidOperationException();
    }

    [Test]
    public async Task ErpcCall_Returns_OfErlangAndOfOurOwnNode()
    {
        Assert.That(await Within(Erpc.CallAsync(Ours, There, "lists", "reverse", List.Of(List.Of(1L, 2L)))), Is.EqualTo(List.Of(2L, 1L)));
        Assert.That(await Within(Erpc.CallAsync(Ours, Ours.Name, "shop", "add", List.Of(1L, 2L))), Is.EqualTo(3L));
    }

    [Test]
    public async Task ErpcCall_EachClass_IsThrownAsSuch()
    {
        ErlangException error = await FailureAsync(Erpc.CallAsync(Ours, There, "erlang", "error", List.Of((Atom)"why")));
        Assert.That(error.Class, Is.EqualTo(ErlangClass.Error));
        Assert.That(error.Reason is Tuple and [Atom { Name: "exception" }, Atom { Name: "why" }, List], $"{error.Reason}");
        Assert.That(error.Stack, Is.Not.Empty);
        ErlangException exit = await FailureAsync(Erpc.CallAsync(Ours, There, "erlang", "exit", List.Of((Atom)"why")));
        Assert.That((exit.Class, Term.Format(exit.Reason)), Is.EqualTo((ErlangClass.Exit, "{exception,why}")));
        ErlangException @throw = await FailureAsync(Erpc.CallAsync(Ours, There, "erlang", "throw", List.Of((Atom)"why")));
        Assert.That((@throw.Class, Term.Format(@throw.Reason)), Is.EqualTo((ErlangClass.Throw, "why")));
        ErlangException undef = await FailureAsync(Erpc.CallAsync(Ours, There, "no_such", "function", List.Empty));
        Assert.That(Term.Format(undef.Reason), Is.EqualTo("{exception,undef,[{no_such,function,[],[]}]}"));
    }

    [Test]
    public async Task ErpcCall_NoNode_TooLate_AreErpcErrors()
    {
        ErlangException lost = await FailureAsync(Erpc.CallAsync(Ours, Nowhere, "erlang", "node", List.Empty));
        Assert.That((lost as ErpcException)?.Cause, Is.EqualTo(Atoms.NoConnection));
        ErlangException late = await FailureAsync(
            Erpc.CallAsync(Ours, There, "timer", "sleep", List.Of(60_000L), TimeSpan.FromMilliseconds(50))
        );
        Assert.That((late as ErpcException)?.Cause, Is.EqualTo(Atoms.Timeout));
    }

    [Test]
    public async Task ErpcMultiCall_AnswersInTheOrderOfTheNodes()
    {
        IReadOnlyList<ErpcOutcome> outcomes = await Within(
            Erpc.MultiCallAsync(Ours, [There, Nowhere, Ours.Name], "erlang", "node", List.Empty)
        );
        Assert.That(outcomes[0].Value, Is.EqualTo(There));
        Assert.That((outcomes[1].Failure as ErpcException)?.Cause, Is.EqualTo(Atoms.NoConnection));
        Assert.That(outcomes[2].Value, Is.EqualTo(Ours.Name));
    }

    [Test]
    public async Task Rpc_ReturnsAndFailsAsBadRpc()
    {
        Assert.That(await Within(Rpc.CallAsync(Ours, There, "lists", "sum", List.Of(List.Of(1L, 2L)))), Is.EqualTo(3L));
        Assert.That(await Within(Rpc.CallAsync(Ours, There, "erlang", "throw", List.Of((Atom)"ball"))), Is.EqualTo((Atom)"ball"));
        Assert.That(
            async () => await Rpc.CallAsync(Ours, There, "erlang", "exit", List.Of((Atom)"why")),
            Throws.TypeOf<RpcException>().With.Message.EqualTo("badrpc: {'EXIT',why}")
        );
        Assert.That(
            async () => await Rpc.CallAsync(Ours, Nowhere, "erlang", "node", List.Empty),
            Throws.TypeOf<RpcException>().With.Message.EqualTo("badrpc: nodedown")
        );
        Assert.That(
            async () => await Rpc.CallAsync(Ours, There, "timer", "sleep", List.Of(60_000L), TimeSpan.FromMilliseconds(50)),
            Throws.TypeOf<RpcException>().With.Message.EqualTo("badrpc: timeout")
        );
    }

    [Test]
    public async Task RpcMultiCall_TellsResultsAndBadNodes()
    {
        (IReadOnlyList<object> results, IReadOnlyList<Atom> bad) = await Within(
            Rpc.MultiCallAsync(Ours, [There, Nowhere], "erlang", "node", List.Empty)
        );
        Assert.That(results, Is.EqualTo(new object[] { There }));
        Assert.That(bad, Is.EqualTo(new[] { (Atom)Nowhere }));
    }

    [Test]
    public async Task BlockCall_AndCast_ReachErlang()
    {
        Assert.That(await Within(Ours.RunAsync(self => Rpc.BlockCall(self, There, "erlang", "node", List.Empty))), Is.EqualTo(There));
        TaskCompletionSource<object> got = Completion<object>();
        Pid receiver = Ours.Spawn(async self => got.SetResult(await self.Receive()));
        Rpc.Cast(Ours, There, "erlang", "send", List.Of(receiver, (Atom)"from_cast"));
        Assert.That(await Within(got.Task), Is.EqualTo((Atom)"from_cast"));
    }

    [Test]
    public async Task AsyncCall_IsWaitedForLater() =>
        Assert.That(
            await Within(
                Ours.RunAsync(async self =>
                {
                    ErpcRequest first = Rpc.AsyncCall(self, There, "lists", "sum", List.Of(List.Of(1L, 2L)));
                    ErpcRequest second = Rpc.AsyncCall(self, There, "lists", "sum", List.Of(List.Of(3L, 4L)));
                    return Tuple.Of(await Erpc.Receive(self, second), await Erpc.Receive(self, first));
                })
            ),
            Is.EqualTo(Tuple.Of(7L, 3L))
        );
}
