using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CloudScale.Interop.Handshake;

/// <summary>The proof that a node knows the cookie.</summary>
/// <remarks>
/// Wire: MD5 of the cookie's text followed by the challenge in decimal, unsigned. The cookie keeps strangers and mistakes out; it is no defence against one who
/// can read the traffic.
/// </remarks>
internal static class HandshakeDigest
{
    public const int Length = 16;

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5351", Justification = "The protocol prescribes MD5.")]
    public static void Compute(string cookie, uint challenge, Span<byte> digest)
    {
        byte[] text = Encoding.UTF8.GetBytes(cookie + challenge.ToString(CultureInfo.InvariantCulture));
        MD5.HashData(text, digest);
    }

    public static bool Matches(string cookie, uint challenge, ReadOnlySpan<byte> digest)
    {
        Span<byte> expected = stackalloc byte[Length];
        Compute(cookie, challenge, expected);
        return CryptographicOperations.FixedTimeEquals(expected, digest);
    }
}
