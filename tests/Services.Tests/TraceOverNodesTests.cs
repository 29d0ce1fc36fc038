using System.Diagnostics;
using CloudScale.Scheduling;

namespace CloudScale.Services.Tests;

/// <summary>Distributed traces between our nodes, and through a real Erlang node.</summary>
[Category("OtpNode"), NonParallelizable]
public sealed class TraceOverNodesTests : PeerFixture
{
    private readonly List<Activity> _ended = [];
    private Node _far = null!;

    private sealed class Back : GenServer
    {
        protected override ProcessTask<Next> HandleCall(object request, From from) => Reply(Activity.Current?.Id ?? "none");
    }

    /// <summary>Asks the one behind it, which the request names.</summary>
    private sealed class Front : GenServer
    {
        protected override async ProcessTask<Next> HandleCall(object request, From from)
        {
            _ = ServerRef.TryFrom(request, out ServerRef next);
            return Reply(await Self.Call(next, (Atom)"question"));
        }
    }

    [OneTimeSetUp]
    public async Task StartFar()
    {
        _far = await Node.StartAsync(Options("far@127.0.0.1"));
        await _far.StartAsync(new Back(), new StartOptions { Name = "back" });
        await Ours.StartAsync(new Front(), new StartOptions { Name = "front" });
        // A server of Erlang that asks ours in turn, and tells the label it was asked with.
        await EvalAsync(
            """
            register(middle, spawn(fun() -> (fun L() -> receive {'$gen_call', From, Next} ->
                Label = seq_trace:get_token(label),
                gen_server:reply(From, {Label, gen_server:call(Next, question)}), L() end end)() end))
            """
        );
    }

    [OneTimeTearDown]
    public async Task StopFar()
    {
        if (_far is not null)
            await _far.DisposeAsync();
    }

