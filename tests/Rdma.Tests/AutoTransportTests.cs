using System.Net;
using System.Threading.Channels;
using CloudScale.Interop.Rdma;
using CloudScale.Interop.Tests.Transport;
using CloudScale.Interop.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace CloudScale.Rdma.Tests;

/// <summary>What every transport keeps, by the one that chooses.</summary>
[Category("Rdma"), NonParallelizable]
public abstract class AutoTransportContract : TransportContract
{
    private readonly MovingTransport _transport;
    private readonly long _before;

    private protected AutoTransportContract(Moving moving, int delayMicroseconds = 0, RdmaTransportOptions? options = null)
    {
        FakeDevice.Use(delayMicroseconds);
        _before = FakeDevice.Objects;
        _transport = new MovingTransport(new AutoTransport(options) { RdmaTimeout = 3 * Eventually.Patience }, moving);
    }

    protected override ITransport Server => _transport;

    protected override ITransport Client => _transport;

    protected override EndPoint Anywhere { get; } = new IPEndPoint(IPAddress.Parse(FakeDevice.RealAddress ?? "127.0.0.1"), 0);

    protected override EndPoint Nowhere { get; } = new IPEndPoint(IPAddress.Parse(FakeDevice.RealAddress ?? "127.0.0.1"), 19);

    [TearDown]
    public Task NothingIsLeft() => FakeDevice.NoMoreThanAsync(_before);
}

/// <summary>One of the two cannot: it is TCP and nothing else.</summary>
public sealed class AutoTransportTests() : AutoTransportContract(Moving.Never);

/// <summary>The two might, and do not come to it.</summary>
public sealed class UnmovedTransportTests() : AutoTransportContract(Moving.NotYet);

/// <summary>The two agree when they have met, and move whenever that comes to pass.</summary>
public sealed class MovingTransportTests() : AutoTransportContract(Moving.Anytime, delayMicroseconds: 100);

/// <summary>What is written first moves.</summary>
public sealed class MovedTransportTests() : AutoTransportContract(Moving.AtOnce);

/// <summary>The same, with a ring in which everything wraps, waits and spills.</summary>
public sealed class NarrowMovedTransportTests()
    : AutoTransportContract(Moving.AtOnce, options: new RdmaTransportOptions { RingBytes = 4096, MaxWriteBytes = 1024 });

internal enum Moving
{
    Never,
    NotYet,
    Anytime,
    AtOnce,
}

/// <summary>Lets both ends agree, which is otherwise done by the handshake of nodes.</summary>
internal sealed class MovingTransport(AutoTransport auto, Moving moving) : ITransport
{
    private readonly Moving _moving = moving;
    private readonly Channel<MovableConnection> _accepted = Channel.CreateUnbounded<MovableConnection>();

    public async ValueTask<ITransportListener> ListenAsync(EndPoint endPoint, CancellationToken cancellationToken = default) =>
        new Listener(this, await auto.ListenAsync(endPoint, cancellationToken));

    public async ValueTask<ITransportConnection> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken = default)
    {
        MovableConnection near = (MovableConnection)await auto.ConnectAsync(endPoint, cancellationToken);
        if (_moving is Moving.Never or Moving.NotYet)
            return _moving == Moving.Never ? near.Unmoved : near;
        Task agreed = AgreeAsync(near);
        if (_moving == Moving.AtOnce)
            await agreed;
        return near;
    }

    private async Task AgreeAsync(MovableConnection near)
    {
        MovableConnection far = await _accepted.Reader.ReadAsync();
        far.Agree(default, "near", NullLogger.Instance);
        near.Agree(far.Offer, "far", NullLogger.Instance);
        if (_moving == Moving.AtOnce)
            await Eventually.TrueAsync(() => near.CanMove && far.CanMove, "both have the RDMA connection");
    }

    private sealed class Listener(MovingTransport transport, ITransportListener listener) : ITransportListener
    {
        public EndPoint EndPoint => listener.EndPoint;

        public async ValueTask<ITransportConnection?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            ITransportConnection? accepted = await listener.AcceptAsync(cancellationToken);
            if (accepted is not MovableConnection movable)
                return accepted;
            if (transport._moving == Moving.Never)
                return movable.Unmoved;
            transport._accepted.Writer.TryWrite(movable);
            return movable;
        }

        public ValueTask DisposeAsync() => listener.DisposeAsync();
    }
}
