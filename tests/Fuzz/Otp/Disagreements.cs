using System.Buffers.Binary;
using System.IO.Compression;
using CloudScale.Serialization.Etf;

namespace CloudScale.Fuzz.Otp;

/// <summary>Where our reader and Erlang's differ on purpose: a name, the reason, and how to tell. The README has them for people.</summary>
internal static class Disagreements
{
    private const string BigArity = "fun M:F/A of more than 255 arguments";
    private const string BigArityError = "a fun of more than 255 arguments"; // our reader's words
    private const string CreatorNoPid = "creator of a fun that is no pid";
    private const string NoPid = "expected a pid, "; // our reader's words

    private static readonly Known[] s_known =
    [
        new(
            "reference of no words",
            "BEAM reads it, but no node can make one; a reference without a number identifies nothing.",
            (input, ours, _) =>
                ours.Error is not null && input[ours.ErrorOffset] is 90 or 114 && input[(ours.ErrorOffset + 1)..].StartsWith("\0\0"u8)
        ),
        new(
            BigArity,
            "BEAM takes any arity and keeps a part of it, or ends when it writes the fun; no function has that many arguments.",
            (_, ours, _) => ours.Error == BigArityError
        ),
        new(
            "internal atom",
            "BEAM reads tags 73 and 75, indexes into its own atom table that only its ports and drivers write, from anyone.",
            (input, ours, _) => ours.Error is not null && input[ours.ErrorOffset] is 73 or 75
        ),
        new(
            CreatorNoPid,
            "BEAM takes any term there, and ends or gives nonsense when it writes the fun; only a process makes a fun.",
            (_, ours, _) => ours.Error?.StartsWith(NoPid, StringComparison.Ordinal) == true
        ),
    ];

    private const string TwoEqualKeys = "a map with two equal keys";
    private static readonly byte[] s_zero = [(byte)EtfTag.NewFloat, 0, 0, 0, 0, 0, 0, 0, 0];
    private static readonly byte[] s_minusZero = [(byte)EtfTag.NewFloat, 0x80, 0, 0, 0, 0, 0, 0, 0];

    private delegate bool Predicate(ReadOnlySpan<byte> input, Differential.Verdict ours, Differential.Verdict theirs);

    public static IEnumerable<(string Name, string Reason)> All =>
        [.. s_known.Select(known => (known.Name, known.Reason)), s_order, s_forms, s_numbers, s_keys, s_zeros, s_records, s_noBits];

    private static readonly (string Name, string Reason) s_order = (
        "order of the keys of a map",
        "beyond 32 entries, and for funs, OTP orders by what is its own affair; the values are equal."
    );

    private static readonly (string Name, string Reason) s_forms = (
        "form of ports and funs",
        "since OTP 26 each port is written in 64 bits, and since 27 nobody knows who made a fun; the values are equal."
    );

    private static readonly (string Name, string Reason) s_numbers = (
        "old numbers of a fun",
        "OTP 27 does not tell funs apart by the old index, OTP 28 by the old unique number neither; it gives those it heard first. But for them the values are equal."
    );

    private static readonly (string Name, string Reason) s_keys = (
        "keys that differ in the old numbers of funs",
        "where these do not count, two such keys of a map are one, and BEAM refuses the map."
    );

    private static readonly (string Name, string Reason) s_zeros = (
        "keys 0.0 and -0.0",
        "OTP 27 and later tell them apart, OTP 25 and we do not, so a map with both has two equal keys."
    );

    private static readonly (string Name, string Reason) s_records = ("native record", "BEAM reads them since OTP 29.");

    private static readonly (string Name, string Reason) s_noBits = (
        "bit string of no bytes",
        "OTP 27 and later refuse it, OTP 25 and we take it for the empty binary; nobody writes it."
    );

