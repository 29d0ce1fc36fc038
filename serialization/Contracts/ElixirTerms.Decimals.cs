using System.Buffers.Binary;
using System.Numerics;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.Contracts;

/// <content>Decimal numbers: <c>%Decimal{sign: 1, coef: 1250, exp: -2}</c> is 12.50. Places are kept, also those that are zero.</content>
public static partial class ElixirTerms
{
    private const string WantedDecimal = "a decimal number of up to 96 bits and 28 places";
    private const int MaxPlaces = 28;
    private const int MaxCoefficientBits = 96;
    private const int MaxReadBits = 2 * MaxCoefficientBits; // a coefficient with all its zeros, before they are taken off

    private static readonly Atom s_struct = Atom.Of("__struct__");
    private static readonly Atom s_module = Atom.Of("Elixir.Decimal");
    private static readonly Atom s_coefficient = Atom.Of("coef");
    private static readonly Atom s_exponent = Atom.Of("exp");
    private static readonly Atom s_sign = Atom.Of("sign");

    /// <summary>Writes a <c>%Decimal{}</c>.</summary>
    public static void Write(ref EtfWriter writer, decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        ulong low = ((ulong)(uint)parts[1] << 32) | (uint)parts[0];
        writer.WriteMapHeader(4);
        writer.WriteAtom(s_struct);
        writer.WriteAtom(s_module);
        writer.WriteAtom(s_coefficient);
        if (parts[2] == 0)
            writer.WriteULong(low);
        else
            WriteLongCoefficient(ref writer, low, (uint)parts[2]);
        writer.WriteAtom(s_exponent);
        writer.WriteLong(-((parts[3] >> 16) & 0xFF));
        writer.WriteAtom(s_sign);
        writer.WriteLong(parts[3] < 0 ? -1 : 1);
    }

    /// <summary>Reads a <c>%Decimal{}</c>. One that is no number, infinite, or more than .NET holds without rounding, is Malformed.</summary>
    public static DecodeStatus TryRead(ref EtfReader reader, out decimal value)
    {
        int start = reader.Position;
        DecodeStatus status = Decimal.TryReadTerm(ref reader, out Decimal number);
        value = default;
        return status != DecodeStatus.Ok || number.TryGet(out value) ? status : reader.BackExpected(start, WantedDecimal);
    }

    // SMALL_BIG_EXT: without a BigInteger, which would be an object. 110 | length:u8 | sign:u8 | least significant byte first.
    private static void WriteLongCoefficient(ref EtfWriter writer, ulong low, uint high)
    {
        int length = sizeof(ulong) + (sizeof(uint) - (BitOperations.LeadingZeroCount(high) / 8));
        Span<byte> span = writer.GetSpan(3 + sizeof(ulong) + sizeof(uint));
        span[0] = (byte)EtfTag.SmallBig;
        span[1] = (byte)length;
        span[2] = 0;
        BinaryPrimitives.WriteUInt64LittleEndian(span[3..], low);
        BinaryPrimitives.WriteUInt32LittleEndian(span[(3 + sizeof(ulong))..], high);
        writer.Advance(3 + length);
    }

    [Term("Decimal", Shape = TermShape.Struct)]
    private readonly partial record struct Decimal(BigInteger Coef, int Exp, int Sign)
    {
        public bool TryGet(out decimal value)
        {
            value = default;
            BigInteger coefficient = Coef;
            int exponent = Exp;
            if (Sign is not (1 or -1) || coefficient.Sign < 0 || coefficient.GetBitLength() > MaxReadBits)
                return false;
            if (coefficient.IsZero)
                exponent = Math.Clamp(exponent, -MaxPlaces, 0);
            // What is a number of .NET once zeros are taken off, or put on.
            for (; exponent < -MaxPlaces || (exponent < 0 && coefficient.GetBitLength() > MaxCoefficientBits); exponent++)
            {
                coefficient = BigInteger.DivRem(coefficient, 10, out BigInteger digit);
                if (!digit.IsZero)
                    return false;
            }

            if (exponent > 0)
            {
                if (exponent > MaxPlaces)
                    return false;
                coefficient *= BigInteger.Pow(10, exponent);
                exponent = 0;
            }

            if (coefficient.GetBitLength() > MaxCoefficientBits)
                return false;
            Span<byte> bytes = stackalloc byte[MaxCoefficientBits / 8];
            bytes.Clear();
            coefficient.TryWriteBytes(bytes, out _, isUnsigned: true);
            value = new decimal(
                BinaryPrimitives.ReadInt32LittleEndian(bytes),
                BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
                BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
                Sign < 0,
                (byte)-exponent
            );
            return true;
        }
    }
}
