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

    [Test]
    public async Task PeerWindow_WhatIsNotRead_IsLessWindow()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Ignore("Other systems do not tell the window.");
        const int Unread = 500_000;
        await using ITransportListener listener = await s_transport.ListenAsync(new IPEndPoint(IPAddress.Loopback, 0));
        await using ITransportConnection near = await s_transport.ConnectAsync(listener.EndPoint);
        await using ITransportConnection? far = await listener.AcceptAsync();
        await near.Output.WriteAsync(new byte[Unread]); // more than a kernel buffer of ours takes, with its window still wide
        await Eventually.TrueAsync(() => ((ISocketConnection)near).PeerWindow < 32_000, "it has come and is not read");
        int read = 0;
        while (read < Unread)
            read += await ((ISocketConnection)far!).ReadAsync(new byte[Unread]);
        await Eventually.TrueAsync(() => ((ISocketConnection)near).PeerWindow > 64_000, "it has been read");
    }

    [Test]
    public async Task PeerWindow_OfAConnectionThatIsGone_IsNotKnown()
    {
        await using ITransportListener listener = await s_transport.ListenAsync(new IPEndPoint(IPAddress.Loopback, 0));
        ITransportConnection near = await s_transport.ConnectAsync(listener.EndPoint);
        await near.DisposeAsync();
        Assert.That(((ISocketConnection)near).PeerWindow, Is.Null);
    }
}
