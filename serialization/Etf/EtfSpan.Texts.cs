using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;

namespace CloudScale.Serialization.Etf;

/// <content>Terms whose bound is known once the value is: how much room each may take, and texts.</content>
public static partial class EtfSpan
{
    private const int MaxCharsAtOnce = 128; // of a text that is encoded without counting first; untuned
    private const int MaxUtf8BytesPerChar = 3;
    private const int BinaryHeadBytes = 5;
    private const int AtomHeadBytes = 3;

    /// <summary>Room for a text as a binary.</summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int MostBytes([NotNull] string? text)
    {
        ArgumentNullException.ThrowIfNull(text);
        // Room for the longest form costs less than counting first.
        return BinaryHeadBytes + (text.Length <= MaxCharsAtOnce ? MaxUtf8BytesPerChar * text.Length : Encoding.UTF8.GetByteCount(text));
    }

    /// <summary>Room for a text as an atom, if it may be one.</summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    public static int MostBytesOfAtom([NotNull] string? text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return AtomHeadBytes + (MaxUtf8BytesPerChar * Math.Min(text.Length, 2 * Atom.MaxCharacters));
    }

    /// <summary>Room for an atom.</summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    public static int MostBytes([NotNull] Atom? atom)
    {
        ArgumentNullException.ThrowIfNull(atom);
        return AtomHeadBytes + atom.Utf8.Length;
    }

    /// <summary>Room for a pid.</summary>
    /// <exception cref="ArgumentException">It is <c>default</c>, which names no process.</exception>
    public static int MostBytes(Pid pid)
    {
        if (pid.IsNone)
            EtfWriter.ThrowNoIdentity("pid");
        return 1 + AtomHeadBytes + pid.Node.Name.Utf8.Length + 12;
    }

    /// <summary>Room for a reference.</summary>
    /// <exception cref="ArgumentException">It is <c>default</c>, which is no reference.</exception>
    public static int MostBytes(Reference reference)
    {
        if (reference.IsNone)
            EtfWriter.ThrowNoIdentity("reference");
        return 3 + AtomHeadBytes + reference.Node.Name.Utf8.Length + 4 + (4 * Reference.MaxWords);
    }

    /// <summary>A text as the binary of its UTF-8; half a surrogate pair becomes U+FFFD.</summary>
    public static int PutText(Span<byte> span, int at, string text)
    {
        Span<byte> bytes = span[(at + BinaryHeadBytes)..];
        int length = text.Length <= MaxCharsAtOnce ? AsciiText.Narrow(text, bytes) : -1;
        if (length < 0)
            length = PutUtf8(text, bytes);
        BinaryPrimitives.WriteInt32BigEndian(span[(at + 1)..], length);
        span[at] = (byte)EtfTag.Binary;
        return at + BinaryHeadBytes + length;
    }

    /// <summary>A text as an atom; makes none.</summary>
    /// <exception cref="ArgumentException">It is longer than an atom may be, or no valid Unicode.</exception>
    public static int PutAtomText(Span<byte> span, int at, string text)
    {
        int length = text.Length <= Atom.MaxCharacters ? AsciiText.Narrow(text, span[(at + 2)..]) : -1;
        if (length < 0)
            return PutOtherAtomText(span, at, text);
        span[at + 1] = (byte)length;
        span[at] = (byte)EtfTag.SmallAtomUtf8;
        return at + 2 + length;
    }

    private static int PutUtf8(string text, Span<byte> bytes)
    {
        if (text.Length > MaxCharsAtOnce)
            return Encoding.UTF8.GetBytes(text, bytes);
        Utf8.FromUtf16(text, bytes, out _, out int length); // replaces what is no Unicode, as Encoding.UTF8 does, and costs less for few characters
        return length;
    }

    private static int PutOtherAtomText(Span<byte> span, int at, string text)
    {
        int runes = 0;
        for (int i = 0; i < text.Length; i++, runes++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                throw new ArgumentException("The name of an atom must be valid Unicode; this one has half a surrogate pair.", nameof(text));
            i++;
        }

        if (runes > Atom.MaxCharacters)
            throw new ArgumentException($"An atom has at most {Atom.MaxCharacters} characters; this one has {runes}.", nameof(text));
        int length = Encoding.UTF8.GetByteCount(text);
        int head = length <= byte.MaxValue ? 2 : AtomHeadBytes;
        span[at] = (byte)(head == 2 ? EtfTag.SmallAtomUtf8 : EtfTag.AtomUtf8);
        span[at + 1] = (byte)length;
        if (head == AtomHeadBytes)
            BinaryPrimitives.WriteUInt16BigEndian(span[(at + 1)..], (ushort)length);
        return at + head + Encoding.UTF8.GetBytes(text, span[(at + head)..]);
    }
}
