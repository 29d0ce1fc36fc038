using System.Text;

namespace CloudScale.Serialization.Generators.Emitting;

/// <summary>What is known of a value in MessagePack when the program is built.</summary>
internal static class PackedBytes
{
    public const byte Nil = 0xC0;

    private const byte AtomType = 17; // MessagePackExtensions.Atom

    public static IEnumerable<byte> Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return Head(0xA0, 32, 0xD9, utf8.Length).Concat(utf8);
    }

    public static IEnumerable<byte> ArrayHead(int count) => count < 16 ? [(byte)(0x90 | count)] : Wide(0xDC, count);

    public static IEnumerable<byte> MapHead(int count) => count < 16 ? [(byte)(0x80 | count)] : Wide(0xDE, count);

    public static IEnumerable<byte> AtomExtension(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        int log = utf8.Length switch
        {
            1 => 0,
            2 => 1,
            4 => 2,
            8 => 3,
            16 => 4,
            _ => -1,
        };
        IEnumerable<byte> head = log >= 0 ? [(byte)(0xD4 + log)] : Head(0, 0, 0xC7, utf8.Length);
        return head.Append(AtomType).Concat(utf8);
    }

    private static IEnumerable<byte> Head(byte fix, int fixLimit, byte wide, int length) =>
        length < fixLimit ? [(byte)(fix | length)]
        : length <= byte.MaxValue ? [wide, (byte)length]
        : [(byte)(wide + 1), (byte)(length >> 8), (byte)length];

    private static IEnumerable<byte> Wide(byte code, int count) =>
        count <= ushort.MaxValue
            ? [code, (byte)(count >> 8), (byte)count]
            : [(byte)(code + 1), (byte)(count >> 24), (byte)(count >> 16), (byte)(count >> 8), (byte)count];
}
