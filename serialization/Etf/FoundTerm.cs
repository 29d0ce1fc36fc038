using System.Text;

namespace CloudScale.Serialization.Etf;

/// <summary>Says in a few words what stands at a place of the input, for errors.</summary>
internal static class FoundTerm
{
    private const int MaxNameBytes = 60;

    public static string Describe(ReadOnlySpan<byte> bytes, EtfDecodeContext context, ReadOnlySpan<Atom> headerAtoms)
    {
        EtfReader reader = new(bytes, context, headerAtoms);
        int count;
        switch (reader.PeekTag())
        {
            case EtfTag.SmallInteger or EtfTag.Integer or EtfTag.SmallBig when reader.TryReadLong(out long number) == DecodeStatus.Ok:
                return $"the integer {number}";
            case EtfTag.SmallInteger or EtfTag.Integer or EtfTag.SmallBig or EtfTag.LargeBig:
                return "an integer";
            case EtfTag.SmallAtomUtf8 or EtfTag.AtomUtf8 or EtfTag.SmallAtom or EtfTag.Atom or EtfTag.AtomCacheRef:
                return reader.TryReadAtomText(out ReadOnlySpan<byte> name) == DecodeStatus.Ok ? $"the atom '{Shorten(name)}'" : "an atom";
            case EtfTag.SmallTuple or EtfTag.LargeTuple when reader.TryReadTupleHeader(out count) == DecodeStatus.Ok:
                return DescribeTuple(ref reader, count);
            case EtfTag.NewFloat or EtfTag.Float when reader.TryReadDouble(out double real) == DecodeStatus.Ok:
                return "the float " + Term.Format(real);
            case EtfTag.NewFloat or EtfTag.Float:
                return "a float";
            case EtfTag.Nil:
                return "the empty list";
            case EtfTag.String:
                return "a list of bytes";
            case EtfTag.List when reader.TryReadListHeader(out count) == DecodeStatus.Ok:
                return $"a list of {count}";
            case EtfTag.Map when reader.TryReadMapHeader(out count) == DecodeStatus.Ok:
                return $"a map of {count}";
            case EtfTag.Binary when reader.TryReadBinary(out ReadOnlySpan<byte> binary) == DecodeStatus.Ok:
                return $"a binary of {binary.Length} bytes";
            case EtfTag.BitBinary:
                return "a bit string";
            case EtfTag.NewPid or EtfTag.Pid:
                return "a pid";
            case EtfTag.NewerReference or EtfTag.NewReference or EtfTag.Reference:
                return "a reference";
            case EtfTag.V4Port or EtfTag.NewPort or EtfTag.Port:
                return "a port";
            case EtfTag.NewFun or EtfTag.Export:
                return "a fun";
            default:
                return bytes.IsEmpty ? "nothing" : $"a term with tag {bytes[0]}";
        }
    }

    private static string DescribeTuple(ref EtfReader reader, int arity)
    {
        string size = arity == 1 ? "a tuple of 1 element" : $"a tuple of {arity} elements";
        return arity > 0 && reader.TryReadAtomText(out ReadOnlySpan<byte> tag) == DecodeStatus.Ok
            ? $"{size} that begins with '{Shorten(tag)}'"
            : size;
    }

    private static string Shorten(ReadOnlySpan<byte> name) =>
        name.Length <= MaxNameBytes ? Encoding.UTF8.GetString(name) : Encoding.UTF8.GetString(name[..MaxNameBytes]) + "…";
}
