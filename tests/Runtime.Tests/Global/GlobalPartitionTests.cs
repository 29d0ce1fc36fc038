namespace CloudScale.Runtime.Tests;

/// <summary>Clusters of which a real Erlang node has lost track of one of ours, while their connection stands: its <c>global</c> does so when an attempt to connect fails beside one that succeeds.</summary>
[Category("OtpNode")]
public sealed class GlobalPartitionTests
{
    private const string Cookie = "partition";
    private const string ErlangName = "erl1@127.0.0.1";
    private const string SecondName = "our2@127.0.0.1";
    private const string ThirdName = "our3@127.0.0.1";
    private const string Forget = "global_name_server ! {extra_nodedown, 'our3@127.0.0.1'}";
    private RealEpmd _epmd = null!;
    private ErlangNode _erlang = null!;
    private Node _third = null!;

    [SetUp]
    public async Task StartBoth()
    {
        _epmd = await RealEpmd.StartAsync();
        _erlang = await ErlangNode.StartAsync(ErlangName, Cookie, _epmd.Port);
        _third = await Node.StartAsync(Options(ThirdName));
    }

    [TearDown]
    public async Task StopBoth()
    {
        if (_third is not null)
            await _third.DisposeAsync();
        if (_erlang is not null)
            await _erlang.DisposeAsync();
        if (_epmd is not null)
            await _epmd.DisposeAsync();
    }

    private NodeOptions Options(string name) =>
        new()
        {
            Name = name,
            Cookie = Cookie,
            EpmdPort = _epmd.Port,
            ListenAddress = System.Net.IPAddress.Loopback,
        };

    private Task<string> RegisterInErlangAsync(string name) =>
        _erlang.EvalAsync($"global:register_name({name}, spawn(fun() -> receive stop -> ok end end))");

    private static Task<bool> RegisterAsync(Node node, string name)
    {
        Pid bearer = node.Spawn(async self => await self.Receive<Atom>());
        return node.RunAsync(self => node.Global.Register(self, Atom.Of(name), bearer)).WaitAsync(Eventually.Patience);
    }

    private static bool Sees(Node node, params string[] names) => names.All(name => !node.Global.WhereIs(Atom.Of(name)).IsNone);

    private async Task<bool> ErlangSeesAsync(params string[] names) =>
        await _erlang.EvalAsync("lists:sort(global:registered_names())") == $"[{string.Join(',', names.Order(StringComparer.Ordinal))}]";

    private async Task<bool> ErlangKnowsThirdAsync() =>
        (await _erlang.EvalAsync("gen_server:call(global_name_server, get_known)")).Contains(ThirdName, StringComparison.Ordinal);

    [TestCase("ok", TestName = "ConnectionOfANode_ThatTheOtherHasForgotten_IsMadeAnew")]
    [TestCase(
        "{global_name_server, 'our3@127.0.0.1'} ! {lost_connection, node(), 1, 1, 'our3@127.0.0.1'}",
        TestName = "ConnectionThatTheOtherWasAskedToEnd_AndDidNot_IsEndedHere"
    )]
    [TestCase("global_name_server ! {nodeup, 'our3@127.0.0.1', #{connection_id => 1}}", TestName = "Meeting_BegunByAMember_IsHeldAnew")]
    public async Task Node_ThatTheOtherHasForgotten_HasTheSameNamesAgain(string then)
    {
        Assert.That(await _third.ConnectAsync(ErlangName));
        await Eventually.TrueAsync(ErlangKnowsThirdAsync, "they have joined");

        await _erlang.EvalAsync($"begin {Forget}, {then} end");
        Assert.That(await RegisterInErlangAsync("of_erl"), Is.EqualTo("yes"));
        Assert.That(await RegisterAsync(_third, "of_third"));
        await Eventually.TrueAsync(
            async () =>
            {
                if (then.Contains("lost_connection", StringComparison.Ordinal))
                    await _third.ConnectAsync(ErlangName); // who parts leaves it to others to connect again
                return await ErlangKnowsThirdAsync() && Sees(_third, "of_erl", "of_third") && await ErlangSeesAsync("of_erl", "of_third");
            },
            "each knows the other again, and both names"
        );
    }

    [Test]
    public async Task Cluster_OfThree_OfWhichTheErlangNodeHasForgottenOne_AgreesAgain()
    {
        await using Node second = await Node.StartAsync(Options(SecondName));
        await ConnectAsync();
        await Eventually.TrueAsync(ErlangKnowsThirdAsync, "they have joined");
        Assert.That(await RegisterInErlangAsync("of_erl"), Is.EqualTo("yes"));
        Assert.That(await RegisterAsync(second, "of_second"));
        Assert.That(await RegisterAsync(_third, "of_third"));
        string[] all = ["of_erl", "of_second", "of_third"];
        await Eventually.TrueAsync(AgreeAsync, "they agree");

        await _erlang.EvalAsync(Forget); // and tells the second, which parts with the third
        await Eventually.TrueAsync(
            async () => await AgreeAsync() && await ErlangKnowsThirdAsync(),
            "they agree again, and know each other"
        );

        async Task ConnectAsync()
        {
            await second.ConnectAsync(ErlangName);
            await _third.ConnectAsync(ErlangName);
            await second.ConnectAsync(ThirdName);
        }

        async Task<bool> AgreeAsync()
        {
            await ConnectAsync(); // as applications do
            return Sees(second, all) && Sees(_third, all) && await ErlangSeesAsync(all);
        }
    }
}
