namespace CloudScale.Behaviours.Tests;

/// <summary>A node of ours beside a real Erlang node.</summary>
[Category("OtpNode")]
public abstract class PeerFixture
{
    private const string Cookie = "secret";
    private RealEpmd _epmd = null!;

    protected LogRecorder Log { get; } = new();

    protected ErlangNode Erlang { get; private set; } = null!;

    protected Node Node { get; private set; } = null!;

    protected static Atom Peer => "peer@127.0.0.1";

    [OneTimeSetUp]
    public async Task StartBoth()
    {
        _epmd = await RealEpmd.StartAsync();
        Erlang = await ErlangNode.StartAsync(Peer.Name, Cookie, _epmd.Port);
        Node = await StartAnotherAsync("ours@127.0.0.1");
        Assert.That(await Node.PingAsync(Peer));
        await Erlang.EvalAsync("logger:set_primary_config(level, none)");
    }

    /// <summary>A further node of ours, in the same cluster.</summary>
    protected Task<Node> StartAnotherAsync(string name) =>
        Node.StartAsync(
            new NodeOptions
            {
                Name = name,
                Cookie = Cookie,
                EpmdPort = _epmd.Port,
                StartEpmd = false,
                ListenAddress = System.Net.IPAddress.Loopback,
                ShutdownGrace = TimeSpan.FromMilliseconds(100),
            },
            Log
        );

    [OneTimeTearDown]
    public async Task StopBoth()
    {
        if (Node is not null)
            await Node.DisposeAsync();
        if (Erlang is not null)
            await Erlang.DisposeAsync();
        if (_epmd is not null)
            await _epmd.DisposeAsync();
    }

    [TearDown]
    public void ShowLogs()
    {
        if (TestContext.CurrentContext.Result.Outcome.Status != NUnit.Framework.Interfaces.TestStatus.Failed)
            return;
        TestContext.Out.WriteLine(string.Join("\n", Log.Lines.TakeLast(30).Select(line => line.Text)));
        TestContext.Out.WriteLine(Erlang.Output);
    }

    /// <summary>What Erlang evaluates, with <c>S</c> for our server of a name.</summary>
    protected async Task<string> Eval(string name, string expressions) =>
        await Erlang.EvalAsync($"(fun(S) -> {expressions} end)({{{name}, 'ours@127.0.0.1'}})");

    protected async Task<T> Run<T>(Func<Self, ProcessTask<T>> body) => await Node.RunAsync(body).WaitAsync(Eventually.Patience);

    /// <summary>What a body returns, or the reason it exits with, as Erlang prints it.</summary>
    protected async Task<string> TextOf(Func<Self, ProcessTask<object>> body)
    {
        try
        {
            return Term.Format(await Run(body));
        }
        catch (ProcessExitException exception)
        {
            return $"exit {Term.Format(exception.Reason)}";
        }
    }

    protected async Task Load(params string[] modules)
    {
        foreach (string module in modules)
        {
            string source = Path.Combine(TestContext.CurrentContext.TestDirectory, "Peers", $"{module}.erl");
            await Erlang.EvalAsync(
                $$"""(fun() -> {ok, M, Code} = compile:file("{{source}}", [binary, report]), {module, _} = code:load_binary(M, "{{source}}", Code), ok end)()"""
            );
        }
    }
}
