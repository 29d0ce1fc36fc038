using System.Buffers.Binary;
using System.Text;

namespace CloudScale.Perf.Codecs;

/// <content>The terms that the payloads are made of.</content>
internal static partial class ByHand
{
    private static int Head(ReadOnlySpan<byte> span, ReadOnlySpan<byte> head) =>
        span.StartsWith(head) ? head.Length : throw new FormatException();

    private static int Key(ReadOnlySpan<byte> span, ReadOnlySpan<byte> key) =>
        span[0] == 119 && span[1] == key.Length && span[2..].StartsWith(key) ? 2 + key.Length : throw new FormatException();

    private static int PutKey(Span<byte> span, int at, ReadOnlySpan<byte> key)
    {
        span[at] = 119;
        span[at + 1] = (byte)key.Length;
        key.CopyTo(span[(at + 2)..]);
        return at + 2 + key.Length;
    }

    private static int PutLong(Span<byte> span, int at, long value)
    {
        if ((ulong)value <= byte.MaxValue)
        {
            span[at + 1] = (byte)value;
            span[at] = 97;
            return at + 2;
        }

        if (value == (int)value)
        {
            BinaryPrimitives.WriteInt32BigEndian(span[(at + 1)..], (int)value);
            span[at] = 98;
            return at + 5;
        }

        ulong magnitude = value < 0 ? (ulong)-value : (ulong)value;
        int length = (71 - System.Numerics.BitOperations.LeadingZeroCount(magnitude)) / 8;
        span[at] = 110;
        span[at + 1] = (byte)length;
        span[at + 2] = value < 0 ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt64LittleEndian(span[(at + 3)..], magnitude);
        return at + 3 + length;
    }

    private static long GetLong(ReadOnlySpan<byte> span, ref int at)
    {
        long value;
        switch (span[at])
        {
            case 97:
                value = span[at + 1];
                at += 2;
                return value;
            case 98:
                value = BinaryPrimitives.ReadInt32BigEndian(span[(at + 1)..]);
                at += 5;
                return value;
            case 110:
                int length = span[at + 1];
                ulong magnitude = 0;
                for (int i = length - 1; i >= 0; i--)
                    magnitude = (magnitude << 8) | span[at + 3 + i];
                value = span[at + 2] == 0 ? (long)magnitude : -(long)magnitude;
                at += 3 + length;
                return value;
            default:
                throw new FormatException();
        }
    }

    private static int PutDouble(Span<byte> span, int at, double value)
    {
        if (!double.IsFinite(value))
            throw new FormatException();
        BinaryPrimitives.WriteDoubleBigEndian(span[(at + 1)..], value);
        span[at] = 70;
        return at + 9;
    }

    private static double GetDouble(ReadOnlySpan<byte> span, ref int at)
    {
        if (span[at] != 70)
            throw new FormatException();
        double value = BinaryPrimitives.ReadDoubleBigEndian(span[(at + 1)..]);
        if (!double.IsFinite(value))
            throw new FormatException();
        at += 9;
        return value;
    }

    private static int PutBoolean(Span<byte> span, int at, bool value) => value ? PutKey(span, at, "true"u8) : PutKey(span, at, "false"u8);

    private static bool GetBoolean(ReadOnlySpan<byte> span, ref int at)
    {
        bool value = span[at..].StartsWith((ReadOnlySpan<byte>)[119, 4, 116, 114, 117, 101]);
        at += value ? 6 : Key(span[at..], "false"u8);
        return value;
    }

    private static int PutText(Span<byte> span, int at, string value)
    {
        int length = Encoding.UTF8.GetBytes(value, span[(at + 5)..]);
        BinaryPrimitives.WriteInt32BigEndian(span[(at + 1)..], length);
        span[at] = 109;
        return at + 5 + length;
    }

    private static string GetText(ReadOnlySpan<byte> span, ref int at)
    {
        if (span[at] != 109)
            throw new FormatException();
        ReadOnlySpan<byte> bytes = span.Slice(at + 5, BinaryPrimitives.ReadInt32BigEndian(span[(at + 1)..]));
        if (!System.Text.Unicode.Utf8.IsValid(bytes))
            throw new FormatException();
        at += 5 + bytes.Length;
        return Encoding.UTF8.GetString(bytes);
    }

    private static int PutUndefined(Span<byte> span, int at) => PutKey(span, at, "undefined"u8);

    private static int PutPid(Span<byte> span, int at, Pid value)
    {
        span[at] = 88;
        at = PutKey(span, at + 1, value.Node.Name.Utf8);
        BinaryPrimitives.WriteUInt32BigEndian(span[at..], value.Id);
        BinaryPrimitives.WriteUInt32BigEndian(span[(at + 4)..], value.Serial);
        BinaryPrimitives.WriteUInt32BigEndian(span[(at + 8)..], value.Node.Creation);
        return at + 12;
    }

    private static Pid GetPid(ReadOnlySpan<byte> span, ref int at)
    {
        if (span[at] != 88)
            throw new FormatException();
        at += 1 + Key(span[(at + 1)..], Values.Node.Name.Utf8);
        uint id = BinaryPrimitives.ReadUInt32BigEndian(span[at..]);
        uint serial = BinaryPrimitives.ReadUInt32BigEndian(span[(at + 4)..]);
        if (BinaryPrimitives.ReadUInt32BigEndian(span[(at + 8)..]) != Values.Node.Creation)
            throw new FormatException();
        at += 12;
        return new Pid(Values.Node, ((ulong)serial << 32) | id);
    }

    private static int PutReference(Span<byte> span, int at, Reference value)
    {
        Span<uint> words = stackalloc uint[Reference.MaxWords];
        int count = value.CopyWords(words);
        span[at] = 90;
        BinaryPrimitives.WriteUInt16BigEndian(span[(at + 1)..], (ushort)count);
        at = PutKey(span, at + 3, value.Node.Name.Utf8);
        BinaryPrimitives.WriteUInt32BigEndian(span[at..], value.Node.Creation);
        at += 4;
        for (int i = 0; i < count; i++, at += 4)
            BinaryPrimitives.WriteUInt32BigEndian(span[at..], words[i]);
        return at;
    }

    private static Reference GetReference(ReadOnlySpan<byte> span, ref int at)
    {
        if (span[at] != 90 || span[at + 2] != 3)
            throw new FormatException();
        at += 3 + Key(span[(at + 3)..], Values.Node.Name.Utf8);
        if (BinaryPrimitives.ReadUInt32BigEndian(span[at..]) != Values.Node.Creation)
            throw new FormatException();
        Span<uint> words = stackalloc uint[3];
        for (int i = 0; i < 3; i++)
            words[i] = BinaryPrimitives.ReadUInt32BigEndian(span[(at + 4 + (4 * i))..]);
        at += 16;
        return Reference.FromWords(Values.Node, words);
    }
}
