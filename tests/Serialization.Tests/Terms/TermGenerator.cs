using System.Numerics;
using System.Text;

namespace CloudScale.Serialization.Tests;

/// <summary>Random terms, many of them close to one another, so that order and equality have something to decide.</summary>
internal sealed class TermGenerator(Random random)
{
    private static readonly string[] s_atoms =
    [
        "ok",
        "a",
        "b",
        "ab",
        "error",
        "",
        "Upper",
        "with space",
        "when",
        "a@b_1",
        "it's",
        "é",
        "aé",
        "É",
        "ß",
        "λ",
        "日本",
        "😀",
        "\uFFFD",
        "back\\slash",
        "new\nline",
        "\u007F",
        "a÷",
        "a×",
        "_x",
        "1x",
    ];

    private static readonly NodeIdentity[] s_nodes = [new("a@host", 1), new("a@host", 2), new("b@host", 1), new("é@host", 7)];

    /// <summary>Whether identities may occur: Erlang prints them with numbers that only its node knows.</summary>
    public bool Identities { get; init; } = true;

    /// <summary>Whether native records may occur, which Erlang has since OTP 29.</summary>
    public bool Records { get; init; }

    public object Next(int depth = 4)
    {
        if (depth > 0 && random.Next(3) == 0)
        {
            return random.Next(Records ? 4 : 3) switch
            {
                3 => NextRecord(depth),
                0 => Tuple.Of(Some(depth, 5)),
                1 => NextList(depth),
                _ => NextMap(depth),
            };
        }

        return random.Next(Identities ? 11 : 8) switch
        {
            0 or 1 => NextInteger(),
            2 => NextFloat(),
            3 or 4 => Atom.Of(s_atoms[random.Next(s_atoms.Length)]),
            5 => NextBinary(),
            6 => NextCharlist(),
            7 => new ExternalFun(s_atoms[random.Next(3)], s_atoms[random.Next(5)], random.Next(3)),
            8 => new Pid(NextNode(), ((ulong)random.Next(3) << 32) | (uint)random.Next(3)),
            9 => NextReference(),
            _ => new Port(NextNode(), random.Next(2) == 0 ? (ulong)random.Next(3) : ulong.MaxValue - (ulong)random.Next(3)),
        };
    }

    /// <summary>The same term, but for one thing somewhere in it, or nothing.</summary>
    public object Near(object term)
    {
        switch (term)
        {
            case long number when random.Next(3) == 0:
                return (double)number;
            case long number when number < long.MaxValue:
                return random.Next(2) == 0 ? number : number + 1;
            case double number when Math.Abs(number) < 1e18 && Math.Truncate(number) == number:
                return (long)number;
            case BigInteger number:
                return random.Next(2) == 0 ? Finite((double)number, number) : number + (number.Sign * random.Next(2));
            case Tuple { Count: > 0 } tuple:
                return Tuple.Of(Change([.. tuple]));
            case List { Count: > 0 } list:
                return random.Next(4) == 0 ? List.WithTail([.. list], Next(0)) : List.WithTail(Change([.. list]), list.Tail);
            case Map { Count: > 0 } map:
                object key = map.Keys.ElementAt(random.Next(map.Count));
                return random.Next(2) == 0 ? map.With(key, Near(map[key])) : map.Without(key).With(Near(key), map[key]);
            case NativeRecord { Values.Length: > 0 } record:
                return random.Next(2) == 0 ? Renamed(record) : WithValues(record, Change([.. record.Values]));
            case Binary { Length: > 0 } binary:
                return random.Next(2) == 0 ? new BitString(binary.Span, random.Next(1, 8)) : Binary.CopyOf(binary.Span[..^1]);
            default:
                return random.Next(2) == 0 ? term : Next(1);
        }
    }

    private static object Finite(double value, BigInteger otherwise) => double.IsFinite(value) ? value : otherwise;

    private object[] Change(object[] elements)
    {
        int index = random.Next(elements.Length);
        elements[index] = Near(elements[index]);
        return elements;
    }

    private object[] Some(int depth, int most)
    {
        object[] elements = new object[random.Next(most)];
        for (int i = 0; i < elements.Length; i++)
            elements[i] = Next(depth - 1);
        return elements;
    }

