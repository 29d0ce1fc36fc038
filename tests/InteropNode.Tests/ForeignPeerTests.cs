using System.Diagnostics;

namespace CloudScale.InteropNode.Tests;

/// <summary>Nodes that are neither Erlang's nor ours: a C node of Erlang's library <c>ei</c>, and a Java node of its Jinterface. What they check is in <c>peers/</c>.</summary>
/// <remarks>They know less than Erlang's nodes: no header and no fragments, no monitors, no spawning; and they say so by the flags that they do not have.</remarks>
public sealed class ForeignPeerTests
{
    private const string Cookie = "a-cookie-of-its-own";
    private const string SampleName = "sample@127.0.0.1";
    private static readonly string s_sources = Path.Combine(AppContext.BaseDirectory, "peers");
    private static readonly string s_jar = "/usr/share/java/OtpErlang.jar";

    private RealEpmd _epmd = null!;
    private SampleProcess _sample = null!;
    private string _folder = null!;

    [SetUp]
    public async Task StartSample()
    {
        OtpInstallation.Require();
        _folder = Directory.CreateTempSubdirectory("cloudscale-peers-").FullName;
        _epmd = await RealEpmd.StartAsync();
        _sample = await SampleProcess.StartReadyAsync(_epmd.Port, SampleName, Cookie);
    }

    [TearDown]
    public async Task StopAll()
    {
        if (_sample is not null)
            await _sample.DisposeAsync();
        if (_epmd is not null)
            await _epmd.DisposeAsync();
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task CNode_SendsCallsAndIsCalled_AndItsGlobalNameGoesWithIt()
    {
        if (OtpInstallation.Find("cc") is null || !File.Exists("/usr/include/ei.h"))
            Assert.Ignore("No C compiler, or no library ei (Debian: gcc, erlang-dev).");
        string program = Path.Combine(_folder, "peer");
        await RunAsync(
            "cc",
            "-std=gnu11",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-O1",
            "-pthread",
            Path.Combine(s_sources, "peer.c"),
            "-o",
            program,
            "-lei"
        );
        await using ErlangNode erlang = await ErlangNode.StartAsync("peer@127.0.0.1", Cookie, _epmd.Port);
        Assert.That(await erlang.EvalAsync($"net_adm:ping('{SampleName}')"), Is.EqualTo("pong"));
        Assert.That(await RunAsync(program, SampleName, Cookie), Is.EqualTo("ok\n"));
        const string isGone = $"rpc:call('{SampleName}', global, whereis_name, [c_name]) =:= undefined";
        await Eventually.TrueAsync(async () => await erlang.EvalAsync(isGone) == "true", "the name has gone with its node");
    }

    [Test]
    public async Task JavaNode_SendsCallsLinksAndIsCalled()
    {
        if (OtpInstallation.Find("javac") is null || !File.Exists(s_jar))
            Assert.Ignore("No Java compiler, or no Jinterface (Debian: default-jdk-headless, erlang-jinterface).");
        await RunAsync(
            "javac",
            "-Xlint:all",
            "-Werror",
            "-encoding",
            "UTF-8",
            "-cp",
            s_jar,
            "-d",
            _folder,
            Path.Combine(s_sources, "Peer.java")
        );
        Assert.That(await RunAsync("java", "-cp", $"{s_jar}:{_folder}", "Peer", SampleName, Cookie), Is.EqualTo("ok\n"));
    }

    /// <summary>Runs a program to its end, which must be a good one, and gives what it printed.</summary>
    private async Task<string> RunAsync(string program, params string[] arguments)
    {
        using Process process = OtpInstallation.Start(program, _epmd.Port, arguments);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(3 * Eventually.Patience);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }

        Assert.That(process.ExitCode, Is.Zero, $"{program}: {await output}{await errors}");
        return await output;
    }
}
