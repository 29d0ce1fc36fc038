using System.Globalization;
using System.Text;
using CloudScale.Serialization.Etf;

namespace CloudScale.Fuzz.Etf;

/// <content>Numbers, atoms and identities.</content>
internal sealed partial class EtfGenerator
{
    private static readonly ulong[] s_magnitudes =
    [
        0,
        1,
        255,
        256,
        int.MaxValue,
        0x80000000,
        0x80000001,
        uint.MaxValue,
        1UL << 32,
        (1UL << 59) - 1,
        1UL << 59,
        (1UL << 60) - 1,
        long.MaxValue,
        1UL << 63,
        (1UL << 63) + 1,
        ulong.MaxValue,
    ];

    private static readonly byte[][] s_floatTexts =
    [
        .. new double[] { 0, 1.5, -1.5, 1e300, -1e-300, double.Epsilon, double.MaxValue, 1.0 / 3 }.Select(FloatText),
        .. new[] { "+1.5", "1", "1.", ".5", "1e5", "1.0e400", "0x1p3", "nan", "inf", " 1.0", "1.0 ", "-0.0", "1.0e-400", "" }.Select(text =>
            Encoding.ASCII.GetBytes(text.PadRight(31, '\0'))
        ),
    ];

    private static byte[] FloatText(double value)
    {
        string text = value.ToString("0.00000000000000000000e+00", CultureInfo.InvariantCulture);
        return Encoding.ASCII.GetBytes(text.PadRight(31, '\0'));
    }

    private void Big()
    {
        bool isLarge = rng.OneIn(6);
        int length = rng.OneIn(60) ? rng.Pick<int>([0, 254, 255]) : rng.Next(12);
        if (isLarge && rng.OneIn(50))
            length = rng.Pick<int>([256, 257, 1024, 1025]);
        Tag(isLarge ? EtfTag.LargeBig : EtfTag.SmallBig);
        draft.Count(length, isLarge ? 4 : 1);
        draft.Byte(rng.OneIn(20) ? rng.NextByte() : rng.Next(2));
        Span<byte> magnitude = draft.Take(length);
        rng.Fill(magnitude);
        if (length < 12 && rng.OneIn(2))
        {
            // A boundary, with zeros behind it when there is room.
            ulong value = rng.Pick<ulong>(s_magnitudes);
            for (int i = 0; i < length; i++, value >>= 8)
                magnitude[i] = (byte)value;
        }
        else if (length > 1 && rng.OneIn(6))
        {
            magnitude[(length / 2)..].Clear();
        }
    }

    private void Float()
    {
        if (rng.OneIn(5))
        {
            Tag(EtfTag.Float);
            int text = draft.Begin(SpotKind.Text);
            // The second half of the table is mostly no number.
            draft.Write(s_floatTexts[rng.OneIn(8) ? rng.Next(s_floatTexts.Length) : rng.Next(8)]);
            draft.End(text);
            return;
        }

        double value = rng.Next(4) switch
        {
            0 => rng.Pick<double>([0, -0.0, 1, -1, double.MaxValue, double.MinValue, double.Epsilon, 1e16, 9007199254740993, 0.1]),
            1 => (int)rng.Next64() / 8.0,
            _ => BitConverter.UInt64BitsToDouble(rng.Next64()),
        };
        Tag(EtfTag.NewFloat);
        draft.Number(BitConverter.DoubleToUInt64Bits(double.IsFinite(value) ? value : 1.5), 8);
    }

    private void Atom()
    {
        int spot = draft.Begin(SpotKind.Term);
        if (CachedAtoms && rng.OneIn(3))
        {
            Tag(EtfTag.AtomCacheRef);
            draft.Byte(rng.OneIn(30) ? rng.NextByte() : rng.Next(8));
            draft.End(spot);
            return;
        }

        byte[] name = s_atoms[rng.OneIn(8) ? rng.Next(s_atoms.Length) : rng.Next(10)];
        bool isAscii = Ascii.IsValid(name);
        switch (rng.Next(isAscii ? 6 : 2))
        {
            case 0 or 2 or 3 when name.Length <= 255:
                Tag(EtfTag.SmallAtomUtf8);
                draft.Count(name.Length, 1);
                break;
            case 4 when name.Length <= 255:
                Tag(EtfTag.SmallAtom);
                draft.Count(name.Length, 1);
                break;
            case 5:
                Tag(EtfTag.Atom);
                draft.Count(name.Length, 2);
                break;
            default:
                Tag(EtfTag.AtomUtf8);
                draft.Count(name.Length, 2);
                break;
        }

        draft.Text(name);
        draft.End(spot);
    }

    private void Pid()
    {
        bool isOld = rng.OneIn(4);
        Tag(isOld ? EtfTag.Pid : EtfTag.NewPid);
        Atom();
        draft.Number(rng.NextSized(rng.OneIn(4) ? 32 : 15), 4);
        draft.Number(rng.NextSized(rng.OneIn(4) ? 32 : 13), 4);
        Creation(isOld);
    }

    private void Port()
    {
        switch (rng.Next(3))
        {
            case 0:
                Tag(EtfTag.Port);
                Atom();
                draft.Number(rng.NextSized(rng.OneIn(4) ? 32 : 28), 4);
                Creation(isOld: true);
                break;
            case 1:
                Tag(EtfTag.NewPort);
                Atom();
                draft.Number(rng.NextSized(rng.OneIn(4) ? 32 : 28), 4);
                Creation(isOld: false);
                break;
            default:
                Tag(EtfTag.V4Port);
                Atom();
                draft.Number(rng.NextSized(64), 8);
                Creation(isOld: false);
                break;
        }
    }

    private void Reference()
    {
        switch (rng.Next(6))
        {
            case 0:
                Tag(EtfTag.Reference);
                Atom();
                draft.Number(rng.NextSized(18), 4);
                Creation(isOld: true);
                return;
            case 1:
                Words(EtfTag.NewReference, isOld: true);
                return;
            default:
                Words(EtfTag.NewerReference, isOld: false);
                return;
        }
    }

    private void Words(EtfTag tag, bool isOld)
    {
        Tag(tag);
        int count = rng.OneIn(3) ? rng.Next(1, 6) : 3;
        draft.Count(count, 2);
        Atom();
        Creation(isOld);
        for (int i = 0; i < count; i++)
            draft.Number(rng.NextSized(i == 0 ? 18 : 32), 4);
    }

    private void Creation(bool isOld)
    {
        if (isOld)
            draft.Byte(rng.Next(4));
        else
            draft.Number(rng.NextSized(32), 4);
    }
}
