namespace CloudScale.InteropNode.Tests;

/// <summary>The program: how it starts, and how it ends.</summary>
[Category("OtpNode")]
public sealed class ProgramTests
{
    private const string Cookie = "a-cookie-of-its-own";
    private RealEpmd _epmd = null!;
    private ErlangNode _erlang = null!;

    [OneTimeSetUp]
    public async Task StartPeer()
    {
        _epmd = await RealEpmd.StartAsync();
        _erlang = await ErlangNode.StartAsync("peer@127.0.0.1", Cookie, _epmd.Port);
    }

    [OneTimeTearDown]
    public async Task StopPeer()
    {
        if (_erlang is not null)
            await _erlang.DisposeAsync();
        if (_epmd is not null)
            await _epmd.DisposeAsync();
    }

    private Task<SampleProcess> StartAsync(string name, params string[] arguments) =>
        SampleProcess.StartReadyAsync(_epmd.Port, name + "@127.0.0.1", Cookie, arguments);

    private async Task AssertGone(string name) =>
        Assert.That(
            await _erlang.EvalAsync($"lists:keymember(\"{name}\", 1, element(2, erl_epmd:names(\"127.0.0.1\")))"),
            Is.EqualTo("false"),
            "epmd still knows the name"
        );

    [Test]
    public async Task Ready_IsAllThatIsPrinted_AndTheNodeAnswers()
    {
        await using SampleProcess sample = await StartAsync("ready");
        Assert.That(await _erlang.EvalAsync("net_adm:ping('ready@127.0.0.1')"), Is.EqualTo("pong"));
        Assert.That(sample.Output, Is.EqualTo((string[])["READY ready@127.0.0.1"]));
    }

    [Test]
    public async Task Sigterm_StopsInOrder_WithStatus0()
    {
        await using SampleProcess sample = await StartAsync("sigterm");
        Assert.That(await _erlang.EvalAsync("net_adm:ping('sigterm@127.0.0.1')"), Is.EqualTo("pong"));
        sample.Terminate();
        Assert.That(await sample.ExitStatusAsync(), Is.Zero, await sample.Errors);
        Assert.That(await sample.Errors, Is.Empty, "an orderly stop is nothing to report");
        await AssertGone("sigterm");
    }

    [Test]
    public async Task InitStop_IsAnswered_AndStopsInOrder_WithStatus0()
    {
        await using SampleProcess sample = await StartAsync("stop");
        Assert.That(await _erlang.EvalAsync("rpc:call('stop@127.0.0.1', init, stop, [])"), Is.EqualTo("ok"));
        Assert.That(await sample.ExitStatusAsync(), Is.Zero, await sample.Errors);
        await AssertGone("stop");
    }

    [TestCase(0)]
    [TestCase(3)]
    [TestCase(255)]
    public async Task Halt_EndsAtOnce_WithItsStatus(int status)
    {
        await using SampleProcess sample = await StartAsync("halt");
        await _erlang.EvalAsync($"rpc:cast('halt@127.0.0.1', erlang, halt, [{status}])");
        Assert.That(await sample.ExitStatusAsync(), Is.EqualTo(status), await sample.Errors);
    }

    [Test]
    public async Task NameTaken_SaysSo_AndFails()
    {
        await using SampleProcess first = await StartAsync("taken");
        await using SampleProcess second = SampleProcess.Start(_epmd.Port, "--name", "taken@127.0.0.1", "--cookie", Cookie);
        Assert.That(await second.ExitStatusAsync(), Is.Not.Zero);
        Assert.That(await second.Errors, Does.Contain("taken"));
        Assert.That(second.Output, Is.Empty);
        Assert.That(await _erlang.EvalAsync("net_adm:ping('taken@127.0.0.1')"), Is.EqualTo("pong"), "the first goes on");
    }

    [Test]
    public async Task NoEpmd_SaysSo_AndFails()
    {
        int nobody = OtpInstallation.FreePort();
        await using SampleProcess sample = SampleProcess.Start(nobody, "--name", "lonely@127.0.0.1", "--cookie", Cookie);
        Assert.That(await sample.ExitStatusAsync(), Is.Not.Zero);
        Assert.That(await sample.Errors, Does.Contain("epmd"));
        Assert.That(sample.Output, Is.Empty);
    }

    [TestCase("--cookie", "x", TestName = "{m}_NoName")]
    [TestCase("--name", "a@127.0.0.1", TestName = "{m}_NoCookie")]
    [TestCase("--name", "a b@127.0.0.1", "--cookie", "x", TestName = "{m}_NoNodeName")]
    [TestCase("--name", "a@127.0.0.1", "--cookie", "x", "--net-ticktime", "soon", TestName = "{m}_NoTime")]
    public async Task WrongArguments_AreRefused(params string[] arguments)
    {
        await using SampleProcess sample = SampleProcess.Start(_epmd.Port, arguments);
        Assert.That(await sample.ExitStatusAsync(), Is.Not.Zero);
        Assert.That(await sample.Errors, Is.Not.Empty);
    }

    [Test]
    public async Task Hidden_IsAHiddenNode_WithAllServices()
    {
        await using SampleProcess sample = await StartAsync("hidden", "--hidden");
        Assert.That(await _erlang.EvalAsync("net_adm:ping('hidden@127.0.0.1')"), Is.EqualTo("pong"));
        Assert.That(
            await _erlang.EvalAsync("{lists:member('hidden@127.0.0.1', nodes()), lists:member('hidden@127.0.0.1', nodes(hidden))}"),
            Is.EqualTo("{false,true}")
        );
        Assert.That(await _erlang.EvalAsync("gen_server:call({gs, 'hidden@127.0.0.1'}, get_state)"), Is.EqualTo("init"));
        Assert.That(
            await _erlang.EvalAsync("is_pid(rpc:call('hidden@127.0.0.1', global, whereis_name, [{conformance, 'hidden@127.0.0.1'}]))"),
            Is.EqualTo("true")
        );
    }

    [Test]
    public async Task ShortName_AndTickTime_AreTaken()
    {
        await using SampleProcess sample = await SampleProcess.StartReadyAsync(
            _epmd.Port,
            "short@localhost",
            Cookie,
            "--net-ticktime",
            "8"
        );
        await using ErlangNode erlang = await ErlangNode.StartAsync("peer2@localhost", Cookie, _epmd.Port);
        Assert.That(await erlang.EvalAsync("rpc:call('short@localhost', net_kernel, get_net_ticktime, [])"), Is.EqualTo("8"));
        Assert.That(await erlang.EvalAsync("rpc:call('short@localhost', erlang, node, [])"), Is.EqualTo("short@localhost"));
    }
}
