using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using CloudScale.Interop.Connections;
using CloudScale.Interop.Epmd;
using CloudScale.Interop.Transport;
using Microsoft.Extensions.Logging;

namespace CloudScale.Interop.Tests.Connections;

/// <summary>Connections over TLS: among ours, with strangers, and with real Erlang nodes of <c>-proto_dist inet_tls</c>.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase), CancelAfter(120_000)]
public sealed class TlsNodeTests
{
    private const string Ours = "ours@127.0.0.1";
    private const string Theirs = "theirs@127.0.0.1";

    private readonly int _epmdPort = OtpInstallation.FreePort();
    private readonly InMemoryNodeDirectory _directory = new();
    private readonly List<string> _folders = [];

    [TearDown]
    public void RemoveFolders() => _folders.ForEach(folder => Directory.Delete(folder, recursive: true));

    [Test]
    public async Task Connect_OursAmongThemselves_OverTls()
    {
        TestCertificates certificates = new();
        await using TestNode a = await StartAsync("a@127.0.0.1", certificates);
        await using TestNode b = await StartAsync("b@127.0.0.1", certificates);
        Assert.That(await a.Distribution.ConnectAsync(b.Name), string.Join('\n', a.Log.AtLeast(LogLevel.Warning)));
        byte[] large = new byte[5_000_000];
        Random.Shared.NextBytes(large);
        a.Distribution.Send(b.Pid(1), a.Pid(1), large);
        await b.Events.NextAsync("up");
        Assert.That(((Binary)(await b.Events.NextAsync("send")).Values[1]).Span.SequenceEqual(large));
        await a.DisposeAsync();
        await b.Events.NextAsync("down");
    }

    [Test]
    public async Task Connect_NodeOfAnotherAuthority_IsRefusedByBoth_WithAClearLine()
    {
        await using TestNode a = await StartAsync("a@127.0.0.1", new TestCertificates());
        await using TestNode b = await StartAsync("b@127.0.0.1", new TestCertificates("Somebody"));
        Assert.That(await a.Distribution.ConnectAsync(b.Name), Is.False);
        Assert.That(a.Log.AtLeast(LogLevel.Warning), Has.Some.Contains("'b@127.0.0.1'").And.Contains("not believed"));
        await Eventually.TrueAsync(() => b.Log.AtLeast(LogLevel.Warning).Any(line => line.Contains("TLS")), "the other side logs it, too");
        Assert.That(a.Events.Rest().Select(recorded => recorded.What), Is.EqualTo(new[] { "failed" }));
    }

    [Test]
    public async Task Stranger_WithoutTls_OrSilent_KeepsNobodyOut()
    {
        TestCertificates certificates = new();
        await using TestNode a = await StartAsync("a@127.0.0.1", certificates);
        await using TestNode b = await StartAsync("b@127.0.0.1", certificates);
        using Socket plain = await RawPeer.ConnectAsync(a.Distribution.EndPoint);
        await plain.SendAsync(RawPeer.NameMessage("c@127.0.0.1"));
        await RawPeer.ReadToEndAsync(plain);
        await Eventually.TrueAsync(() => a.Log.AtLeast(LogLevel.Warning).Any(line => line.Contains("TLS")), "it is logged");
        List<Socket> silent = [];
        for (int i = 0; i < 300; i++)
            silent.Add(await RawPeer.ConnectAsync(a.Distribution.EndPoint));
        Assert.That(await b.Distribution.ConnectAsync(a.Name));
        silent.ForEach(socket => socket.Dispose());
        Assert.That(a.Log.AtLeast(LogLevel.Critical), Is.Empty);
    }

    [Test]
    public async Task Member_DeclaresAHandshakeMessageOfAHundredMegabytes_IsRefused()
    {
        TestCertificates certificates = new();
        await using TestNode a = await StartAsync("a@127.0.0.1", certificates);
        TlsTransport transport = new(OptionsOf(certificates));
        await using ITransportConnection member = await transport.ConnectAsync(a.Distribution.EndPoint);
        await member.OpenAsync(default);
        byte[] promise = new byte[5];
        BinaryPrimitives.WriteInt32BigEndian(promise, 100_000_000);
        await member.Output.WriteAsync(promise);
        await Eventually.TrueAsync(() => a.Log.AtLeast(LogLevel.Warning).Any(line => line.Contains("100000000")), "it is refused");
    }

