using System.Text;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.MessagePack;

/// <summary>Says in a few words what stands at a place of the input, for errors.</summary>
internal static class FoundValue
{
    private const int MaxNameBytes = 60;

    public static string Describe(ReadOnlySpan<byte> bytes, EtfDecodeContext context)
    {
        MessagePackReader reader = new(bytes, context);
        int count;
        switch (reader.PeekType())
        {
            case MessagePackType.Invalid:
                return "the byte C1, which is never used";
            case MessagePackType.Nil:
                return "nil";
            case MessagePackType.Boolean:
                return bytes[0] == MessagePackCode.True ? "true" : "false";
            case MessagePackType.Integer when reader.TryReadBigInteger(out System.Numerics.BigInteger number) == DecodeStatus.Ok:
                return $"the integer {number}";
            case MessagePackType.Integer:
                return "an integer";
            case MessagePackType.Float when reader.TryReadDouble(out double real) == DecodeStatus.Ok && double.IsFinite(real):
                return "the float " + Term.Format(real);
            case MessagePackType.Float:
                return "a float";
            case MessagePackType.String when reader.TryReadUtf8(out ReadOnlySpan<byte> text) == DecodeStatus.Ok:
                return $"the text '{Shorten(text)}'";
            case MessagePackType.String:
                return "a text";
            case MessagePackType.Binary when reader.TryReadBinary(out ReadOnlySpan<byte> binary) == DecodeStatus.Ok:
                return $"{binary.Length} bytes";
            case MessagePackType.Array when reader.TryReadArrayHeader(out count) == DecodeStatus.Ok:
                return DescribeArray(ref reader, count);
            case MessagePackType.Map when reader.TryReadMapHeader(out count) == DecodeStatus.Ok:
                return $"a map of {count}";
            case MessagePackType.Extension when reader.TryReadExtension(out sbyte type, out ReadOnlySpan<byte> data) == DecodeStatus.Ok:
                return DescribeExtension(type, data);
            default:
                return bytes.IsEmpty ? "nothing" : $"a value that begins with {bytes[0]:X2}";
        }
    }

    /// <summary>A kind of term in words.</summary>
    public static string NameOf(Type type)
    {
        if (type == typeof(Tuple))
            return "a tuple";
        if (type == typeof(List))
            return "a list";
        if (type == typeof(Map))
            return "a map";
        if (type == typeof(Binary))
            return "bytes";
        if (type == typeof(BitString))
            return "a bit string that is no binary";
        return type == typeof(ExternalFun) ? "a fun M:F/A" : "a fun";
    }

    private static string DescribeArray(ref MessagePackReader reader, int count)
    {
        bool isTuple = reader.TryTakeForm(count, out byte form) && form == MessagePackExtensions.TupleForm;
        if (isTuple)
            count--;
        string size = (isTuple ? "a tuple" : "an array") + (count == 1 ? " of 1 element" : $" of {count} elements");
        return
            reader.PeekType() is MessagePackType.String or MessagePackType.Extension
            && reader.TryReadAtomText(out ReadOnlySpan<byte> tag) == DecodeStatus.Ok
            ? $"{size} that begins with '{Shorten(tag)}'"
            : size;
    }

    private static string DescribeExtension(sbyte type, ReadOnlySpan<byte> data) =>
        type switch
        {
            MessagePackExtensions.Atom => $"the atom '{Shorten(data)}'",
            MessagePackExtensions.Pid => "a pid",
            MessagePackExtensions.Reference => "a reference",
            MessagePackExtensions.Port => "a port",
            MessagePackExtensions.Integer => "an integer",
            MessagePackExtensions.BitString => "a bit string",
            MessagePackExtensions.Timestamp => "a timestamp",
            _ => $"an extension of type {type}",
        };

    private static string Shorten(ReadOnlySpan<byte> name) =>
        name.Length <= MaxNameBytes ? Encoding.UTF8.GetString(name) : Encoding.UTF8.GetString(name[..MaxNameBytes]) + "…";
}
