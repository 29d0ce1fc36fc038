using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.MessagePack;

/// <content>What generated contracts write besides single values.</content>
public ref partial struct MessagePackWriter
{
    private const int ElementsPerReservation = 512; // untuned

    /// <summary>Room for so many bytes, to be given back in part by <see cref="Advance"/>. See <see cref="MessagePackSpan"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> GetSpan(int bytes) => Reserve(bytes);

    /// <summary>Says how much of the room has been written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bytes, (uint)(_span.Length - _used), nameof(bytes));
        _used += bytes;
    }

    /// <summary>Few bytes of values, or of parts of them, that are encoded already: heads and keys of contracts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteRun(scoped ReadOnlySpan<byte> encoded)
    {
        encoded.CopyTo(Reserve(encoded.Length));
        _used += encoded.Length;
    }

    /// <summary>A float of 64 bits that terms have, too.</summary>
    /// <exception cref="ArgumentException">It is infinite or no number.</exception>
    public void WriteNumber(double value)
    {
        Span<byte> span = Reserve(9); // not inside the addition: it may reset what is added to
        _used += MessagePackSpan.PutDouble(span, 0, value);
    }

    /// <summary>A float of 32 bits that terms have, too.</summary>
    /// <exception cref="ArgumentException">It is infinite or no number.</exception>
    public void WriteNumber(float value)
    {
        Span<byte> span = Reserve(5); // not inside the addition: it may reset what is added to
        _used += MessagePackSpan.PutDouble(span, 0, value);
    }

    /// <summary>The name of an atom, as a text.</summary>
    /// <exception cref="ArgumentException">It is longer than an atom may be, or no valid Unicode.</exception>
    public void WriteAtomText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
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
        WriteString(text);
    }

    /// <summary>A text, also where the term has a list of characters: MessagePack has texts.</summary>
    public void WriteCharlist(string text) => WriteString(text);

    /// <summary>A decimal number as a text of its digits, with as many places as it has: <c>12.50</c>.</summary>
    public void WriteDecimal(decimal value)
    {
        Span<byte> digits = stackalloc byte[32]; // 29 digits, sign, point, leading zero
        value.TryFormat(digits, out int length, default, CultureInfo.InvariantCulture);
        WriteUtf8(digits[..length]);
    }

    /// <summary>An array of integers.</summary>
    public void WriteIntegers<T>(scoped ReadOnlySpan<T> values)
        where T : unmanaged, IBinaryInteger<T>
    {
        WriteArrayHeader(values.Length);
        for (scoped ReadOnlySpan<T> rest = values; !rest.IsEmpty; )
        {
            scoped ReadOnlySpan<T> piece = rest[..Math.Min(rest.Length, ElementsPerReservation)];
            Span<byte> span = Reserve(piece.Length * MessagePackSpan.MaxLongBytes);
            int at = 0;
            foreach (T value in piece)
            {
                if (typeof(T) == typeof(int))
                {
                    // No generic conversion: several calls, which use up what the JIT inlines.
                    int number = Unsafe.BitCast<T, int>(value);
                    at = (uint)number <= ushort.MaxValue ? PutShort(span, at, (uint)number) : MessagePackSpan.PutLong(span, at, number);
                }
                else if (typeof(T) == typeof(ulong) && ulong.CreateTruncating(value) > long.MaxValue)
                {
                    span[at] = MessagePackCode.UInt64;
                    BinaryPrimitives.WriteUInt64BigEndian(span[(at + 1)..], ulong.CreateTruncating(value));
                    at += MessagePackSpan.MaxLongBytes;
                }
                else
                {
                    at = MessagePackSpan.PutLong(span, at, long.CreateTruncating(value));
                }
            }

            _used += at;
            rest = rest[piece.Length..];
        }
    }

    // Of one, two or three bytes, without a branch: which it is no processor guesses. Writes four; the room is for nine.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int PutShort(Span<byte> span, int at, uint value)
    {
        uint isWide = value > MessagePackCode.MaxPositiveFixInt ? 1u : 0u;
        uint isWider = value > byte.MaxValue ? 1u : 0u;
        uint code = ((MessagePackCode.UInt8 + isWider) << 24) & (0 - isWide);
        int more = (int)(isWide + isWider);
        BinaryPrimitives.WriteUInt32BigEndian(span[at..], code | (value << (24 - (8 * more))));
        return at + 1 + more;
    }

    /// <summary>An array of floats.</summary>
    /// <exception cref="ArgumentException">One is infinite or no number.</exception>
    public void WriteDoubles(scoped ReadOnlySpan<double> values)
    {
        WriteArrayHeader(values.Length);
        for (scoped ReadOnlySpan<double> rest = values; !rest.IsEmpty; )
        {
            scoped ReadOnlySpan<double> piece = rest[..Math.Min(rest.Length, ElementsPerReservation)];
            Span<byte> span = Reserve(piece.Length * MessagePackSpan.MaxLongBytes);
            _used += FloatRun.Put(piece, span, MessagePackCode.Float64);
            rest = rest[piece.Length..];
        }
    }

    /// <summary>Before a contract that may contain itself.</summary>
    /// <exception cref="ArgumentException">It is nested so deep that the stack has no room for it.</exception>
    public void Enter()
    {
        if (!_stack.HasRoom())
            EtfWriter.ThrowTooDeep();
    }
}
