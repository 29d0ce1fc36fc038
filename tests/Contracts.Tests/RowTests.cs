using CloudScale.Serialization.Contracts;
using CloudScale.Serialization.Etf;

namespace CloudScale.Contracts.Tests;

/// <summary>Lists of contracts that are read in one loop: as each by itself, whatever forms they come in.</summary>
[TestFixture]
internal sealed class RowTests
{
    private const int Count = 5;
    private const int TextBytes = 48; // nine characters, at two bytes, behind a head of 24, in eights

    private static readonly Row[] s_rows = [.. Enumerable.Range(0, Count).Select(i => new Row($"text no {i}", i * 100, i / 2.0))];
    private static readonly Spot[] s_spots = [.. Enumerable.Range(0, Count).Select(i => new Spot(i * 100, i % 2 == 0))];
    private static readonly Entry[] s_entries = [.. Enumerable.Range(0, Count).Select(i => new Entry(i * 100, $"text no {i}"))];

    [Test]
    public void Rows_OfAnyForms_AreReadAsEachByItself()
    {
        for (int mask = 0; mask < 1 << Count; mask++)
        {
            for (int pieces = 1; pieces <= 3; pieces++)
            {
                byte[] bytes =
                [
                    .. (byte[])[131, 104, 3],
                    .. List(s_rows, mask, pieces),
                    .. List(s_spots, mask, pieces),
                    .. List(s_entries, mask, pieces),
                ];
                DecodeStatus status = ExternalTerm.TryDecode<Rows>(
                    bytes,
                    new EtfDecodeContext(EtfLimits.Untrusted),
                    out Rows? rows,
                    out int used,
                    out string? error
                );
                Assert.That(status, Is.EqualTo(DecodeStatus.Ok), error);
                Assert.That(used, Is.EqualTo(bytes.Length));
                Assert.That(rows!.Items, Is.EqualTo(s_rows));
                Assert.That(rows.Spots, Is.EqualTo(s_spots));
                Assert.That(rows.Entries, Is.EqualTo(s_entries));
            }
        }
    }

    [Test]
    public void Row_ThatIsAnother_IsRefusedWithItsPlace()
    {
        for (int wrong = 0; wrong < Count; wrong++)
        {
            for (int pieces = 1; pieces <= 3; pieces++)
            {
                byte[] bytes = [131, 104, 3, .. List(s_rows, 0, pieces), .. List(s_spots, 0, pieces), .. List(s_entries, 0, pieces)];
                int at = bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes($"text no {wrong}"));
                bytes[at] = 0xFF;
                Assert.That(Error(bytes), Is.EqualTo($"rows.items[{wrong}].text: a text that is no UTF-8"));
                Assert.That(Error(bytes[..at]), Does.StartWith("rows.items"));
            }
        }
    }

    [Test]
    public void Allowance_OfTheUsualForm_IsThatOfEveryOther()
    {
        byte[] usual = [131, 104, 3, .. List(s_rows, 0, 1), 106, .. List(s_entries, 0, 1)];
        byte[] other = [131, 104, 3, .. List(s_rows, -1, 1), 106, .. List(s_entries, -1, 1)];
        List<DecodeStatus> statuses = [];
        for (int allowance = 0; allowance < 2000; allowance++)
        {
            EtfDecodeContext context = new(new EtfLimits { MaxAllocationPerByte = 0, AllocationAllowance = allowance });
            statuses.Add(ExternalTerm.TryDecode<Rows>(usual, context, out _));
            Assert.That(ExternalTerm.TryDecode<Rows>(other, context, out _), Is.EqualTo(statuses[^1]), $"{allowance}");
        }

        Assert.That(statuses[0], Is.EqualTo(DecodeStatus.LimitExceeded));
        Assert.That(statuses[^1], Is.EqualTo(DecodeStatus.Ok));
    }

    [Test]
    public void Allowance_IsTakenForEachRow()
    {
        byte[] bytes = [.. s_rows.SelectMany(row => One(row, isUsual: true))];
        EtfDecodeContext context = new(new EtfLimits { MaxAllocationPerByte = 0, AllocationAllowance = 1000 });
        EtfReader reader = new(bytes, context);
        Assert.That(reader.TryReadTerms(new Row[Count].AsSpan(), out int read), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(read, Is.EqualTo(Count));
        Assert.That(reader.Remaining, Is.Zero);
        Assert.That(reader.TryAllot(1000 - (Count * TextBytes)), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(reader.TryAllot(1), Is.EqualTo(DecodeStatus.LimitExceeded));
    }

    [Test]
    public void Rows_OfAContractWithoutALoop_AreReadOneByOne()
    {
        byte[] bytes = [.. Enumerable.Range(0, Count).SelectMany(i => ExternalTerm.Encode(new Anything(i)).Skip(1))];
        EtfReader reader = new(bytes, new EtfDecodeContext(EtfLimits.Untrusted));
        Anything[] values = new Anything[Count + 1];
        Assert.That(reader.TryReadTerms(values.AsSpan(), out int read), Is.EqualTo(DecodeStatus.NeedMoreData));
        Assert.That(read, Is.EqualTo(Count));
        Assert.That(values[..Count].Select(value => value.Content), Is.EqualTo(Enumerable.Range(0, Count).Select(i => (object)(long)i)));
    }

    private static string? Error(byte[] bytes)
    {
        DecodeStatus status = ExternalTerm.TryDecode<Rows>(
            bytes,
            new EtfDecodeContext(EtfLimits.Untrusted),
            out _,
            out int used,
            out string? error
        );
        Assert.That(status, Is.Not.EqualTo(DecodeStatus.Ok));
        Assert.That(used, Is.Zero);
        return error;
    }

    // In pieces, each in the tail of the one before; those of the mask in another form.
    private static IEnumerable<byte> List<T>(T[] values, int mask, int pieces)
        where T : ITermContract<T>
    {
        int begun = 0;
        for (int piece = 1; piece <= pieces; piece++)
        {
            int end = values.Length * piece / pieces;
            foreach (byte head in (byte[])[108, 0, 0, 0, (byte)(end - begun)])
                yield return head;
            for (; begun < end; begun++)
                foreach (byte value in One(values[begun], (mask & (1 << begun)) == 0))
                    yield return value;
        }

        yield return 106;
    }

    // The usual form, or the head of a long tuple, or the keys of a map the other way round.
    private static byte[] One<T>(T value, bool isUsual)
        where T : ITermContract<T>
    {
        byte[] bytes = ExternalTerm.Encode(value)[1..];
        if (isUsual)
            return bytes;
        return bytes[0] == 104
            ? [105, 0, 0, 0, bytes[1], .. bytes[2..]]
            : ExternalTerm.Encode(Map.Create([.. ((Map)Contract.ToTerm(value)).Reverse()]))[1..];
    }
}

[Term("row")]
internal sealed partial record Row(string Text, int Number, double Real);

[Term]
internal readonly partial record struct Spot(int Place, bool IsTaken);

[Term(Shape = TermShape.Map)]
internal sealed partial record Entry(long At, string Name);

[Term]
internal sealed partial record Anything(object Content);

[Term]
internal sealed partial record Rows(List<Row> Items, Spot[] Spots, List<Entry> Entries);
