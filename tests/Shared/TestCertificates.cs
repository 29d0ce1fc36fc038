using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CloudScale.Testing;

/// <summary>An authority for tests, and the certificates it gives to nodes.</summary>
public sealed class TestCertificates
{
    private readonly X509Certificate2 _authority;

    /// <summary>Makes an authority that nobody else knows.</summary>
    public TestCertificates(string name = "Test authority")
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-20), DateTimeOffset.UtcNow.AddDays(30));
        Authorities = [X509CertificateLoader.LoadCertificate(_authority.RawData)];
    }

    /// <summary>What others are to believe.</summary>
    public X509Certificate2Collection Authorities { get; }

    /// <summary>A certificate with its key.</summary>
    /// <param name="host">The host it is for: a name or an address.</param>
    /// <param name="days">How long it is good; negative for one that has run out.</param>
    public X509Certificate2 For(string host, int days = 10)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={host}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        if (IPAddress.TryParse(host, out IPAddress? address))
            names.AddIpAddress(address);
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset end = DateTimeOffset.UtcNow.AddDays(days);
        using X509Certificate2 bare = request.Create(_authority, end.AddDays(-10.5), end, RandomNumberGenerator.GetBytes(8));
        return bare.CopyWithPrivateKey(key);
    }

    /// <summary>Runs the script that users make test certificates with. Without openssl the test is skipped.</summary>
    /// <returns>The folder with <c>ca.pem</c>, <c>node.pem</c>, <c>node-key.pem</c> and <c>ssl_dist.conf</c>; the caller removes it.</returns>
    public static async Task<string> RunScriptAsync(params string[] hosts)
    {
        if (OtpInstallation.Find("openssl") is null || OtpInstallation.Find("bash") is null)
            Assert.Ignore("No openssl on the path: it makes the certificates.");
        string folder = Directory.CreateTempSubdirectory("cloudscale-tls-").FullName;
        using Process script = Process.Start(
            new ProcessStartInfo("bash", [Path.Combine(AppContext.BaseDirectory, "test-certificates.sh"), folder, .. hosts])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        Task<string> error = script.StandardError.ReadToEndAsync();
        await script.StandardOutput.ReadToEndAsync();
        await script.WaitForExitAsync();
        Assert.That(script.ExitCode, Is.Zero, await error);
        return folder;
    }
}
