using System.Buffers.Binary;
using System.Text;
using CloudScale.Serialization.Etf;

namespace CloudScale.Fuzz.Etf;

/// <summary>Writes random terms in the External Term Format as they may be, in every form that is read: old, new, long, not canonical.</summary>
/// <remarks>Nearly all are valid: two keys of a map may be equal, which mutations alone would seldom arrange.</remarks>
internal sealed partial class EtfGenerator(Rng rng, Draft draft)
{
    private static readonly int[] s_lengths = [0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128];
    private static readonly int[] s_boundaries = [254, 255, 256, 257, 511, 512, 1023, 4096, 65534, 65535, 65536];

    // A fixed alphabet: atoms live for good, so a run may not make new ones for ever. Not nonode@nohost, the name of an Erlang that judges: identities of its own are
    // what it knows better.
    private static readonly byte[][] s_atoms =
    [
        .. new[]
        {
            "ok",
            "error",
            "true",
            "false",
            "undefined",
            "nil",
            "a",
            "b",
            "c",
            "ping",
            "pong",
            "",
            "node@host",
            "other@host",
            "third@host",
            "with space",
            "é",
            "ÿ",
            "λ",
            "日本",
            "😀",
            "$gen_call",
            "Elixir.Enum",
            new string('x', 255),
            new string('é', 255),
            new string('日', 255),
        }.Select(name => Encoding.UTF8.GetBytes(name)),
    ];

    /// <summary>The names of all atoms that the generator writes.</summary>
    public static IReadOnlyList<byte[]> Atoms => s_atoms;

    /// <summary>Whether references to the atoms of a distribution header may occur.</summary>
    public bool CachedAtoms { get; init; }

    /// <summary>Whether funs and references of other nodes may occur, whose form depends on what a node keeps.</summary>
    public bool Rare { get; init; } = true;

    /// <summary>A whole input: version and term.</summary>
    public void Generate()
    {
        draft.Clear();
        draft.Byte(EtfReader.Version);
        int size = rng.Next(12) switch
        {
            0 => 200,
            1 => 1,
            _ => rng.Next(1, 24),
        };
        Term(depth: rng.OneIn(40) ? 40 : 6, ref size);
    }

    private void Term(int depth, ref int size)
    {
        size--;
        int spot = draft.Begin(SpotKind.Term);
        if (depth > 0 && size > 0 && rng.Next(5) < 3)
            Container(depth - 1, ref size);
        else
            Leaf();
        draft.End(spot);
    }

    private void Leaf()
    {
        switch (rng.Next(Rare ? 20 : 18))
        {
            case 0 or 1:
                Tag(EtfTag.SmallInteger);
                draft.Byte(rng.NextByte());
                break;
            case 2:
                Tag(EtfTag.Integer);
                draft.Number(rng.OneIn(3) ? rng.Pick<ulong>([0, 255, 256, int.MaxValue, 0x80000000, uint.MaxValue]) : rng.NextSized(32), 4);
                break;
            case 3 or 4:
                Big();
                break;
            case 5:
                Float();
                break;
            case 6 or 7 or 8:
                Atom();
                break;
            case 9:
                Tag(EtfTag.Nil);
                break;
            case 10:
                Tag(EtfTag.String);
                int length = Length(longest: 65535);
                draft.Count(length, 2);
                rng.Fill(draft.Take(length));
                break;
            case 11 or 12:
                Tag(EtfTag.Binary);
                length = Length();
                draft.Count(length, 4);
                rng.Fill(draft.Take(length));
                break;
            case 13:
                Tag(EtfTag.BitBinary);
                length = Length();
                draft.Count(length, 4);
                draft.Byte(length == 0 ? 0 : rng.Next(1, 9));
                rng.Fill(draft.Take(length));
                break;
            case 14:
                Pid();
                break;
            case 15:
                Port();
                break;
            case 16:
                Reference();
                break;
            case 17:
                Tag(EtfTag.Export);
                Atom();
                Atom();
                Tag(EtfTag.SmallInteger);
                draft.Byte(rng.Next(256));
                break;
            default:
                int none = 0;
                Fun(0, ref none);
                break;
        }
    }

    private void Container(int depth, ref int size)
    {
        int count = Math.Min(rng.OneIn(6) ? rng.Next(30) : rng.Next(5), size + 1);
        if (rng.OneIn(3000))
            count = rng.Pick<int>([255, 256, 257]);
        switch (rng.Next(Rare ? 12 : 11))
        {
            case 0 or 1 or 2 or 3:
                bool isLarge = count > 255 || rng.OneIn(12);
                Tag(isLarge ? EtfTag.LargeTuple : EtfTag.SmallTuple);
                draft.Count(count, isLarge ? 4 : 1);
                for (int i = 0; i < count; i++)
                    Term(depth, ref size);
                break;
            case 4 or 5 or 6 or 7:
                Tag(EtfTag.List);
                draft.Count(count, 4);
                for (int i = 0; i < count; i++)
                    Term(depth, ref size);
                Tail(depth, ref size);
                break;
            case 8 or 9 or 10:
                Tag(EtfTag.Map);
                draft.Count(count, 4);
                int first = rng.Next(300);
                bool anything = rng.OneIn(3);
                for (int i = 0; i < count; i++)
                {
                    if (anything)
                        Term(depth, ref size);
                    else
                        SmallKey(first + i);
                    Term(depth, ref size);
                }

                break;
            default:
                Fun(depth, ref size);
                break;
        }
    }

    private void SmallKey(int key)
    {
        int spot = draft.Begin(SpotKind.Term);
        Tag(key < 256 ? EtfTag.SmallInteger : EtfTag.Integer);
        draft.Number((ulong)key, key < 256 ? 1 : 4);
        draft.End(spot);
    }

    private void Tail(int depth, ref int size)
    {
        int spot = draft.Begin(SpotKind.Term);
        if (rng.Next(4) == 0 && depth > 0)
            Term(depth, ref size);
        else
            Tag(EtfTag.Nil);
        draft.End(spot);
    }

    private void Fun(int depth, ref int size)
    {
        Tag(EtfTag.NewFun);
        int start = draft.Length;
        draft.Number(0, 4);
        draft.Byte(rng.Next(4));
        rng.Fill(draft.Take(16));
        draft.Number(rng.NextSized(32), 4);
        int free = Math.Min(rng.Next(4), Math.Max(0, size));
        draft.Count(free, 4);
        Atom();
        Tag(EtfTag.SmallInteger);
        draft.Byte(rng.Next(256));
        Tag(EtfTag.Integer);
        draft.Number(rng.NextSized(32), 4);
        Pid();
        for (int i = 0; i < free; i++)
            Term(depth, ref size);
        BinaryPrimitives.WriteInt32BigEndian(draft.Bytes[start..], draft.Length - start);
    }

    private int Length(int longest = int.MaxValue)
    {
        int length = rng.Next(1000) switch
        {
            0 => rng.Pick<int>(s_boundaries),
            < 300 => rng.Pick<int>(s_lengths),
            _ => rng.Next(12),
        };
        return Math.Min(length, longest);
    }

    private void Tag(EtfTag tag) => draft.Byte((byte)tag);
}
