namespace CloudScale.Services.Tests;

/// <summary>A node of ours beside a real Erlang node, for the tests of one class.</summary>
public abstract class PeerFixture
{
    private protected const string Cookie = "secret";

    private protected RealEpmd Epmd { get; private set; } = null!;
    private protected ErlangNode Erlang { get; private set; } = null!;
    private protected Node Ours { get; private set; } = null!;
    private protected LogRecorder Log { get; } = new();
    private protected StringWriter Output { get; } = new();

    /// <summary>Our node's name, as an atom of Erlang.</summary>
    private protected string Here => $"'{Ours.Name.Name}'";

    /// <summary>The Erlang node's name.</summary>
    private protected static readonly Atom There = "peer@127.0.0.1";

    [OneTimeSetUp]
    public async Task StartBoth()
    {
        Epmd = await RealEpmd.StartAsync();
        Erlang = await ErlangNode.StartAsync(There.Name, Cookie, Epmd.Port);
        Ours = await Node.StartAsync(Options("ours@127.0.0.1"), Log);
        Export(Ours.Functions);
    }

    [OneTimeTearDown]
    public async Task StopBoth()
    {
        if (Ours is not null)
            await Ours.DisposeAsync();
        if (Erlang is not null)
            await Erlang.DisposeAsync();
        if (Epmd is not null)
            await Epmd.DisposeAsync();
    }

    [TearDown]
    public void ShowLogs()
    {
        if (TestContext.CurrentContext.Result.Outcome.Status != NUnit.Framework.Interfaces.TestStatus.Failed)
            return;
        TestContext.Out.WriteLine(string.Join("\n", Log.Lines.TakeLast(30).Select(line => line.Text)));
        TestContext.Out.WriteLine(Erlang.Output);
    }

    /// <summary>The functions that the tests of the class call.</summary>
    private protected virtual void Export(FunctionTable functions) { }

    private protected virtual NodeOptions Options(string name) =>
        new()
        {
            Name = name,
            Cookie = Cookie,
            EpmdPort = Epmd.Port,
            StartEpmd = false,
            ListenAddress = System.Net.IPAddress.Loopback,
            ShutdownGrace = TimeSpan.FromMilliseconds(100),
            AllowedFunctions = StandardFunctions.All,
            Output = TextWriter.Synchronized(Output),
        };

    /// <summary>Evaluates on the Erlang node, in its process, with no variable bound.</summary>
    private protected Task<string> EvalAsync(string expressions)
    {
        string quoted = expressions.ReplaceLineEndings(" ").Replace("\\", "\\\\").Replace("\"", "\\\"");
        return Erlang.EvalAsync(
            $$"""
            element(2, (fun(S__) -> {ok, T__, _} = erl_scan:string(S__), {ok, E__} = erl_parse:parse_exprs(T__), erl_eval:exprs(E__, erl_eval:new_bindings()) end)("{{quoted}}."))
            """
        );
    }

    private protected static Task<T> Within<T>(Task<T> task) => task.WaitAsync(Eventually.Patience);

    private protected static TaskCompletionSource<T> Completion<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
