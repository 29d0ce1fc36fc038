using CloudScale.Fuzz.Etf;
using CloudScale.Serialization.MessagePack;

namespace CloudScale.Fuzz.MessagePack;

/// <summary>Writes random values of MessagePack in every form there is, short or longer than needed; many of them terms.</summary>
internal sealed class MessagePackGenerator(Rng rng, Draft draft)
{
    private static readonly int[] s_lengths = [0, 1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 32, 255, 256];

    /// <summary>A whole input: one value.</summary>
    public void Generate()
    {
        draft.Clear();
        int size = rng.Next(12) switch
        {
            0 => 200,
            1 => 1,
            _ => rng.Next(1, 24),
        };
        Value(depth: rng.OneIn(40) ? 40 : 6, ref size);
    }

    private void Value(int depth, ref int size)
    {
        size--;
        int spot = draft.Begin(SpotKind.Term);
        if (depth > 0 && size > 0 && rng.Next(5) < 3)
            Container(depth - 1, ref size);
        else
            Leaf();
        draft.End(spot);
    }

    private void Container(int depth, ref int size)
    {
        int count = Math.Min(rng.OneIn(6) ? rng.Next(30) : rng.Next(5), size + 1);
        switch (rng.Next(6))
        {
            case 0 or 1:
                Head(0x90, 16, 0xDC, count);
                Values(count, depth, ref size);
                break;
            case 2:
                Form(1, count, depth, ref size);
                break;
            case 3:
                Form(2, Math.Max(2, count), depth, ref size);
                break;
            default:
                Head(0x80, 16, 0xDE, count);
                int first = rng.Next(200);
                for (int i = 0; i < count; i++)
                {
                    if (rng.OneIn(6))
                        Value(depth, ref size);
                    else
                        Number(0xCD, (ulong)(first + i), 2);
                    Value(depth, ref size);
                }

                break;
        }
    }

    private void Values(int count, int depth, ref int size)
    {
        for (int i = 0; i < count; i++)
            Value(depth, ref size);
    }

    private void Form(int form, int parts, int depth, ref int size)
    {
        Head(0x90, 16, 0xDC, parts + 1);
        FormMark(form);
        Values(parts, depth, ref size);
    }

    private void FormMark(int form)
    {
        int spot = draft.Begin(SpotKind.Term);
        draft.Byte(0xD4);
        draft.Byte(MessagePackExtensions.Form);
        draft.Byte(form);
        draft.End(spot);
    }

    private void Leaf()
    {
        switch (rng.Next(16))
        {
            case 0:
                draft.Byte(rng.Pick<byte>([0xC0, 0xC2, 0xC3]));
                break;
            case 1 or 2:
                draft.Byte(rng.OneIn(2) ? rng.Next(128) : 0xE0 + rng.Next(32));
                break;
            case 3 or 4:
                int log = rng.Next(4);
                Number(
                    rng.OneIn(2) ? 0xCC + log : 0xD0 + log,
                    rng.OneIn(3) ? (1UL << (rng.Next(64))) - (ulong)rng.Next(2) : rng.NextSized(64),
                    1 << log
                );
                break;
            case 5:
                Number(0xCB, rng.Next64(), 8);
                break;
            case 6:
                Number(0xCA, rng.Next64(), 4);
                break;
            case 7 or 8:
                byte[] text = rng.Pick<byte[]>([.. EtfGenerator.Atoms]);
                Head(0xA0, 32, 0xD9, text.Length, narrow: true);
                draft.Text(text);
                break;
            case 9 or 10:
                int length = Length();
                Head(0, 0, 0xC4, length, narrow: true);
                rng.Fill(draft.Take(length));
                break;
            case 11:
                length = Length();
                Extension(rng.NextByte(), length);
                rng.Fill(draft.Take(length));
                break;
            case 12:
                Atom();
                break;
            case 13:
                Identity();
                break;
            case 14:
                length = rng.Next(1, 20);
                Extension(MessagePackExtensions.Integer, length + 1);
                draft.Byte(rng.Next(2));
                rng.Fill(draft.Take(length));
                break;
            default:
                Fun();
                break;
        }
    }

    private void Identity()
    {
        byte[] node = rng.Pick<byte[]>([.. EtfGenerator.Atoms]);
        switch (rng.Next(3))
        {
            case 0:
                Extension(MessagePackExtensions.Pid, 12 + node.Length);
                draft.Number(rng.NextSized(32), 4);
                draft.Number(rng.NextSized(32), 4);
                draft.Number(rng.NextSized(32), 4);
                break;
            case 1:
                Extension(MessagePackExtensions.Port, 12 + node.Length);
                draft.Number(rng.NextSized(32), 4);
                draft.Number(rng.NextSized(64), 8);
                break;
            default:
                int words = rng.Next(1, 6);
                Extension(MessagePackExtensions.Reference, 5 + (4 * words) + node.Length);
                draft.Number(rng.NextSized(32), 4);
                draft.Count(words, 1);
                for (int i = 0; i < words; i++)
                    draft.Number(rng.NextSized(32), 4);
                break;
        }

        draft.Text(node);
    }

    private void Fun()
    {
        bool isExternal = rng.OneIn(2);
        Head(0x90, 16, 0xDC, isExternal ? 4 : 8);
        FormMark(isExternal ? 3 : 4);
        Atom();
        if (isExternal)
        {
            Atom();
            draft.Byte(rng.Next(128));
            return;
        }

        draft.Byte(rng.Next(128));
        draft.Byte(0xC4);
        draft.Count(16, 1);
        rng.Fill(draft.Take(16));
        for (int i = 0; i < 3; i++)
            Number(0xCD, rng.NextSized(16), 2);
        byte[] node = EtfGenerator.Atoms[0];
        Extension(MessagePackExtensions.Pid, 12 + node.Length);
        rng.Fill(draft.Take(12));
        draft.Text(node);
    }

    private void Atom()
    {
        int spot = draft.Begin(SpotKind.Term);
        byte[] name = rng.Pick<byte[]>([.. EtfGenerator.Atoms]);
        Extension(MessagePackExtensions.Atom, name.Length);
        draft.Text(name);
        draft.End(spot);
    }

    private void Extension(int type, int length)
    {
        if (length is 1 or 2 or 4 or 8 or 16 && !rng.OneIn(8))
            draft.Byte(0xD4 + System.Numerics.BitOperations.Log2((uint)length));
        else
            Head(0, 0, 0xC7, length, narrow: true);
        draft.Byte(type);
    }

    // A length in the first byte, or behind it in one (if there is such a form), two or four bytes; now and then in more than needed.
    private void Head(int fix, int fixLimit, int wide, int length, bool narrow = false)
    {
        if (length < fixLimit && !rng.OneIn(8))
        {
            draft.Byte(fix + length);
            return;
        }

        int log =
            length <= byte.MaxValue && narrow ? 0
            : length <= ushort.MaxValue ? 1
            : 2;
        if (rng.OneIn(8))
            log = 2;
        draft.Byte(wide + log - (narrow ? 0 : 1));
        draft.Count(length, 1 << log);
    }

    private void Number(int code, ulong value, int width)
    {
        draft.Byte(code);
        draft.Number(value, width);
    }

    private int Length() => rng.OneIn(3) ? rng.Pick<int>(s_lengths) : rng.Next(12);
}
