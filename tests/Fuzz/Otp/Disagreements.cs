using System.Buffers.Binary;
using System.IO.Compression;
using CloudScale.Serialization.Etf;

namespace CloudScale.Fuzz.Otp;

/// <summary>Where our reader and Erlang's differ on purpose: a name, the reason, and how to tell. The README has them for people.</summary>
internal static class Disagreements
{
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
            "fun M:F/A of more than 255 arguments",
            "BEAM takes any arity and keeps a part of it; no function has that many arguments.",
            (_, ours, _) => ours.Error == "a fun of more than 255 arguments"
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

    private delegate bool Predicate(ReadOnlySpan<byte> input, Differential.Verdict ours, Differential.Verdict theirs);

    public static IEnumerable<(string Name, string Reason)> All =>
        [.. s_known.Select(known => (known.Name, known.Reason)), s_order, s_forms, s_records, s_noBits];

    private static readonly (string Name, string Reason) s_order = (
        "order of the keys of a map",
        "beyond 32 entries, and for funs, OTP orders by what is its own affair; the values are equal."
    );

    private static readonly (string Name, string Reason) s_forms = (
        "form of ports and funs",
        "since OTP 26 each port is written in 64 bits, and later releases forget who made a fun; the values are equal."
    );

    private static readonly (string Name, string Reason) s_records = ("native record", "BEAM reads them since OTP 29.");

    private static readonly (string Name, string Reason) s_noBits = (
        "bit string of no bytes",
        "later releases of OTP refuse it, OTP 25 and we take it for the empty binary; nobody writes it."
    );

    /// <summary>The name of the disagreement that this one is; null for none.</summary>
    public static string? Find(
        ReadOnlySpan<byte> input,
        object? term,
        Differential.Verdict ours,
        Differential.Verdict theirs,
        EtfDecodeContext context
    )
    {
        if (ours.IsAccepted && theirs.IsAccepted)
        {
            bool isSame =
                ours.Used == theirs.Used
                && ExternalTerm.TryDecode(theirs.Value, context, out object? back, out _) == DecodeStatus.Ok
                && Term.AreEqual(term, back);
            return !isSame ? null
                : Holds(term!, static (part, isKey) => part is Map { Count: > 32 } || (isKey && part is Fun)) ? s_order.Name
                : Holds(term!, static (part, _) => part is Port or Fun) ? s_forms.Name
                : null;
        }

        if (ours.IsAccepted && Holds(term!, static (part, _) => part is NativeRecord))
            return s_records.Name;
        if (ours.IsAccepted && input.IndexOf((ReadOnlySpan<byte>)[(byte)EtfTag.BitBinary, 0, 0, 0, 0, 0]) >= 0)
            return s_noBits.Name;

        if (!ours.IsAccepted && input.Length > 6 && input[1] == (byte)EtfTag.Compressed)
            return FindInside(input, theirs, context);
        foreach (Known known in s_known)
            if (!ours.IsAccepted && known.Applies(input, ours, theirs))
                return known.Name;
        return null;
    }

    // What is wrong lies in the inflated bytes, and so does the place that the error names.
    private static string? FindInside(ReadOnlySpan<byte> input, Differential.Verdict theirs, EtfDecodeContext context)
    {
        byte[] inflated = new byte[1 + (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(input[2..]), 1 << 24)];
        inflated[0] = EtfReader.Version;
        try
        {
            using ZLibStream zlib = new(new MemoryStream(input[6..].ToArray()), CompressionMode.Decompress);
            zlib.ReadExactly(inflated.AsSpan(1));
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            return null;
        }

        EtfReader reader = new(inflated, context);
        reader.TryReadVersion();
        return reader.TryReadTerm(out _) == DecodeStatus.Ok
            ? null
            : Find(
                inflated,
                null,
                new Differential.Verdict(0, default) { Error = reader.Error, ErrorOffset = reader.ErrorOffset },
                theirs,
                context
            );
    }

    /// <summary>The name of the reason for which Erlang itself ends over an input; null for none that is known.</summary>
    public static string? Crashes(ReadOnlySpan<byte> input, EtfDecodeContext context)
    {
        EtfReader reader = new(input, context);
        if (reader.TryReadVersion() != DecodeStatus.Ok || reader.TryReadTerm(out _) == DecodeStatus.Ok)
            return null;
        if (reader.PeekTag() == EtfTag.Compressed)
            return FindInside(input, default, context);
        return reader.Error?.StartsWith(NoPid, StringComparison.Ordinal) == true ? CreatorNoPid : null;
    }

    /// <summary>Whether there is such a part, which is told whether it lies in a key of a map.</summary>
    private static bool Holds(object whole, Func<object, bool, bool> isSuch)
    {
        Stack<(object Term, bool IsKey)> parts = new([(whole, false)]);
        while (parts.TryPop(out (object Term, bool IsKey) part))
        {
            if (isSuch(part.Term, part.IsKey))
                return true;
            switch (part.Term)
            {
                case Map map:
                    foreach ((object key, object value) in map)
                    {
                        parts.Push((key, true));
                        parts.Push((value, part.IsKey));
                    }

                    break;
                case Tuple tuple:
                    foreach (object element in tuple)
                        parts.Push((element, part.IsKey));
                    break;
                case List list:
                    foreach (object element in list)
                        parts.Push((element, part.IsKey));
                    if (!list.IsProper)
                        parts.Push((list.Tail, part.IsKey));
                    break;
                case Fun fun:
                    foreach (object free in fun.FreeVariables)
                        parts.Push((free, false));
                    break;
                case NativeRecord record:
                    foreach (object value in record.Values)
                        parts.Push((value, part.IsKey));
                    break;
            }
        }

        return false;
    }

    private sealed record Known(string Name, string Reason, Predicate Applies);
}