    private List NextList(int depth)
    {
        object[] elements = Some(depth, 5);
        return elements.Length > 0 && random.Next(4) == 0 ? List.WithTail(elements, Next(depth - 1)) : List.Of(elements);
    }

    private NativeRecord NextRecord(int depth)
    {
        Atom[] names = [.. s_atoms.Take(random.Next(8) == 0 ? s_atoms.Length : 5).Select(Atom.Of)];
        random.Shuffle(names);
        (Atom, object)[] fields = [.. names[..random.Next(names.Length)].Select(name => (name, Next(depth - 1)))];
        return new NativeRecord(s_atoms[random.Next(3)], s_atoms[random.Next(3)], random.Next(2) == 0, fields);
    }

    private static NativeRecord Renamed(NativeRecord record) =>
        new(record.Module, record.Name, !record.IsExported, Pairs(record.Fields, [.. record.Values]));

    private static NativeRecord WithValues(NativeRecord record, object[] values) =>
        new(record.Module, record.Name, record.IsExported, Pairs(record.Fields, values));

    private static (Atom, object)[] Pairs(ReadOnlySpan<Atom> fields, object[] values) => [.. fields.ToArray().Zip(values)];

    private Map NextMap(int depth)
    {
        Map map = Map.Empty;
        int size = random.Next(8) == 0 ? random.Next(31) : random.Next(5); // up to 32: beyond, Erlang's order of entries is its own affair
        for (int i = 0; i < size; i++)
            map = map.With(Next(depth - 1), Next(depth - 1));
        return map;
    }

    private object NextInteger()
    {
        int bits = random.Next(4) == 0 ? random.Next(2100) : random.Next(70);
        BigInteger number = (BigInteger.One << bits) + random.Next(-2, 3);
        if (random.Next(2) == 0)
            number = -number;
        return number >= long.MinValue && number <= long.MaxValue ? (long)number : number;
    }

    private object NextFloat()
    {
        double value = random.Next(4) switch
        {
            0 => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
            1 => random.Next(-1000, 1000) / 8.0,
            2 => Math.ScaleB(1 + (random.Next(4) / 4.0), random.Next(-30, 80)) * (random.Next(2) == 0 ? 1 : -1),
            _ => Math.Round(random.NextDouble(), random.Next(8)) * Math.Pow(10, random.Next(-8, 20)),
        };
        return double.IsFinite(value) && value != 0 ? value : 0.0;
    }

    private object NextBinary()
    {
        switch (random.Next(4))
        {
            case 0:
                return Binary.FromUtf8(NextText());
            case 1:
                return new BitString(NextBytes(1), random.Next(1, 8));
            default:
                return Binary.CopyOf(NextBytes(0));
        }
    }

    private byte[] NextBytes(int least)
    {
        byte[] bytes = new byte[random.Next(least, 6)];
        random.NextBytes(bytes);
        if (random.Next(2) == 0)
            for (int i = 0; i < bytes.Length; i++)
                bytes[i] &= 1;
        return bytes;
    }

    private object NextCharlist() => random.Next(3) == 0 ? List.FromBytes(NextBytes(0)) : List.FromString(NextText());

    private string NextText()
    {
        StringBuilder text = new();
        for (int length = random.Next(5); length > 0; length--)
        {
            int character = random.Next(6) switch
            {
                0 => random.Next(0x100),
                1 => random.Next(0x400, 0x500),
                2 => 0x1F600 + random.Next(20),
                3 => "\b\t\n\v\f\r\u001B\"'\\\u007F\u0085\u00A0\uFFFD"[random.Next(14)],
                _ => random.Next('a', 'd'),
            };
            text.Append(new Rune(character));
        }

        return text.ToString();
    }

    private NodeIdentity NextNode() => s_nodes[random.Next(s_nodes.Length)];

    private object NextReference()
    {
        uint[] words = new uint[random.Next(3) == 0 ? random.Next(1, 6) : 3];
        for (int i = 0; i < words.Length; i++)
            words[i] = (uint)random.Next(3);
        words[^1] |= 1; // Erlang contradicts itself on references that differ in high words of zero only: neither less, nor more, nor equal
        return Reference.FromWords(NextNode(), words);
    }
}
