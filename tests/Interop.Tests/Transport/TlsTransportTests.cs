using System.Net;
using System.Security.Cryptography.X509Certificates;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Tests.Transport;

/// <summary>TLS keeps what every transport keeps, and lets in whom it believes.</summary>
public sealed class TlsTransportTests : TransportContract
{
    private static readonly TestCertificates s_ours = new();
    private static readonly TestCertificates s_strangers = new("Somebody");
    private static readonly TlsTransport s_transport = new(Options());

    protected override ITransport Server => s_transport;

    protected override ITransport Client => s_transport;

    protected override EndPoint Nowhere { get; } = new IPEndPoint(IPAddress.Loopback, OtpInstallation.FreePort());

    [Test]
    public async Task Open_BothBelieved_KnowEachOther()
    {
        (string? caller, string? called, _) = await OpenAsync(Options() with { ChecksCallersHost = true }, Options());
        Assert.That((caller, called), Is.EqualTo(((string?)null, (string?)null)));
    }

    [Test]
    public async Task Open_CertificateOfAStranger_IsRefusedOnTheSideThatSeesIt()
    {
        TlsTransportOptions stranger = Options() with { Certificate = s_strangers.For("127.0.0.1") };
        (_, string? called, _) = await OpenAsync(Options(), stranger);
        Assert.That(called, Does.Contain("CN=127.0.0.1").And.Contain("not believed").And.Contain("Authorities"));
        (string? caller, _, _) = await OpenAsync(stranger, Options());
        Assert.That(caller, Does.Contain("CN=127.0.0.1").And.Contain("not believed"));
    }

    [Test]
    public async Task Open_CertificateHasRunOut_IsRefused()
    {
        (string? caller, _, _) = await OpenAsync(Options() with { Certificate = s_ours.For("127.0.0.1", days: -1) }, Options());
        Assert.That(caller, Does.Contain("NotTimeValid"));
    }

    [Test]
    public async Task Open_CertificateOfAnotherHost_IsRefusedByWhoCalls_UnlessToldNotToLook()
    {
        TlsTransportOptions elsewhere = Options() with { Certificate = s_ours.For("elsewhere.example.org") };
        (string? caller, _, _) = await OpenAsync(elsewhere, Options());
        Assert.That(caller, Does.Contain("not for the host '127.0.0.1'").And.Contain("ChecksHost"));
        (caller, _, _) = await OpenAsync(elsewhere, Options() with { ChecksHost = false });
        Assert.That(caller, Is.Null);
    }

    [Test]
    public async Task Open_CallerHasTheCertificateOfAnotherHost_MayNotSpeakForThisOne()
    {
        TlsTransportOptions elsewhere = Options() with { Certificate = s_ours.For("elsewhere.example.org") };
        (_, string? called, bool maybe) = await OpenAsync(Options() with { ChecksCallersHost = true }, elsewhere);
        Assert.That((called, maybe), Is.EqualTo(((string?)null, false)));
        (_, _, maybe) = await OpenAsync(Options(), elsewhere);
        Assert.That(maybe, "OTP does not look either");
    }

    [Test]
    public async Task Open_OtherSideSpeaksNoTls_SaysSo()
    {
        await using ITransportListener listener = await new TcpTransport().ListenAsync(new IPEndPoint(IPAddress.Loopback, 0));
        Task<ITransportConnection?> accepted = listener.AcceptAsync().AsTask();
        await using ITransportConnection near = await s_transport.ConnectAsync(listener.EndPoint);
        await using ITransportConnection far = (await accepted)!;
        await far.Output.WriteAsync("\0\x15Nthis is the handshake of nodes"u8.ToArray());
        TransportException? refused = await Assert.ThrowsAsync<TransportException>(async () => await near.OpenAsync(default));
        Assert.That(refused!.Message, Does.Contain("TLS"));
    }

    [Test]
    public void Options_CertificateWithoutKey_AreRefused()
    {
        X509Certificate2 bare = X509CertificateLoader.LoadCertificate(s_ours.For("127.0.0.1").RawData);
        Assert.That(
            () => new TlsTransport(Options() with { Certificate = bare }),
            Throws.ArgumentException.With.Message.Contain("private key")
        );
    }

    private static TlsTransportOptions Options() => new() { Certificate = s_ours.For("127.0.0.1"), Authorities = s_ours.Authorities };

    /// <summary>What each side has against the other, and whether the called one takes the caller for a node of 127.0.0.1.</summary>
    private static async Task<(string? Caller, string? Called, bool MayBe)> OpenAsync(
        TlsTransportOptions called,
        TlsTransportOptions caller
    )
    {
        await using ITransportListener listener = await new TlsTransport(called).ListenAsync(new IPEndPoint(IPAddress.Loopback, 0));
        Task<ITransportConnection?> accepted = listener.AcceptAsync().AsTask();
        await using ITransportConnection near = await new TlsTransport(caller).ConnectAsync(listener.EndPoint, "127.0.0.1", default);
        await using ITransportConnection far = (await accepted)!;
        string?[] said = await Task.WhenAll(OpenOneAsync(near), OpenOneAsync(far));
        return (said[0], said[1], said[1] is null && far.MayBe("127.0.0.1"));
    }

    private static async Task<string?> OpenOneAsync(ITransportConnection connection)
    {
        try
        {
            await connection.OpenAsync(default);
            return null;
        }
        catch (TransportException e)
        {
            connection.Abort();
            return e.Message;
        }
    }
}
