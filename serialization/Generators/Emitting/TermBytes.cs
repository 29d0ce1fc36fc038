using System.Text;
using CloudScale.Serialization.Generators.Models;

namespace CloudScale.Serialization.Generators.Emitting;

/// <summary>What is known of a term when the program is built, as it goes over the wire.</summary>
internal static class TermBytes
{
    public const byte Version = 131;
    public const byte Nil = 106;

    public static IEnumerable<byte> Atom(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return utf8.Length <= byte.MaxValue
            ? [119, (byte)utf8.Length, .. utf8]
            : [118, (byte)(utf8.Length >> 8), (byte)utf8.Length, .. utf8];
    }

    public static IEnumerable<byte> TupleHead(int arity) => arity <= byte.MaxValue ? [104, (byte)arity] : Head(105, arity);

    public static IEnumerable<byte> MapHead(int count) => Head(116, count);

    public static IEnumerable<byte> ListHead(int count) => Head(108, count);

    /// <summary>A key, as its text is compared and as it is written.</summary>
    public static IEnumerable<byte> Key(KeyForm form, string text) =>
        form switch
        {
            KeyForm.Binary => [.. Head(109, KeyText(form, text).Length), .. KeyText(form, text)],
            KeyForm.Charlist => [107, (byte)(text.Length >> 8), (byte)text.Length, .. KeyText(form, text)],
            _ => Atom(text),
        };

    public static byte[] KeyText(KeyForm form, string text) =>
        form == KeyForm.Charlist ? [.. text.Select(character => (byte)character)] : Encoding.UTF8.GetBytes(text);

    /// <summary>The text as bytes in C#: a literal where it can be read, else numbers.</summary>
    public static string Literal(KeyForm form, string text)
    {
        byte[] bytes = KeyText(form, text);
        bool isPlain = bytes.All(value => value is >= 0x20 and < 0x7F and not (byte)'"' and not (byte)'\\');
        return isPlain ? $"\"{text}\"u8" : "(ReadOnlySpan<byte>)" + Literal(bytes);
    }

    public static string Literal(IEnumerable<byte> bytes) => "[" + string.Join(", ", bytes) + "]";

    private static IEnumerable<byte> Head(byte tag, int size) =>
        [tag, (byte)(size >> 24), (byte)(size >> 16), (byte)(size >> 8), (byte)size];
}
