using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CloudScale.Interop.Transport;

/// <summary>Who a node is to others over TLS, and whom it believes.</summary>
/// <remarks>What OTP calls <c>certfile</c>, <c>keyfile</c>, <c>cacertfile</c>, <c>verify</c> and <c>fail_if_no_peer_cert</c>. Threads: any, once made.</remarks>
public sealed record TlsTransportOptions
{
    /// <summary>The certificate of this node, with its private key: shown to those who call and to those who are called.</summary>
    public required X509Certificate2 Certificate { get; init; }

    /// <summary>Certificates between that of the node and that of the authority, sent along with it.</summary>
    public X509Certificate2Collection Intermediates { get; init; } = [];

    /// <summary>The authorities whose certificates are believed; null means those of the system, of which there are many: better name your own.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>Whether who calls must show a certificate that is believed. Without it anybody can call, and only the cookie stands between.</summary>
    public bool RequiresCertificate { get; init; } = true;

    /// <summary>Whether the certificate of a node that is called must be for the host of its name, as OTP has it.</summary>
    public bool ChecksHost { get; init; } = true;

    /// <summary>Whether the certificate of who calls must be for the host of the node name he gives, too. OTP does not ask for it unless told to, so it is off by default.</summary>
    public bool ChecksCallersHost { get; init; }

    /// <summary>The versions of TLS that are spoken.</summary>
    public SslProtocols Protocols { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Whether certificates may have been revoked, and where to look; asking online takes time in each connection.</summary>
    public X509RevocationMode Revocation { get; init; } = X509RevocationMode.NoCheck;

    /// <summary>What may be chosen about the TCP below.</summary>
    public TcpTransportOptions Tcp { get; init; } = new();

    /// <summary>Options from PEM files, as Erlang nodes have them.</summary>
    /// <param name="certificateFile">The certificate of the node; those that follow it in the file are sent along.</param>
    /// <param name="keyFile">Its private key, not encrypted.</param>
    /// <param name="authoritiesFile">The authorities that are believed.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="CryptographicException">A file holds something else.</exception>
    public static TlsTransportOptions FromPemFiles(string certificateFile, string keyFile, string authoritiesFile)
    {
        X509Certificate2Collection sent = [];
        sent.ImportFromPemFile(certificateFile);
        X509Certificate2Collection authorities = [];
        authorities.ImportFromPemFile(authoritiesFile);
        if (authorities.Count == 0)
            throw new CryptographicException($"There is no certificate in '{authoritiesFile}'.");
        return new TlsTransportOptions
        {
            Certificate = X509Certificate2.CreateFromPemFile(certificateFile, keyFile),
            Intermediates = [.. sent.Skip(1)],
            Authorities = authorities,
        };
    }
}
