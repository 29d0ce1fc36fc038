namespace CloudScale.Applications.Tests;

/// <summary>The applications of a node, asked by a real Erlang node.</summary>
public sealed class PeerTests : PeerFixture
{
    private async Task<string> Ask(string call) => await Erlang.EvalAsync($"rpc:call('ours@127.0.0.1', application, {call})");

    [Test]
    public async Task Erlang_AsksWhatRuns_AndForTheEnvironment()
    {
        ApplicationDefinition shop = new ApplicationBuilder("shop", () => new Teller.Tree("shop", []))
            .Described("sells", "1.2")
            .DependsOn("kernel", "stdlib")
            .WithEnvironment("port", 80L)
            .Build();
        await Node.StartApplicationsAsync(ApplicationRestart.Temporary, shop);
        Assert.That(await Ask("which_applications, []"), Does.StartWith("[{shop,\"sells\",\"1.2\"},{kernel,"));
        Assert.That(await Ask("get_env, [shop, port]"), Is.EqualTo("{ok,80}"));
        Assert.That(await Ask("get_env, [shop, none]"), Is.EqualTo("undefined"));
        Assert.That(await Ask("get_env, [shop, none, 7]"), Is.EqualTo("7"));
        Assert.That(await Ask("get_all_env, [shop]"), Is.EqualTo("[{port,80}]"));
        Assert.That(await Ask("get_key, [shop, applications]"), Is.EqualTo("{ok,[kernel,stdlib]}"));
        Assert.That(
            await Erlang.EvalAsync(
                "{ok, P} = rpc:call('ours@127.0.0.1', application, get_supervisor, [shop]), [{worker, W, worker, _}] = supervisor:which_children(P), rpc:call('ours@127.0.0.1', application, get_application, [W])"
            ),
            Is.EqualTo("{ok,shop}")
        );
        Assert.That(await Ask("stop, [shop]"), Does.StartWith("{badrpc,{'EXIT',{undef,"), "who only asks may not stop");
    }
}
