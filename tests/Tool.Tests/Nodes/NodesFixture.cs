using System.Globalization;

namespace CloudScale.Tool.Tests.Nodes;

/// <summary>A node of ours beside a real Erlang node, and the command between them.</summary>
public abstract class NodesFixture
{
    private protected const string Cookie = "a-cookie-of-its-own";
    private protected const string There = "peer@127.0.0.1";
    private protected const string Here = "ours@127.0.0.1";

    private protected RealEpmd Epmd { get; private set; } = null!;
    private protected ErlangNode Erlang { get; private set; } = null!;
    private protected Node Ours { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task StartBoth()
    {
        Epmd = await RealEpmd.StartAsync();
        Erlang = await ErlangNode.StartAsync(There, Cookie, Epmd.Port);
        Ours = await Node.StartAsync(
            new NodeOptions
            {
                Name = Here,
                Cookie = Cookie,
                EpmdPort = Epmd.Port,
                StartEpmd = false,
                ShutdownGrace = TimeSpan.FromMilliseconds(100),
            }
        );
        StartResult started = await Ours.StartAsync(new ShopSupervisor(), new StartOptions { Name = "shop_sup" });
        Assert.That(started.IsOk, Is.True);
        Ours.Functions.Export(new Shop());
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

    /// <summary>What a command about a node is given besides.</summary>
    private protected string[] Common => ["--cookie", Cookie, "--epmd-port", Epmd.Port.ToString(CultureInfo.InvariantCulture)];

    private protected Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        CommandRun.RunAsync("", [.. arguments, .. Common]);

    private protected async Task<string> OutputAsync(params string[] arguments)
    {
        (int exitCode, string output, string error) = await RunAsync(arguments);
        Assert.That(exitCode, Is.Zero, error);
        return output.ReplaceLineEndings("\n");
    }
}
