using System.Buffers;
using System.Globalization;
using CloudScale.Serialization.Etf;
using CloudScale.Serialization.MessagePack;

namespace CloudScale.Serialization.Tests;

/// <summary>Our MessagePack and that of Python's msgpack package: the same bytes for the same values, and the same values for the same bytes.</summary>
public sealed class MessagePackPythonTests
{
    private static readonly EtfDecodeContext s_context = new(EtfLimits.Trusted);

    [Test]
    public void Write_EveryBoundary_GivesPythonsBytes()
    {
        List<(string Expression, byte[] Bytes)> cases = [];
        foreach (long number in Integers())
            cases.Add((Invariant(number), Write((ref MessagePackWriter writer) => writer.WriteLong(number))));
        cases.Add(("2**63", Write((ref MessagePackWriter writer) => writer.WriteULong(1UL << 63))));
        cases.Add(("2**64 - 1", Write((ref MessagePackWriter writer) => writer.WriteULong(ulong.MaxValue))));
        cases.Add(("None", Write((ref MessagePackWriter writer) => writer.WriteNil())));
        cases.Add(("True", Write((ref MessagePackWriter writer) => writer.WriteBoolean(true))));
        cases.Add(("False", Write((ref MessagePackWriter writer) => writer.WriteBoolean(false))));
        foreach (double number in new[] { 0, -0.0, 1.5, double.Epsilon, double.MaxValue, 0.1 })
            cases.Add(
                (
                    $"float('{number.ToString("R", CultureInfo.InvariantCulture)}')",
                    Write((ref MessagePackWriter writer) => writer.WriteDouble(number))
                )
            );
        cases.Add(("float('inf')", Write((ref MessagePackWriter writer) => writer.WriteDouble(double.PositiveInfinity))));
        cases.Add(("'é日😀'", Write((ref MessagePackWriter writer) => writer.WriteString("é日😀"))));
        foreach (int length in new[] { 0, 1, 2, 3, 4, 5, 8, 15, 16, 17, 31, 32, 255, 256, 65_535, 65_536 })
        {
            byte[] data = [.. Enumerable.Repeat((byte)'x', length)];
            cases.Add(($"'x' * {length}", Write((ref MessagePackWriter writer) => writer.WriteUtf8(data))));
            cases.Add(($"'x' * {length}", Write((ref MessagePackWriter writer) => writer.WriteString(new string('x', length)))));
            cases.Add(($"b'x' * {length}", Write((ref MessagePackWriter writer) => writer.WriteBinary(data))));
            cases.Add(($"ExtType(5, b'x' * {length})", Write((ref MessagePackWriter writer) => writer.WriteExtension(5, data))));
            cases.Add(($"[None] * {length}", Write((ref MessagePackWriter writer) => WriteNils(ref writer, length))));
            cases.Add(($"{{i: None for i in range({length})}}", Write((ref MessagePackWriter writer) => WriteMap(ref writer, length))));
        }

        foreach (
            (long seconds, int nanoseconds) in new[]
            {
                (0L, 0),
                (0, 1),
                (uint.MaxValue, 0),
                (uint.MaxValue, 999_999_999),
                (1L << 32, 0),
                ((1L << 34) - 1, 999_999_999),
                (1L << 34, 0),
                (-1, 0),
                (-1, 999_999_999),
                (long.MinValue, 0),
            }
        )
            cases.Add(
                (
                    $"Timestamp({Invariant(seconds)}, {nanoseconds})",
                    Write((ref MessagePackWriter writer) => writer.WriteTimestamp(seconds, nanoseconds))
                )
            );

        string[] theirs = Python.Ask([.. cases.Select(one => one.Expression)]);
        Assert.Multiple(() =>
        {
            for (int i = 0; i < theirs.Length; i++)
            {
                Assert.That(Convert.ToHexStringLower(cases[i].Bytes), Is.EqualTo(theirs[i]), cases[i].Expression);
                MessagePackReader reader = new(cases[i].Bytes, s_context);
                Assert.That(reader.TrySkip(), Is.EqualTo(DecodeStatus.Ok), cases[i].Expression);
                Assert.That(reader.Remaining, Is.Zero, cases[i].Expression);
            }
        });
    }

