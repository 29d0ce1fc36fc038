using CloudScale.Serialization.Contracts;
using CloudScale.Serialization.Etf;

namespace CloudScale.Contracts.Tests;

/// <summary>Terms that stand alone and are read without a reader if they have their usual form: as a reader reads them, whatever form they have.</summary>
[TestFixture]
internal sealed class UsualFormTests
{
    private static readonly EtfDecodeContext s_context = new(EtfLimits.Untrusted);

    // In their usual form; then with a number, the last, that has the form of a large one, which is right as well, and no reader's short way.
    private static readonly byte[] s_row = ExternalTerm.Encode(new Note("a short text", 5));
    private static readonly byte[] s_otherRow = [.. s_row[..^2], 110, 1, 0, 5];
    private static readonly byte[] s_spot = ExternalTerm.Encode(new Spot(3, IsTaken: true));
    private static readonly Page s_lines = new("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "größer");
    private static readonly byte[] s_page = ExternalTerm.Encode(s_lines);
    private static readonly byte[] s_entry = ExternalTerm.Encode(new Entry(1L << 40, "name"));

    [Test]
    public void Terms_OfTheUsualForm_AreReadWithWhatStandsBehindThem()
    {
        Assert.That(Read<Note>(s_row), Is.EqualTo(new Note("a short text", 5)));
        Assert.That(Read<Note>(s_otherRow), Is.EqualTo(new Note("a short text", 5)));
        Assert.That(Read<Spot>(s_spot), Is.EqualTo(new Spot(3, IsTaken: true)));
        Assert.That(Read<Entry>(s_entry), Is.EqualTo(new Entry(1L << 40, "name")));
    }

    [Test]
    public void Terms_ThatEndTooEarly_NeedMoreAsByAReader()
    {
        foreach (byte[] bytes in (byte[][])[s_row, s_otherRow])
        {
            for (int length = 1; length < bytes.Length; length++)
            {
                byte[] cut = bytes[..length];
                EtfReader reader = new(cut, s_context);
                reader.TryReadVersion();
                DecodeStatus status = Note.TryReadTerm(ref reader, out _);
                Assert.That(status, Is.EqualTo(DecodeStatus.NeedMoreData), reader.Error);
                Assert.That(ExternalTerm.TryDecode<Note>(cut, s_context, out _, out int used, out string? error), Is.EqualTo(status));
                Assert.That(used, Is.Zero);
                Assert.That(error, Is.EqualTo(reader.Error));
                Assert.That(ExternalTerm.TryDecodeShared<Note>(cut, s_context, out _), Is.EqualTo(status));
            }
        }
    }

    [Test]
    public void Terms_ThatAreWrong_AreRefusedWithTheirPlace()
    {
        byte[] wrong = [.. s_row[..^2], 106];
        Assert.That(ExternalTerm.TryDecode<Note>(wrong, s_context, out _, out _, out string? error), Is.EqualTo(DecodeStatus.Malformed));
        Assert.That(error, Does.StartWith("note.number: expected an integer"));
        Assert.That(ExternalTerm.TryDecodeShared<Note>(wrong, s_context, out Note? note), Is.EqualTo(DecodeStatus.Malformed));
        Assert.That(note, Is.Null);
    }

    [Test]
    public void Allowance_WithAndWithoutAReader_IsTheSame()
    {
        AssertSameAllowance<Note>(s_row);
        AssertSameAllowance<Note>(s_otherRow);
        AssertSameAllowance<Page>(s_page);
    }

    [Test]
    public void Texts_AsManyAsAreReadAtOnce_AreRead() => Assert.That(Read<Page>(s_page), Is.EqualTo(s_lines));

    [Test]
    public void Members_NamedAsWhatGeneratedCodeCallsItsOwn_AreReadAndWritten()
    {
        Named named = new(1, "context", 3, "at", true);
        byte[] bytes = ExternalTerm.Encode(named);
        Assert.That(Read<Named>(bytes), Is.EqualTo(named));
    }

    [Test]
    public void Decode_WithoutAContext_SaysSo() =>
        Assert.Multiple(() =>
        {
            Assert.Throws<ArgumentNullException>(() => ExternalTerm.TryDecode<Spot>(s_spot, null!, out _));
            Assert.Throws<ArgumentNullException>(() => ExternalTerm.TryDecodeShared<Spot>(s_spot, null!, out _));
        });

    private static void AssertSameAllowance<T>(byte[] bytes)
        where T : ITermContract<T>
    {
        List<DecodeStatus> statuses = [];
        for (int allowance = 0; allowance < 9_000; allowance++) // the short way reckons with 16 texts as long as it takes them
        {
            EtfDecodeContext context = new(new EtfLimits { MaxAllocationPerByte = 0, AllocationAllowance = allowance });
            EtfReader reader = new(bytes, context);
            reader.TryReadVersion();
            statuses.Add(T.TryReadTerm(ref reader, out _));
            Assert.That(ExternalTerm.TryDecode<T>(bytes, context, out _), Is.EqualTo(statuses[^1]), $"{allowance}");
            Assert.That(ExternalTerm.TryDecodeShared<T>(bytes, context, out _), Is.EqualTo(statuses[^1]), $"{allowance}");
        }

        Assert.That(statuses, Does.Contain(DecodeStatus.LimitExceeded).And.Contains(DecodeStatus.Ok));
    }

    private static T Read<T>(byte[] bytes)
        where T : ITermContract<T>
    {
        byte[] more = [.. bytes, 1, 2, 3];
        Assert.That(
            ExternalTerm.TryDecode<T>(more, s_context, out T? read, out int used, out string? error),
            Is.EqualTo(DecodeStatus.Ok),
            error
        );
        Assert.That(used, Is.EqualTo(bytes.Length));
        Assert.That(ExternalTerm.TryDecodeShared<T>(more, s_context, out T? shared), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(shared, Is.EqualTo(read));
        return read!;
    }
}

[Term("note")]
internal sealed partial record Note(string Text, int Number);

/// <summary>As many members as are read at once.</summary>
[Term("page")]
internal sealed partial record Page(
    string A,
    string B,
    string C,
    string D,
    string E,
    string F,
    string G,
    string H,
    string I,
    string J,
    string K,
    string L,
    string M,
    string N,
    string O,
    string P
);

[Term]
internal sealed partial record Named(int Bytes, string Context, int Took, string At, bool Heap);
