using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace CloudScale.Interop.Transport;

/// <summary>TLS over TCP, with certificates on both sides: what Erlang nodes speak with <c>-proto_dist inet_tls</c>.</summary>
/// <remarks>
/// Bytes are the same as over TCP, but that the messages of the node handshake have lengths of 4 bytes. Source: OTP ssl, <c>inet_tls_dist</c>. Threads: any.
/// </remarks>
public sealed class TlsTransport : ITransport
{
    private readonly TlsTransportOptions _options;
    private readonly SslStreamCertificateContext _context;

    /// <summary>Makes the transport.</summary>
    /// <exception cref="ArgumentException">The certificate has no private key.</exception>
    public TlsTransport(TlsTransportOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!options.Certificate.HasPrivateKey)
            throw new ArgumentException("The certificate of a node needs its private key.", nameof(options));
        _options = options;
        _context = SslStreamCertificateContext.Create(options.Certificate, options.Intermediates, offline: true);
    }

    internal bool RequiresCertificates => _options.RequiresCertificate;

    /// <inheritdoc/>
    public ValueTask<ITransportListener> ListenAsync(EndPoint endPoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(
            TcpTransport.Listen(endPoint, _options.Tcp, socket => new TlsConnection(socket, _options, AuthenticateCalledAsync))
        );

    /// <inheritdoc/>
    /// <remarks>The host whose certificate is expected is the address; a node is called by the name of its host.</remarks>
    public ValueTask<ITransportConnection> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken = default) =>
        ConnectAsync(
            endPoint,
            endPoint is IPEndPoint ip ? ip.Address.ToString() : (endPoint as DnsEndPoint)?.Host ?? "",
            cancellationToken
        );

    /// <inheritdoc/>
    public async ValueTask<ITransportConnection> ConnectAsync(EndPoint endPoint, string host, CancellationToken cancellationToken)
    {
        Socket socket = await TcpTransport.ConnectSocketAsync(endPoint, _options.Tcp, cancellationToken);
        return new TlsConnection(
            socket,
            _options,
            (stream, connection, deadline) => AuthenticateCallerAsync(stream, connection, host, deadline)
        );
    }

    // This node was called: it is the server of TLS.
    private Task AuthenticateCalledAsync(SslStream stream, TlsConnection connection, CancellationToken cancellationToken) =>
        stream.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = _context,
                ClientCertificateRequired = _options.RequiresCertificate,
                EnabledSslProtocols = _options.Protocols,
                CertificateChainPolicy = Policy(),
                RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                    (certificate is null && !_options.RequiresCertificate) || connection.Weigh(certificate, chain, errors),
            },
            cancellationToken
        );

    private Task AuthenticateCallerAsync(SslStream stream, TlsConnection connection, string host, CancellationToken cancellationToken) =>
        stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = host,
                ClientCertificateContext = _context,
                EnabledSslProtocols = _options.Protocols,
                CertificateChainPolicy = Policy(),
                RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                    connection.Weigh(
                        certificate,
                        chain,
                        _options.ChecksHost ? errors : errors & ~SslPolicyErrors.RemoteCertificateNameMismatch,
                        host
                    ),
            },
            cancellationToken
        );

    private X509ChainPolicy Policy()
    {
        X509ChainPolicy policy = new() { RevocationMode = _options.Revocation, DisableCertificateDownloads = true };
        if (_options.Authorities is { } authorities)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(authorities);
        }

        policy.ExtraStore.AddRange(_options.Intermediates);
        return policy;
    }
}
