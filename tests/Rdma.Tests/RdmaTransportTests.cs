using System.Net;
using CloudScale.Interop.Rdma;
using CloudScale.Interop.Tests.Transport;
using CloudScale.Interop.Transport;

namespace CloudScale.Rdma.Tests;

/// <summary>What every transport keeps, over RDMA: on any machine over the device that is none, in the guest over real ones.</summary>
[Category("Rdma"), NonParallelizable]
public abstract class RdmaTransportContract : TransportContract
{
    private readonly RdmaTransport _transport;
    private readonly long _before;

    protected RdmaTransportContract(RdmaTransportOptions options, int delayMicroseconds)
    {
        FakeDevice.Use(delayMicroseconds);
        _before = FakeDevice.Objects;
        _transport = new RdmaTransport(options);
    }

    protected static IPAddress Address { get; } = IPAddress.Parse(FakeDevice.RealAddress ?? "127.0.0.1");

    protected override ITransport Server => _transport;

    protected override ITransport Client => _transport;

    protected override EndPoint Anywhere { get; } = new IPEndPoint(Address, 0);

    protected override EndPoint Nowhere { get; } = new IPEndPoint(Address, 19);

    [TearDown]
    public Task NothingIsLeft() => FakeDevice.NoMoreThanAsync(_before);
}

public sealed class RdmaTransportTests() : RdmaTransportContract(new RdmaTransportOptions(), delayMicroseconds: 0)
{
    [Test]
    public async Task Listen_PortInUse_SaysWhere()
    {
        await using ITransportListener listener = await Server.ListenAsync(Anywhere);
        TransportException? refused = await Assert.ThrowsAsync<TransportException>(async () => await Server.ListenAsync(listener.EndPoint));
        Assert.That(refused!.Message, Does.Contain(listener.EndPoint.ToString()!));
    }
}

/// <summary>Completions that come late, and a poller that looks instead of sleeping.</summary>
public sealed class LateRdmaTransportTests()
    : RdmaTransportContract(new RdmaTransportOptions { PollFor = TimeSpan.FromMilliseconds(1) }, delayMicroseconds: 200);

/// <summary>A ring so small that everything wraps, waits and spills.</summary>
public sealed class NarrowRdmaTransportTests()
    : RdmaTransportContract(
        new RdmaTransportOptions
        {
            RingBytes = 4096,
            MaxWriteBytes = 1024,
            PollFor = TimeSpan.Zero,
        },
        delayMicroseconds: 20
    );
