using System.Net;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Tests.Transport;

public sealed class TcpTransportTests : TransportContract
{
    private static readonly TcpTransport s_transport = new();

    protected override ITransport Server => s_transport;

    protected override ITransport Client => s_transport;

    protected override EndPoint Nowhere { get; } = new IPEndPoint(IPAddress.Loopback, OtpInstallation.FreePort());

    [Test]
    public async Task Listen_PortInUse_SaysWhere()
    {
        await using ITransportListener listener = await s_transport.ListenAsync(new IPEndPoint(IPAddress.Loopback, 0));
        TransportException? refused = await Assert.ThrowsAsync<TransportException>(async () =>
            await s_transport.ListenAsync(listener.EndPoint)
        );
        Assert.That(refused!.Message, Does.Contain(listener.EndPoint.ToString()!));
    }
}
