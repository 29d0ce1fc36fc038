using System.Net;
using CloudScale.Interop.Connections;
using CloudScale.Interop.Rdma;
using CloudScale.Interop.Tests.Connections;
using CloudScale.Interop.Transport;

namespace CloudScale.Rdma.Tests;

/// <summary>Two nodes, handshake and all, whose bytes travel by RDMA.</summary>
[Category("Rdma"), NonParallelizable, FixtureLifeCycle(LifeCycle.InstancePerTestCase), CancelAfter(60_000)]
public sealed class RdmaNodeTests
{
    private readonly InMemoryNodeDirectory _directory = new();
    private readonly RdmaTransport _rdma = new();

    private static IPAddress Address { get; } = IPAddress.Parse(FakeDevice.RealAddress ?? "127.0.0.1");

    [SetUp]
    public void Device() => FakeDevice.Use(maxDelayMicroseconds: 20);

    [TearDown]
    public async Task NothingIsLeft() =>
        await Eventually.TrueAsync(() => FakeDevice.Objects == 0, "all that was registered and made is ended");

    [Test]
    public async Task Messages_SmallAndLong_ArriveInOrder()
    {
        await using TestNode a = await StartAsync("a@rdma", _rdma);
        await using TestNode b = await StartAsync("b@rdma", _rdma);
        byte[] large = new byte[700_000];
        Random.Shared.NextBytes(large);
        for (long i = 0; i < 3_000; i++)
            a.Distribution.Send(b.Pid(1), a.Pid(1), i);
        a.Distribution.Send(b.Pid(1), a.Pid(1), large);
        a.Distribution.Send(b.Pid(1), a.Pid(1), -1L);
        await b.Events.NextAsync("up");
        for (long i = 0; i < 3_000; i++)
            Assert.That((await b.Events.NextAsync("send")).Values[1], Is.EqualTo(i));
        Binary arrived = (Binary)(await b.Events.NextAsync("send")).Values[1];
        Assert.That(arrived.Span.SequenceEqual(large), Is.True);
        Assert.That((await b.Events.NextAsync("send")).Values[1], Is.EqualTo(-1L));

        b.Distribution.Send(a.Pid(1), b.Pid(1), 42L);
        Assert.That((await a.Events.SkipToAsync("send")).Values[1], Is.EqualTo(42L));
        Assert.That(a.Log.AtLeast(Microsoft.Extensions.Logging.LogLevel.Warning), Is.Empty);
        Assert.That(b.Log.AtLeast(Microsoft.Extensions.Logging.LogLevel.Warning), Is.Empty);
    }

    [Test]
    public async Task Node_Ends_OtherHearsThatItIsDown()
    {
        await using TestNode a = await StartAsync("a@rdma", _rdma);
        TestNode b = await StartAsync("b@rdma", _rdma);
        a.Distribution.Link(a.Pid(1), b.Pid(1));
        await b.Events.SkipToAsync("link");
        await b.DisposeAsync();
        Assert.That((await a.Events.SkipToAsync("down")).Values[0], Is.SameAs(b.Name));
    }

    [Test]
    public async Task Node_WrongCookie_IsRefused()
    {
        await using TestNode a = await StartAsync("a@rdma", _rdma);
        await using TestNode b = await StartAsync("b@rdma", _rdma, cookie: "another");
        a.Distribution.Send(b.Pid(1), a.Pid(1), 1L);
        await a.Events.NextAsync("failed");
        Assert.That(b.Distribution.Nodes, Is.Empty);
    }

    [Test]
    public async Task Auto_BothHaveRdma_UseIt_OneWithoutIsReachedByTcp()
    {
        await using TestNode a = await StartAsync("a@rdma", new AutoTransport { RdmaTimeout = TimeSpan.FromSeconds(6) });
        await using TestNode b = await StartAsync("b@rdma", new AutoTransport { RdmaTimeout = TimeSpan.FromSeconds(6) });
        await using TestNode old = await StartAsync("old@tcp", new TcpTransport());
        a.Distribution.Send(b.Pid(1), a.Pid(1), 1L);
        a.Distribution.Send(old.Pid(1), a.Pid(1), 2L);
        Assert.That((await b.Events.SkipToAsync("send")).Values[1], Is.EqualTo(1L));
        Assert.That((await old.Events.SkipToAsync("send")).Values[1], Is.EqualTo(2L));
        old.Distribution.Send(b.Pid(1), old.Pid(1), 3L);
        Assert.That((await b.Events.SkipToAsync("send")).Values[1], Is.EqualTo(3L));

        string[] lines = [.. a.Log.Lines.Select(line => line.Text)];
        Assert.That(lines, Has.One.Contains("Connected to 'b@rdma' at rdma:"));
        Assert.That(lines, Has.One.Contains("Connected to 'old@tcp' at " + Address));
    }

    /// <summary>Who had no RDMA is not asked at each connection, and is asked again after a while.</summary>
    [Test]
    public async Task Auto_AddressWithoutRdma_IsLeftAloneForAWhile()
    {
        LogRecorder log = new();
        ManualTimeProvider time = new();
        AutoTransport auto = new(logger: log, timeProvider: time);
        await using ITransportListener listener = await new TcpTransport().ListenAsync(new IPEndPoint(Address, 0));
        for (int i = 0; i < 3; i++)
            await (await auto.ConnectAsync(listener.EndPoint)).DisposeAsync();
        Assert.That(Asked(), Is.EqualTo(1));
        time.Advance(auto.RetryAfter);
        await (await auto.ConnectAsync(listener.EndPoint)).DisposeAsync();
        Assert.That(Asked(), Is.EqualTo(2));
        Assert.That(
            log.Lines.Count(line => line.Text.StartsWith("RDMA ", StringComparison.Ordinal)),
            Is.EqualTo(1),
            "what RDMA is here is said once"
        );

        int Asked() => log.Lines.Count(line => line.Text.Contains("is connected to by TCP", StringComparison.Ordinal));
    }

    private Task<TestNode> StartAsync(string name, ITransport transport, string cookie = "some cookie") =>
        TestNode.StartAsync(
            new DistributionOptions
            {
                Name = name,
                Cookie = cookie,
                Transport = transport,
                Directory = _directory,
                ListenAddress = Address,
            }
        );
}

/// <summary>What every transport keeps, by the one that chooses.</summary>
[Category("Rdma"), NonParallelizable]
public sealed class AutoTransportTests : Interop.Tests.Transport.TransportContract
{
    private readonly AutoTransport _transport = new();

    public AutoTransportTests() => FakeDevice.Use();

    protected override ITransport Server => _transport;

    protected override ITransport Client => _transport;

    protected override EndPoint Anywhere { get; } = new IPEndPoint(IPAddress.Parse(FakeDevice.RealAddress ?? "127.0.0.1"), 0);

    protected override EndPoint Nowhere { get; } = new IPEndPoint(IPAddress.Parse(FakeDevice.RealAddress ?? "127.0.0.1"), 19);
}