    [Test]
    public async Task Caller_NameOfAnotherHostThanItsCertificate_IsNotAllowed()
    {
        TestCertificates certificates = new();
        await using TestNode a = await StartAsync("a@127.0.0.1", certificates, options => options with { ChecksCallersHost = true });
        await using TestNode good = await StartAsync("b@127.0.0.1", certificates);
        await using TestNode liar = await StartAsync("c@10.1.2.3", certificates);
        Assert.That(await good.Distribution.ConnectAsync(a.Name));
        Assert.That(await liar.Distribution.ConnectAsync(a.Name), Is.False);
        await Eventually.TrueAsync(
            () => a.Log.AtLeast(LogLevel.Warning).Any(line => line.Contains("'c@10.1.2.3' is not allowed")),
            "the refusal is logged"
        );
    }

    [Test, Category("OtpNode")]
    public async Task Ping_ErlangOverTls_BothRoles_AndLargeBinaries([Values] bool weCall)
    {
        string folder = await CertificatesAsync();
        await using TestNode ours = await StartOursAsync(folder);
        ours.Events.Answering = ours.Distribution;
        await using ErlangNode theirs = await StartTheirsAsync(folder);
        if (weCall)
            Assert.That(
                await ours.Distribution.ConnectAsync(Theirs),
                string.Join('\n', ours.Log.AtLeast(LogLevel.Warning)) + theirs.Output
            );
        Assert.That(
            await theirs.EvalAsync($"net_adm:ping('{Ours}')"),
            Is.EqualTo("pong"),
            string.Join('\n', ours.Log.AtLeast(LogLevel.Debug)) + theirs.Output
        );

        await theirs.EvalAsync($"{{echo, '{Ours}'}} ! {{self(), binary:copy(<<1,2,3,4,5>>, 4000000)}}, ok");
        Tuple tuple = (Tuple)(await ours.Events.SkipToAsync("named")).Values[2];
        Assert.That(((Binary)tuple[1]).Length, Is.EqualTo(20_000_000));
        ours.Distribution.Send((Pid)tuple[0], ours.Pid(1), tuple[1]);
        Assert.That(await theirs.EvalAsync("receive B -> B =:= binary:copy(<<1,2,3,4,5>>, 4000000) end"), Is.EqualTo("true"));
        for (int i = 0; i < 1_000; i++)
            ours.Distribution.Send((Pid)tuple[0], ours.Pid(1), (long)i);
        Assert.That(
            await theirs.EvalAsync("[receive I -> I end || I <- lists:seq(0, 999)] =:= lists:seq(0, 999)"),
            Is.EqualTo("true"),
            "and in order"
        );
        await theirs.EvalAsync($"erlang:disconnect_node('{Ours}')");
        await ours.Events.SkipToAsync("down");
    }

    [Test, Category("OtpNode")]
    public async Task Ping_ErlangOverTls_OfEachVersion([Values("tlsv1.2", "tlsv1.3")] string version)
    {
        string folder = await CertificatesAsync();
        string file = Path.Combine(folder, "ssl_dist.conf");
        await File.WriteAllTextAsync(
            file,
            (await File.ReadAllTextAsync(file)).Replace("{verify,", $"{{versions, ['{version}']}}, {{verify,")
        );
        await using TestNode ours = await StartOursAsync(folder);
        ours.Events.Answering = ours.Distribution;
        await using ErlangNode theirs = await StartTheirsAsync(folder);
        Assert.That(await theirs.EvalAsync($"net_adm:ping('{Ours}')"), Is.EqualTo("pong"), theirs.Output);
        ours.Distribution.Disconnect(Theirs);
        await ours.Events.SkipToAsync("down");
        Assert.That(await ours.Distribution.ConnectAsync(Theirs), theirs.Output);
    }

