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
    private long _before;

    private static IPAddress Address { get; } = IPAddress.Parse(FakeDevice.RealAddress ?? "127.0.0.1");

    [SetUp]
    public void Device()
    {
        FakeDevice.Use(maxDelayMicroseconds: 20);
        _before = FakeDevice.Objects;
    }

    [TearDown]
    public Task NothingIsLeft() => FakeDevice.NoMoreThanAsync(_before);

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
    public async Task Read_ReceiverIsFull_WaitsForRoom_ThenGoesOnInOrder()
    {
        await using TestNode a = await StartAsync("a@rdma", _rdma);
        await using TestNode b = await StartAsync("b@rdma", _rdma);
        for (int round = 0; round < 20; round++)
        {
            TaskCompletionSource room = new(TaskCreationOptions.RunContinuationsAsynchronously);
            b.Events.Room = room.Task;
            for (long i = 0; i < 100; i++)
                a.Distribution.Send(b.Pid(1), a.Pid(1), i);
            Assert.That((await b.Events.SkipToAsync("send")).Values[1], Is.Zero);
            if (round % 2 == 0) // else there is room at once
            {
                b.Distribution.Send(a.Pid(1), b.Pid(1), "the other direction is open"); // and gives this one time to do wrong
                await a.Events.SkipToAsync("send");
                Assert.That(b.Events.Rest(), Is.Empty, "it has said that it is full");
            }

            b.Events.Room = null;
            room.SetResult();
            for (long i = 1; i < 100; i++)
                Assert.That((await b.Events.NextAsync("send")).Values[1], Is.EqualTo(i));
        }
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
    public async Task Auto_BothHaveRdma_MoveToIt_OneWithoutStaysWithTcp()
    {
        await using TestNode a = await StartAsync("a@rdma", Patient());
        await using TestNode b = await StartAsync("b@rdma", Patient());
        await using TestNode old = await StartAsync("old@tcp", new TcpTransport());
        a.Distribution.Send(b.Pid(1), a.Pid(1), 1L);
        a.Distribution.Send(old.Pid(1), a.Pid(1), 2L);
        Assert.That((await b.Events.SkipToAsync("send")).Values[1], Is.EqualTo(1L));
        Assert.That((await old.Events.SkipToAsync("send")).Values[1], Is.EqualTo(2L));
        old.Distribution.Send(b.Pid(1), old.Pid(1), 3L);
        Assert.That((await b.Events.SkipToAsync("send")).Values[1], Is.EqualTo(3L));
        await Eventually.TrueAsync(
            async () =>
            {
                a.Distribution.Send(b.Pid(1), a.Pid(1), 4L);
                await b.Events.SkipToAsync("send");
                b.Distribution.Send(a.Pid(1), b.Pid(1), 5L);
                await a.Events.SkipToAsync("send");
                return MovingTests.HasMoved(a) && MovingTests.HasMoved(b);
            },
            "both directions have moved"
        );

        string[] lines = [.. a.Log.Lines.Concat(b.Log.Lines).Select(line => line.Text)];
        Assert.That(lines, Has.Exactly(2).Contains("has moved from TCP to rdma:"), "one on each side, and none with the third");
        Assert.That(lines, Has.Exactly(2).StartsWith("RDMA with "), "what RDMA is here, once for each transport");
        Assert.That(a.Log.Lines.Select(line => line.Text), Has.One.Contains("Connected to 'old@tcp' at " + Address));
    }

    [Test]
    public async Task Auto_IsCalledByANodeThatHasNothingButRdma()
    {
        await using TestNode a = await StartAsync("a@rdma", Patient());
        await using TestNode b = await StartAsync("b@rdma", _rdma);
        b.Distribution.Send(a.Pid(1), b.Pid(1), 1L);
        Assert.That((await a.Events.SkipToAsync("send")).Values[1], Is.EqualTo(1L));
        Assert.That(b.Log.AtLeast(Microsoft.Extensions.Logging.LogLevel.Information), Has.One.Contains("Connected to 'a@rdma' at rdma:"));
    }

    /// <summary>A token that nobody has given is worth nothing.</summary>
    [Test]
    public async Task Auto_TokenThatIsNotExpected_IsRefused()
    {
        await using TestNode a = await StartAsync("a@rdma", Patient());
        TransportException? refused = await Assert.ThrowsAsync<TransportException>(async () =>
            await _rdma.ConnectAsync(a.Distribution.EndPoint, token: 42, default)
        );
        Assert.That(refused!.Message, Does.Contain("Nobody listens there"));
    }

    /// <summary>An emulated processor that sees all of this for the first time takes longer than anybody should wait for RDMA.</summary>
    internal static AutoTransport Patient() => new() { RdmaTimeout = 3 * Eventually.Patience };

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
