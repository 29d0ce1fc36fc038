using System.Globalization;

namespace CloudScale.Tool.Tests.Nodes;

/// <summary>Commands of this machine: the name server, the cookie, a node from an assembly.</summary>
[Category("OtpNode")]
public sealed class LocalCommandTests
{
    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    private string _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("cloudscale-tool-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task Names_OfARealEpmd_AreItsNodes()
    {
        await using RealEpmd epmd = await RealEpmd.StartAsync();
        await using ErlangNode erlang = await ErlangNode.StartAsync("listed@127.0.0.1", "secret", epmd.Port);
        (int exitCode, string output, string error) = await CommandRun.RunAsync("", "names", "--epmd-port", Text(epmd.Port));
        Assert.That(exitCode, Is.Zero, error);
        Assert.That(output, Does.Match(@"listed +\d+"));
    }

    [Test]
    public async Task Names_NoEpmd_SaysSo()
    {
        (int exitCode, _, string error) = await CommandRun.RunAsync("", "names", "--epmd-port", Text(OtpInstallation.FreePort()));
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(error, Does.Contain("No epmd answers"));
    }

    [Test]
    public async Task Serve_ThenKill_IsAnEpmdForErlang_UntilItIsKilled()
    {
        int port = OtpInstallation.FreePort();
        using CommandRun serve = CommandRun.Start("epmd", "serve", "--epmd-port", Text(port));
        await Eventually.TrueAsync(() => serve.Output.Contains("epmd at"), "it listens");
        await using (ErlangNode erlang = await ErlangNode.StartAsync("guest@127.0.0.1", "secret", port))
        {
            (_, string names, _) = await CommandRun.RunAsync("", "epmd", "names", "--epmd-port", Text(port));
            Assert.That(names, Does.Contain("guest"));
            (int refused, _, _) = await CommandRun.RunAsync("", "epmd", "kill", "--epmd-port", Text(port));
            Assert.That(refused, Is.EqualTo(1), "a node lives");
        }

        await Eventually.TrueAsync(
            async () => (await CommandRun.RunAsync("", "epmd", "kill", "--epmd-port", Text(port))).ExitCode == 0,
            "the node is gone, and the name server may go"
        );
        Assert.That(await serve.EndAsync(), Is.Zero);
    }

    [Test]
    public async Task Cookie_CreateThenRead_IsOne_AndNobodyElseMayReadIt()
    {
        string file = Path.Combine(_folder, "cookie");
        (int missing, _, string error) = await CommandRun.RunAsync("", "cookie", "--file", file);
        Assert.That(missing, Is.EqualTo(1));
        Assert.That(error, Does.Contain("--create"));
        (int created, string cookie, _) = await CommandRun.RunAsync("", "cookie", "--create", "--file", file);
        Assert.That(created, Is.Zero);
        Assert.That(cookie.Trim(), Does.Match("^[A-Z]{20}$"));
        Assert.That((await CommandRun.RunAsync("", "cookie", "--file", file)).Output, Is.EqualTo(cookie));
        if (!OperatingSystem.IsWindows())
            Assert.That(File.GetUnixFileMode(file), Is.EqualTo(UnixFileMode.UserRead));
        (int again, _, string refused) = await CommandRun.RunAsync("", "cookie", "--create", "--file", file);
        Assert.That(again, Is.EqualTo(1));
        Assert.That(refused, Does.Contain("not replaced"));
    }

    [Test]
    public async Task Node_FromAnAssembly_StartsItsSupervisorAndExportsItsModules()
    {
        await using RealEpmd epmd = await RealEpmd.StartAsync();
        using CommandRun node = CommandRun.Start(
            "node",
            typeof(ShopSupervisor).Assembly.Location,
            "--name",
            "assembly@127.0.0.1",
            "--cookie",
            "a-cookie-of-its-own",
            "--supervisor",
            nameof(ShopSupervisor),
            "--epmd-port",
            Text(epmd.Port)
        );
        await Eventually.TrueAsync(() => node.HasEnded || node.Output.Contains("READY assembly@127.0.0.1"), "it runs");
        Assert.That(node.HasEnded, Is.False, node.Error);
        await using (ErlangNode erlang = await ErlangNode.StartAsync("caller@127.0.0.1", "a-cookie-of-its-own", epmd.Port))
        {
            Assert.That(await erlang.EvalAsync("rpc:call('assembly@127.0.0.1', shop, twice, [4])"), Is.EqualTo("8"));
            Assert.That(await erlang.EvalAsync("gen_server:call({till, 'assembly@127.0.0.1'}, {add, 5})"), Is.EqualTo("5"));
        }

        node.Cancel();
        Assert.That(await node.EndAsync(), Is.Zero, node.Error);
    }

    [Test]
    public async Task Node_NoSuchAssembly_SaysSo()
    {
        (int exitCode, _, string error) = await CommandRun.RunAsync(
            "",
            ["node", Path.Combine(_folder, "nothing.dll"), "--name", "a@127.0.0.1", "--cookie", "x"]
        );
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(error, Does.Contain("does not exist"));
    }
}
