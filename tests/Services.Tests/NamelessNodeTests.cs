using CloudScale.Runtime.Services;

namespace CloudScale.Services.Tests;

/// <summary>A whole node of ours that has its name from a real one.</summary>
[Category("OtpNode")]
public sealed class NamelessNodeTests : PeerFixture
{
    [Test]
    public async Task Node_NamedByErlang_CallsAndIsCalled_UntilItsLastConnectionEnds()
    {
        NodeOptions options = Options("undefined@127.0.0.1");
        options.NamedBy = There.Name;
        LogRecorder log = new();
        await using Node guest = await Node.StartAsync(options, log);
        string name = $"'{guest.Name.Name}'";
        Assert.That(await EvalAsync("nodes(hidden)"), Does.Contain(name));
        Assert.That(await EvalAsync($"rpc:call({name}, erlang, node, [])"), Is.EqualTo(name));
        Assert.That(await Rpc.CallAsync(guest, There, "erlang", "node", List.Empty), Is.EqualTo(There));
        Assert.That(await EvalAsync($"rpc:call({name}, erlang, system_info, [creation])"), Is.EqualTo($"{guest.Identity.Creation}"));

        TaskCompletionSource<object> down = Completion<object>();
        guest.Spawn(async self =>
        {
            self.Monitor("rex", There);
            down.SetResult((await self.Receive<Down>()).Reason);
        });
        Assert.That(await EvalAsync($"erlang:disconnect_node({name})"), Is.EqualTo("true"));
        Assert.That(await Within(down.Task), Is.EqualTo(Atoms.NoConnection));
        await Eventually.TrueAsync(async () => !await guest.ConnectAsync(There), "the name has lapsed");
        Assert.That(log.AtLeast(Microsoft.Extensions.Logging.LogLevel.Warning), Has.Some.Contains("lapsed"));
    }
}
