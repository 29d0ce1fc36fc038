namespace CloudScale.InteropNode.Tests;

/// <summary>The sample beside a real Erlang node, which runs the checks of <c>erlang/*.erl</c> against it.</summary>
public abstract class PageFixture
{
    private protected const string Cookie = "a-cookie-of-its-own";
    private protected const string SampleName = "sample@127.0.0.1";

    private protected RealEpmd Epmd { get; private set; } = null!;
    private protected ErlangNode Erlang { get; private set; } = null!;
    private protected SampleProcess Sample { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task StartAll()
    {
        Epmd = await RealEpmd.StartAsync();
        Erlang = await ErlangNode.StartAsync("peer@127.0.0.1", Cookie, Epmd.Port);
        Sample = await SampleProcess.StartReadyAsync(Epmd.Port, SampleName, Cookie);
        string sources = Path.Combine(AppContext.BaseDirectory, "erlang");
        string loaded = await Erlang.EvalAsync(
            $$"""
            [begin {ok, M, B} = compile:file("{{sources}}/" ++ atom_to_list(F), [binary, report]), {module, M} = code:load_binary(M, atom_to_list(F), B), M end
              || F <- [tool, plain, servers, supervisors, functions, cluster]]
            """
        );
        Assert.That(loaded, Does.StartWith("[tool,"), Erlang.Output);
    }

    [OneTimeTearDown]
    public async Task StopAll()
    {
        if (Sample is not null)
            await Sample.DisposeAsync();
        if (Erlang is not null)
            await Erlang.DisposeAsync();
        if (Epmd is not null)
            await Epmd.DisposeAsync();
    }

    /// <summary>Runs a check in a process of its own on the Erlang node.</summary>
    private protected async Task Check(string module, string function) =>
        Assert.That(
            await Erlang.EvalAsync($"tool:run({module}, {function}, '{SampleName}')"),
            Is.EqualTo("ok"),
            () => $"{module}:{function}/1. {Erlang.Output}"
        );
}