    private ActivityListener Listen()
    {
        _ended.Clear();
        ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name is CallActivities.SourceName or "tests",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (_ended)
                    _ended.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private async Task<Activity> EndedAsync(string name)
    {
        Activity? found = null;
        await Eventually.TrueAsync(
            () =>
            {
                lock (_ended)
                    found = _ended.SingleOrDefault(activity => activity.OperationName == name);
                return found is not null;
            },
            $"'{name}' has ended"
        );
        return found!;
    }

    [Test]
    public async Task Call_ThroughTwoOfOurNodes_IsOneTrace()
    {
        using ActivityListener listener = Listen();
        using ActivitySource tests = new("tests");
        using Activity request = tests.StartActivity("request")!;
        object id = await Within(Ours.CallAsync("front", ServerRef.At("back", _far.Name).ToTerm()));
        request.Stop();
        Activity front = await EndedAsync("process front");
        Activity back = await EndedAsync("process back");
        Assert.That((front.TraceId, back.TraceId), Is.EqualTo((request.TraceId, request.TraceId)));
        Assert.That(front.ParentSpanId, Is.EqualTo(request.SpanId));
        Assert.That((back.ParentSpanId, back.HasRemoteParent), Is.EqualTo((front.SpanId, true)));
        Assert.That(((Binary)id).ToString(), Does.Contain(back.SpanId.ToHexString()), "it was current in the callback there");
    }

    [Test]
    public async Task Call_ByPid_OfATracedNode_IsOneTrace()
    {
        using ActivityListener listener = Listen();
        using ActivitySource tests = new("tests");
        using Activity request = tests.StartActivity("request")!;
        await Within(Ours.CallAsync(_far.WhereIs("back"), (Atom)"question"));
        Activity back = await EndedAsync("process back");
        Assert.That((back.TraceId, back.ParentSpanId), Is.EqualTo((request.TraceId, request.SpanId)));
    }

    [Test]
    public async Task Call_ThroughErlang_IsOneTrace_AndErlangSeesTheContext()
    {
        using ActivityListener listener = Listen();
        using ActivitySource tests = new("tests");
        using Activity request = tests.StartActivity("request")!;
        object answer = await Within(Ours.CallAsync(ServerRef.At("middle", There), ServerRef.At("back", _far.Name).ToTerm()));
        Activity back = await EndedAsync("process back");
        Assert.That(answer, Is.InstanceOf<Tuple>());
        Assert.That(((Tuple)answer)[0], Is.EqualTo(Tuple.Of((Atom)"label", new Binary(System.Text.Encoding.ASCII.GetBytes(request.Id!)))));
        Assert.That(
            (back.TraceId, back.ParentSpanId),
            Is.EqualTo((request.TraceId, request.SpanId)),
            "Erlang gives the token along as it is"
        );
    }

    [Test]
    public async Task Call_OfErlangWithItsOwnContext_BelongsToThatTrace()
    {
        using ActivityListener listener = Listen();
        const string Context = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await EvalAsync(
            $"seq_trace:set_token(label, <<\"{Context}\">>), gen_server:call({{back, 'far@127.0.0.1'}}, question), seq_trace:set_token([])"
        );
        Activity back = await EndedAsync("process back");
        Assert.That((back.TraceId.ToHexString(), back.ParentSpanId.ToHexString()), Is.EqualTo((Context[3..35], Context[36..52])));
    }

    [Test]
    public async Task Call_NobodyListens_CarriesNothing()
    {
        using Activity lonely = new("lonely");
        lonely.Start();
        object answer = await Within(Ours.CallAsync(ServerRef.At("middle", There), ServerRef.At("back", _far.Name).ToTerm()));
        Assert.That(Term.Format(answer), Is.EqualTo("{[],<<\"none\">>}"), "Erlang has seen no token");

        object request = Tuple.Of((Atom)"$gen_call", Atoms.Undefined, Atoms.Undefined);
        Assert.That(Runtime.OutgoingSignals.TraceOf(request), Is.Null);
        long allocated = AllocatedBytes.Least(() =>
        {
            for (int i = 0; i < 10_000; i++)
                Runtime.OutgoingSignals.TraceOf(request);
        });
        Assert.That(allocated, Is.Zero);
    }

    [Test]
    public void Messages_ThatAreNoRequests_CarryNothing()
    {
        using ActivityListener listener = Listen();
        using ActivitySource tests = new("tests");
        using Activity request = tests.StartActivity("request")!;
        Assert.That(Runtime.OutgoingSignals.TraceOf(new GenCast(1L)), Is.Not.Null);
        Assert.That(Runtime.OutgoingSignals.TraceOf(Tuple.Of((Atom)"$gen_cast", 1L)), Is.Not.Null);
        Assert.That(Runtime.OutgoingSignals.TraceOf(Tuple.Of((Atom)"answer", 1L)), Is.Null);
        Assert.That(Runtime.OutgoingSignals.TraceOf(1L), Is.Null);
    }

    [Test]
    public async Task Contexts_ThatNobodyAsksFor_AreForgotten_AndOursAreKept()
    {
        using ActivityListener listener = Listen();
        string sends = string.Join(
            ", ",
            "seq_trace:set_token(label, <<\"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\">>)",
            $"[{{nobody, {Here}}} ! {{'$gen_call', {{self(), [alias | make_ref()]}}, x}} || _ <- lists:seq(1, 70000)]",
            "seq_trace:set_token([])"
        );
        await EvalAsync($"{sends}, ok");
        Assert.That(await EvalAsync($"rpc:call({Here}, erlang, node, [])"), Is.EqualTo(Here), "all have been taken");
        using ActivitySource tests = new("tests");
        using Activity request = tests.StartActivity("request")!;
        await Within(Ours.CallAsync(ServerRef.At("back", _far.Name), (Atom)"question"));
        Activity back = await EndedAsync("process back");
        Assert.That(back.TraceId, Is.EqualTo(request.TraceId), "seventy thousand strange contexts keep none of ours out");
    }
}