    [Test]
    public void Read_WhatPythonPacks_GivesTheValue()
    {
        (string Expression, object Term)[] cases =
        [
            ("[1, -1, 300, 2**40, -2**40, 2**63 - 1, -2**63]", List.Of(1, -1, 300, 1L << 40, -(1L << 40), long.MaxValue, long.MinValue)),
            ("[2**63, 2**64 - 1]", List.Of(1UL << 63, ulong.MaxValue)),
            ("['text', b'bytes', '']", List.Of("text", "bytes", "")),
            ("{'a': [None, True, False], 1: {}}", Map.Of(("a", List.Of((Atom)"nil", true, false)), (1, Map.Empty))),
            ("[1.5, [], [[]]]", List.Of(1.5, List.Empty, List.Of(List.Empty))),
            ("ExtType(17, b'ping')", (Atom)"ping"),
            ("[ExtType(16, bytes([1])), ExtType(17, b'ok'), 5]", Tuple.Of(Atoms.Ok, 5)),
            ("[ExtType(16, bytes([2])), 1, 2]", List.WithTail([1], 2)),
            ("ExtType(18, bytes.fromhex('000000090000000100000002') + b'a@h')", new Pid(new NodeIdentity("a@h", 9), (2UL << 32) | 1)),
            ("ExtType(99, b'x')", Tuple.Of((Atom)"ext", 99, "x")),
            ("Timestamp(1, 0)", Tuple.Of((Atom)"ext", -1, new byte[] { 0, 0, 0, 1 })),
        ];
        string[] theirs = Python.Ask([.. cases.Select(one => one.Expression)]);
        Assert.Multiple(() =>
        {
            for (int i = 0; i < theirs.Length; i++)
            {
                DecodeStatus status = MessagePackTerm.TryDecode(Convert.FromHexString(theirs[i]), s_context, out object? term, out _);
                Assert.That(status, Is.EqualTo(DecodeStatus.Ok), cases[i].Expression);
                Assert.That(Term.AreEqual(term, cases[i].Term), Is.True, $"{cases[i].Expression}: {Term.Format(term)}");
            }
        });
    }

    [Test]
    public void RandomTerms_UnpackedAndPackedByPython_ComeBackByteForByte()
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        TermGenerator generator = new(new Random(seed));
        // What Python cannot have as the key of a dict would end it: no containers in keys, and none that are equal to it, as 1 and 1.0 and True.
        object[] terms = [.. Enumerable.Range(0, 4000).Select(_ => generator.Next()).Where(HasSimpleKeys).Take(2000)];
        Assert.That(terms, Has.Length.GreaterThan(1000));
        string[] theirs = Python.Ask([.. terms.Select(term => "? " + Convert.ToHexString(MessagePackTerm.Encode(term)))]);
        Assert.Multiple(() =>
        {
            for (int i = 0; i < theirs.Length; i++)
                Assert.That(
                    theirs[i].Split(' ')[0],
                    Is.EqualTo(Convert.ToHexStringLower(MessagePackTerm.Encode(terms[i]))),
                    $"seed {seed}: {Term.Format(terms[i])}, to Python {theirs[i]}"
                );
        });
    }

    private delegate void Writing(ref MessagePackWriter writer);

    private static bool HasSimpleKeys(object term) =>
        term switch
        {
            Map map => map.Keys.All(key => key is Binary) && map.Values.All(HasSimpleKeys),
            Tuple tuple => tuple.All(HasSimpleKeys),
            List list => list.All(HasSimpleKeys) && (list.IsProper || HasSimpleKeys(list.Tail)),
            _ => true,
        };

    private static IEnumerable<long> Integers()
    {
        foreach (int bits in new[] { 0, 5, 7, 8, 15, 16, 31, 32, 62 })
        foreach (int offset in new[] { -2, -1, 0, 1 })
        {
            yield return (1L << bits) + offset;
            yield return -(1L << bits) + offset;
        }

        yield return long.MaxValue;
        yield return long.MinValue;
    }

    private static void WriteNils(ref MessagePackWriter writer, int count)
    {
        writer.WriteArrayHeader(count);
        for (int i = 0; i < count; i++)
            writer.WriteNil();
    }

    private static void WriteMap(ref MessagePackWriter writer, int count)
    {
        writer.WriteMapHeader(count);
        for (int i = 0; i < count; i++)
        {
            writer.WriteLong(i);
            writer.WriteNil();
        }
    }

    private static string Invariant(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static byte[] Write(Writing write)
    {
        ArrayBufferWriter<byte> buffer = new();
        MessagePackWriter writer = new(buffer);
        write(ref writer);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
