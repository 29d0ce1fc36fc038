using System.Net;
using System.Net.Sockets;
using CloudScale.Interop.Epmd;

namespace CloudScale.Interop.Tests.Epmd;

/// <summary>What a client can expect of a daemon, whoever wrote it.</summary>
public abstract class EpmdContract
{
    protected abstract Task<(EpmdOptions Options, IAsyncDisposable Daemon)> StartDaemonAsync();

    [Test]
    public async Task Register_FreshName_ResolvesUntilDisposed()
    {
        (EpmdOptions options, IAsyncDisposable daemon) = await StartDaemonAsync();
        await using IAsyncDisposable _ = daemon;
        EpmdClient client = new(options);
        EpmdNode node = new("fresh", 12345, IsHidden: true);

        EpmdRegistration registration = await client.RegisterAsync(node);
        Assert.That(registration.Creation, Is.GreaterThan(0u));
        Assert.That(registration.Server, Is.Null, "a daemon was running");
        Assert.That(await client.ResolveAsync("fresh"), Is.EqualTo(node));
        Assert.That(await client.NamesAsync(), Is.EqualTo(new[] { ("fresh", 12345) }));

        await registration.DisposeAsync();
        await Eventually.TrueAsync(
            async () => await client.ResolveAsync("fresh") is null,
            "the name is free once its connection has ended"
        );
    }

    [Test]
    public async Task Register_NameTaken_SaysSo()
    {
        (EpmdOptions options, IAsyncDisposable daemon) = await StartDaemonAsync();
        await using IAsyncDisposable _ = daemon;
        EpmdClient client = new(options);
        await using EpmdRegistration registration = await client.RegisterAsync(new EpmdNode("taken", 1));

        EpmdException? refused = await Assert.ThrowsAsync<EpmdException>(() => client.RegisterAsync(new EpmdNode("taken", 2)));
        Assert.That(refused!.Error, Is.EqualTo(EpmdError.NameTaken));
        Assert.That(refused.Message, Does.Contain("'taken'"));
    }

    [Test]
    public async Task Resolve_UnknownName_IsNull()
    {
        (EpmdOptions options, IAsyncDisposable daemon) = await StartDaemonAsync();
        await using IAsyncDisposable _ = daemon;
        Assert.That(await new EpmdClient(options).ResolveAsync("nobody"), Is.Null);
    }
}

public sealed class OwnEpmdTests : EpmdContract
{
    protected override Task<(EpmdOptions, IAsyncDisposable)> StartDaemonAsync()
    {
        EpmdOptions options = new() { Port = OtpInstallation.FreePort() };
        return Task.FromResult<(EpmdOptions, IAsyncDisposable)>((options, EpmdServer.Start(options)));
    }

    [Test]
    public async Task Register_NoDaemon_StartsOurOwn()
    {
        EpmdOptions options = new() { Port = OtpInstallation.FreePort() };
        EpmdClient client = new(options);
        await using EpmdRegistration registration = await client.RegisterAsync(new EpmdNode("first", 1));
        Assert.That(registration.Server, Is.Not.Null);

        await using EpmdRegistration second = await client.RegisterAsync(new EpmdNode("second", 2));
        Assert.That(second.Server, Is.Null, "the second node uses the server of the first");
    }

    [Test]
    public async Task Register_NoDaemonAndNoServerWanted_SaysHowToStartOne()
    {
        EpmdOptions options = new() { Port = OtpInstallation.FreePort(), StartServer = false };
        EpmdException? refused = await Assert.ThrowsAsync<EpmdException>(() => new EpmdClient(options).RegisterAsync(new EpmdNode("x", 1)));
        Assert.That(refused!.Error, Is.EqualTo(EpmdError.Unreachable));
        Assert.That(refused.Message, Does.Contain("epmd -daemon"));
    }

    [Test]
    public async Task Server_RequestOverTheLimit_IsClosedWithoutAnswer()
    {
        EpmdOptions options = new() { Port = OtpInstallation.FreePort() };
        await using EpmdServer server = EpmdServer.Start(options);
        using Socket stranger = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await stranger.ConnectAsync(server.EndPoint);
        await stranger.SendAsync(new byte[] { 0xFF, 0xFF });
        Assert.That(await stranger.ReceiveAsync(new byte[1]), Is.Zero);
    }

    [Test]
    public async Task Registration_ServerRestarts_IsRegisteredAgain()
    {
        EpmdOptions options = new()
        {
            Port = OtpInstallation.FreePort(),
            StartServer = false,
            RetryDelay = TimeSpan.FromMilliseconds(20),
        };
        EpmdServer server = EpmdServer.Start(options);
        EpmdClient client = new(options);
        await using EpmdRegistration registration = await client.RegisterAsync(new EpmdNode("survivor", 9));
        uint creation = registration.Creation;

        await server.DisposeAsync();
        await using EpmdServer next = EpmdServer.Start(options);
        await Eventually.TrueAsync(() => registration.Registrations == 2, "registered again");
        Assert.That(await client.ResolveAsync("survivor"), Is.Not.Null);
        Assert.That(registration.Creation, Is.EqualTo(creation), "the creation belongs to the node's life");
    }

    [Test]
    public async Task Registration_ServerGoneForGood_StartsOurOwn()
    {
        EpmdOptions options = new() { Port = OtpInstallation.FreePort(), RetryDelay = TimeSpan.FromMilliseconds(5) };
        EpmdServer server = EpmdServer.Start(options);
        EpmdClient client = new(options);
        await using EpmdRegistration registration = await client.RegisterAsync(new EpmdNode("heir", 9));

        await server.DisposeAsync();
        await Eventually.TrueAsync(() => registration.Registrations == 2, "registered again");
        Assert.That(registration.Server, Is.Not.Null);
    }
}

[Category("OtpNode")]
public sealed class RealEpmdTests : EpmdContract
{
    protected override async Task<(EpmdOptions, IAsyncDisposable)> StartDaemonAsync()
    {
        RealEpmd daemon = await RealEpmd.StartAsync();
        return (new EpmdOptions { Port = daemon.Port, StartServer = false }, daemon);
    }

    [Test]
    public async Task Registration_DaemonKilledAndRestarted_IsRegisteredAgain()
    {
        await using RealEpmd daemon = await RealEpmd.StartAsync();
        EpmdClient client = new(
            new EpmdOptions
            {
                Port = daemon.Port,
                StartServer = false,
                RetryDelay = TimeSpan.FromMilliseconds(20),
            }
        );
        await using EpmdRegistration registration = await client.RegisterAsync(new EpmdNode("survivor", 9));

        await daemon.KillAsync();
        await daemon.StartAgainAsync();
        await Eventually.TrueAsync(() => registration.Registrations == 2, "registered again");
        Assert.That(await client.ResolveAsync("survivor", IPAddress.Loopback), Is.EqualTo(registration.Node));
    }

    [Test]
    public async Task OwnServer_AskedByRealEpmdTool_ListsItsNames()
    {
        OtpInstallation.Require();
        EpmdOptions options = new() { Port = OtpInstallation.FreePort() };
        await using EpmdServer server = EpmdServer.Start(options);
        await using EpmdRegistration registration = await new EpmdClient(options).RegisterAsync(new EpmdNode("listed", 4711));

        using System.Diagnostics.Process tool = OtpInstallation.Start("epmd", server.EndPoint.Port, "-names");
        string output = await tool.StandardOutput.ReadToEndAsync();
        Assert.That(output, Does.Contain("name listed at port 4711"));
    }
}