    [Test, Category("OtpNode")]
    public async Task Connect_ErlangOfAnotherAuthority_IsRefusedBothWays_WithAClearLine([Values] bool theyBelieveAnybody)
    {
        string folder = await CertificatesAsync();
        string file = Path.Combine(folder, "ssl_dist.conf");
        if (theyBelieveAnybody)
            await File.WriteAllTextAsync(
                file,
                (await File.ReadAllTextAsync(file))
                    .Replace("verify_peer}, {fail_if_no_peer_cert, true}", "verify_none}")
                    .Replace("verify_peer", "verify_none")
            );
        await using TestNode ours = await StartOursAsync(await CertificatesAsync());
        await using ErlangNode theirs = await StartTheirsAsync(folder);
        string expected = theyBelieveAnybody ? "not believed" : "not believed|unknown ca"; // who looks first says so
        Assert.That(await theirs.EvalAsync($"net_adm:ping('{Ours}')"), Is.EqualTo("pang"));
        await Eventually.TrueAsync(() => ours.Log.AtLeast(LogLevel.Warning).Any(line => line.Contains("TLS")), "the refusal is logged");
        Assert.That(await ours.Distribution.ConnectAsync(Theirs), Is.False);
        Assert.That(ours.Log.AtLeast(LogLevel.Warning).Last(), Does.Contain($"'{Theirs}'").And.Match(expected));
        Assert.That(ours.Events.Rest().Select(recorded => recorded.What), Has.None.EqualTo("up"));
    }

    [Test, Category("OtpNode")]
    public async Task Connect_ErlangWithoutTls_IsRefusedBothWays()
    {
        await using TestNode ours = await StartOursAsync(await CertificatesAsync(), setup: TimeSpan.FromSeconds(1));
        await using ErlangNode theirs = await ErlangNode.StartAsync(Theirs, "cookie", _epmdPort);
        Assert.That(await ours.Distribution.ConnectAsync(Theirs), Is.False, "it waits for the rest of what looks like a long message");
        Assert.That(await theirs.EvalAsync($"net_adm:ping('{Ours}')"), Is.EqualTo("pang"));
        await Eventually.TrueAsync(() => ours.Log.AtLeast(LogLevel.Warning).Any(line => line.Contains("TLS")), "the refusal is logged");
    }

    private async Task<string> CertificatesAsync()
    {
        OtpInstallation.RequireModule("ssl");
        string folder = await TestCertificates.RunScriptAsync("127.0.0.1");
        _folders.Add(folder);
        return folder;
    }

    private static TlsTransportOptions OptionsOf(TestCertificates certificates) =>
        new() { Certificate = certificates.For("127.0.0.1"), Authorities = certificates.Authorities };

    private Task<TestNode> StartAsync(
        string name,
        TestCertificates certificates,
        Func<TlsTransportOptions, TlsTransportOptions>? with = null
    )
    {
        TlsTransportOptions tls = OptionsOf(certificates);
        return TestNode.StartAsync(
            new DistributionOptions
            {
                Name = name,
                Cookie = "cookie",
                ListenAddress = IPAddress.Loopback,
                Directory = _directory,
                Transport = new TlsTransport(with?.Invoke(tls) ?? tls),
            }
        );
    }

    private Task<TestNode> StartOursAsync(string folder, TimeSpan? setup = null) =>
        TestNode.StartAsync(
            new DistributionOptions
            {
                Name = Ours,
                Cookie = "cookie",
                SetupTimeout = setup ?? TimeSpan.FromSeconds(7),
                ListenAddress = IPAddress.Loopback,
                Epmd = new EpmdOptions { Port = _epmdPort },
                Transport = new TlsTransport(
                    TlsTransportOptions.FromPemFiles($"{folder}/node.pem", $"{folder}/node-key.pem", $"{folder}/ca.pem")
                ),
            }
        );

    private Task<ErlangNode> StartTheirsAsync(string folder) =>
        ErlangNode.StartAsync(Theirs, "cookie", _epmdPort, "-proto_dist", "inet_tls", "-ssl_dist_optfile", $"{folder}/ssl_dist.conf");
}
