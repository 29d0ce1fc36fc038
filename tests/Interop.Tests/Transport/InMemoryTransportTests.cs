using System.Net;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Tests.Transport;

public sealed class InMemoryTransportTests : TransportContract
{
    private readonly InMemoryNetwork _network;
    private readonly ManualTimeProvider _time = new();

    public InMemoryTransportTests()
    {
        _network = new InMemoryNetwork(_time);
        Server = _network.CreateTransport("server");
        Client = _network.CreateTransport("client");
    }

    protected override ITransport Server { get; }

    protected override ITransport Client { get; }

    protected override EndPoint Nowhere { get; } = new InMemoryEndPoint("nowhere");

    [Test]
    public async Task Delay_Set_BytesArriveWhenTheClockSaysSo()
    {
        _network.SetDelay("client", "server", TimeSpan.FromMilliseconds(50));
        await using ITransportListener listener = await Server.ListenAsync(Nowhere);
        await using ITransportConnection near = await Client.ConnectAsync(listener.EndPoint);
        await using ITransportConnection far = (await listener.AcceptAsync())!;

        await near.Output.WriteAsync("late"u8.ToArray());
        Task<byte[]> arrival = ReadAsync(far.Input, 4);
        await Eventually.TrueAsync(() => _time.ArmedTimers > 0, "the bytes are under way");
        _time.Advance(TimeSpan.FromMilliseconds(49));
        Assert.That(arrival.IsCompleted, Is.False);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.That(await arrival, Is.EqualTo("late"u8.ToArray()));
    }

    [Test]
    public async Task Stall_UntilHealed_HoldsBytesBack()
    {
        await using ITransportListener listener = await Server.ListenAsync(Nowhere);
        await using ITransportConnection near = await Client.ConnectAsync(listener.EndPoint);
        await using ITransportConnection far = (await listener.AcceptAsync())!;
        _network.Stall("server", "client");
        await near.Output.WriteAsync("held"u8.ToArray());
        Task<byte[]> arrival = ReadAsync(far.Input, 4);
        Assert.That(arrival.IsCompleted, Is.False);
        _network.Heal("client", "server");
        Assert.That(await arrival, Is.EqualTo("held"u8.ToArray()));
    }

    [Test]
    public async Task Cut_Link_BreaksConnectionsAndRefusesNewOnesUntilHealed()
    {
        await using ITransportListener listener = await Server.ListenAsync(Nowhere);
        await using ITransportConnection near = await Client.ConnectAsync(listener.EndPoint);
        _network.Partition(["client"], ["server", "elsewhere"]);
        Assert.That(async () => await near.Input.ReadAsync(), Throws.InstanceOf<IOException>());
        Assert.That(async () => await Client.ConnectAsync(listener.EndPoint), Throws.InstanceOf<TransportException>());

        _network.HealAll();
        await using ITransportConnection again = await Client.ConnectAsync(listener.EndPoint);
        Assert.That(again.RemoteDescription, Is.EqualTo("memory:server"));
    }
}