    /// <summary>The name of the disagreement with this release that this one is; null for none.</summary>
    public static string? Find(
        int release,
        ReadOnlySpan<byte> input,
        object? term,
        Differential.Verdict ours,
        Differential.Verdict theirs,
        EtfDecodeContext context
    )
    {
        if (ours.IsAccepted && theirs.IsAccepted)
        {
            if (ours.Used != theirs.Used || ExternalTerm.TryDecode(theirs.Value, context, out object? back, out _) != DecodeStatus.Ok)
                return null;
            if (!Term.AreEqual(term, back))
                return new KnownFuns(release).AreSame(term!, back!) ? s_numbers.Name : null;
            return Parts.Any(term!, static (part, isKey) => part is Map { Count: > 32 } || (isKey && part is Fun)) ? s_order.Name
                : Parts.Any(term!, (part, _) => (part is Port && release >= 26) || (part is Fun && release >= 27)) ? s_forms.Name
                : null;
        }

        if (ours.IsAccepted && release < 29 && Parts.Any(term!, static (part, _) => part is NativeRecord))
            return s_records.Name;
        if (ours.IsAccepted && new KnownFuns(release).HaveSameKeys(term!))
            return s_keys.Name;
        if (ours.IsAccepted && release >= 27 && HoldsNoBits(IsCompressed(input) ? Inflate(input) : input))
            return s_noBits.Name;

        if (!ours.IsAccepted && IsCompressed(input))
            return FindInside(release, input, theirs, context);
        if (ours.Error == TwoEqualKeys && release >= 27 && theirs.Value.IndexOf(s_zero) >= 0 && theirs.Value.IndexOf(s_minusZero) >= 0)
            return s_zeros.Name;
        foreach (Known known in s_known)
            if (!ours.IsAccepted && known.Applies(input, ours, theirs))
                return known.Name;
        return null;
    }

    private static bool IsCompressed(ReadOnlySpan<byte> input) => input.Length > 6 && input[1] == (byte)EtfTag.Compressed;

    private static bool HoldsNoBits(ReadOnlySpan<byte> input) =>
        input.IndexOf((ReadOnlySpan<byte>)[(byte)EtfTag.BitBinary, 0, 0, 0, 0, 0]) >= 0;

    /// <summary>What a compressed term is without its compression; nothing where that is not to be had.</summary>
    private static byte[] Inflate(ReadOnlySpan<byte> input)
    {
        byte[] inflated = new byte[1 + (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(input[2..]), 1 << 24)];
        inflated[0] = EtfReader.Version;
        try
        {
            using ZLibStream zlib = new(new MemoryStream(input[6..].ToArray()), CompressionMode.Decompress);
            zlib.ReadExactly(inflated.AsSpan(1));
            return inflated;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            return [];
        }
    }

    // What is wrong lies in the inflated bytes, and so does the place that the error names.
    private static string? FindInside(int release, ReadOnlySpan<byte> input, Differential.Verdict theirs, EtfDecodeContext context)
    {
        byte[] inflated = Inflate(input);
        EtfReader reader = new(inflated, context);
        return reader.TryReadVersion() != DecodeStatus.Ok || reader.TryReadTerm(out _) == DecodeStatus.Ok
            ? null
            : Find(
                release,
                inflated,
                null,
                new Differential.Verdict(0, default) { Error = reader.Error, ErrorOffset = reader.ErrorOffset },
                theirs,
                context
            );
    }

    /// <summary>The name of the reason for which Erlang itself ends over an input; null for none that is known.</summary>
    public static string? Crashes(int release, ReadOnlySpan<byte> input, EtfDecodeContext context)
    {
        EtfReader reader = new(input, context);
        if (reader.TryReadVersion() != DecodeStatus.Ok || reader.TryReadTerm(out _) == DecodeStatus.Ok)
            return null;
        if (reader.PeekTag() == EtfTag.Compressed)
            return FindInside(release, input, default, context);
        return reader.Error?.StartsWith(NoPid, StringComparison.Ordinal) == true ? CreatorNoPid
            : reader.Error == BigArityError ? BigArity
            : null;
    }

    private sealed record Known(string Name, string Reason, Predicate Applies);
}
