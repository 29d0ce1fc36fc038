using System.Net;

namespace CloudScale.Interop.Rdma;

/// <summary>What a key lets its bearer do with a region.</summary>
[Flags]
public enum RegionRights
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><see cref="IRemoteMemory.ReadAsync"/>.</summary>
    Read = 1,

    /// <summary><see cref="IRemoteMemory.WriteAsync"/>.</summary>
    Write = 2,

    /// <summary><see cref="IRemoteMemory.CompareExchangeAsync"/> and <see cref="IRemoteMemory.FetchAddAsync"/>.</summary>
    Count = 4,

    /// <summary>All of it.</summary>
    All = Read | Write | Count,
}

/// <summary>A capability: who has it reaches one region of one node, with its rights, until it is revoked.</summary>
/// <remarks>
/// It travels in a message, as a term. Whoever can read the message can use it, as with any capability: the secret in it is the only proof that is asked for. Term:
/// <c>{cloudscale_region, Name::binary(), Address::binary(), Port, LengthBytes, Rights, Id, Secret::binary()}</c>, the address in 4 or 16 bytes, the secret in 16.
/// </remarks>
public sealed class RegionKey : IEquatable<RegionKey>
{
    internal const int SecretBytes = 16;
    private static readonly Atom s_tag = Atom.Of("cloudscale_region");

    private readonly byte[] _secret;

    internal RegionKey(string name, IPEndPoint endPoint, long lengthBytes, RegionRights rights, ulong id, byte[] secret)
    {
        Name = name;
        EndPoint = endPoint;
        LengthBytes = lengthBytes;
        Rights = rights;
        Id = id;
        _secret = secret;
    }

    /// <summary>The name under which its node offers the region.</summary>
    public string Name { get; }

    /// <summary>Where the region is reached.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>How long the region is.</summary>
    public long LengthBytes { get; }

    /// <summary>What it allows.</summary>
    public RegionRights Rights { get; }

    internal ulong Id { get; }

    internal ReadOnlySpan<byte> Secret => _secret;

    /// <summary>The key as a term, to be sent.</summary>
    public Tuple ToTerm() =>
        Tuple.Of(
            s_tag,
            Name,
            EndPoint.Address.GetAddressBytes(),
            (long)EndPoint.Port,
            LengthBytes,
            (long)Rights,
            (long)Id,
            (byte[])_secret.Clone()
        );

    /// <summary>Reads what may come from anybody.</summary>
    /// <returns>False if the term is no key.</returns>
    public static bool TryRead(object? term, out RegionKey? key)
    {
        key = null;
        if (
            term is not Tuple tuple
            || tuple is not [Atom tag, var name, var address, long port, long length, long rights, long id, var secret]
            || tag != s_tag
            || !TryText(name, out string text)
            || !TryBytes(address, out byte[] where)
            || !TryBytes(secret, out byte[] proof)
            || where.Length is not (4 or 16)
            || port is < 1 or > ushort.MaxValue
            || length < 8
            || (rights & ~(long)RegionRights.All) != 0
            || id < 0
            || proof.Length != SecretBytes
        )
            return false;
        key = new RegionKey(text, new IPEndPoint(new IPAddress(where), (int)port), length, (RegionRights)rights, (ulong)id, proof);
        return true;
    }

    /// <summary>Whether it opens the same, in the same way.</summary>
    public bool Equals(RegionKey? other) =>
        other is not null
        && Id == other.Id
        && Rights == other.Rights
        && EndPoint.Equals(other.EndPoint)
        && System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(_secret, other._secret);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RegionKey);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, Rights);

    /// <summary>What it opens, without the secret.</summary>
    public override string ToString() => $"{Name} ({LengthBytes} bytes at {EndPoint}, {Rights})";

    private static bool TryText(object? term, out string text)
    {
        text = term as string ?? "";
        if (term is Binary binary && binary.Length <= 255)
            text = System.Text.Encoding.UTF8.GetString(binary.Span);
        return text.Length > 0;
    }

    private static bool TryBytes(object? term, out byte[] bytes)
    {
        bytes = term switch
        {
            Binary binary when binary.Length <= SecretBytes => binary.Span.ToArray(),
            byte[] { Length: <= SecretBytes } array => array,
            _ => [],
        };
        return bytes.Length > 0;
    }
}
