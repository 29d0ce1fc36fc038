using CloudScale.Contracts.Samples;
using CloudScale.Serialization.Etf;

namespace CloudScale.Contracts.Tests;

/// <summary>What holds for every contract, whatever its shape.</summary>
[TestFixture]
internal sealed class SampleTests
{
    private static IEnumerable<Sample> Samples => SampleValues.All;

    [TestCaseSource(nameof(Samples))]
    public void Contract_WrittenAndRead_IsTheSame(Sample sample)
    {
        byte[] bytes = sample.Encode();
        Assert.That(sample.Again(bytes, out string? error), Is.EqualTo(bytes), error);
    }

    [TestCaseSource(nameof(Samples))]
    public void Contract_AsDynamicTerm_IsWhatItsBytesSay(Sample sample)
    {
        byte[] bytes = sample.Encode();
        Assert.That(ExternalTerm.TryDecode(bytes, Sample.Context, out object? term, out _), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(Term.AreEqual(sample.ToTerm(), term), $"{Term.Format(sample.ToTerm())} is {Term.Format(term)}");
        Assert.That(sample.AgainFrom(term!, out string? error), Is.EqualTo(bytes), error);
    }

    [TestCaseSource(nameof(Samples))]
    public void Contract_WrittenOverTheEndOfABuffer_IsTheSame(Sample sample)
    {
        byte[] whole = sample.Encode()[1..];
        for (int before = ScarceBuffer.PieceBytes - 64; before < ScarceBuffer.PieceBytes; before++)
        {
            var buffer = new ScarceBuffer();
            EtfWriter writer = new(buffer);
            writer.WriteEncoded(new byte[before]);
            sample.Write(ref writer);
            writer.Flush();
            Assert.That(buffer.Written.Skip(before), Is.EqualTo(whole), $"behind {before} bytes");
        }
    }

    [TestCaseSource(nameof(Samples))]
    public void Contract_Truncated_IsRefused(Sample sample)
    {
        byte[] bytes = sample.Encode();
        for (int length = 0; length < bytes.Length; length++)
        {
            DecodeStatus status = sample.Read(bytes.AsSpan(0, length), out object? value, out string? error);
            Assert.That(status, Is.EqualTo(DecodeStatus.NeedMoreData).Or.EqualTo(DecodeStatus.Malformed), $"{length} of {bytes.Length}");
            Assert.That(error, Is.Not.Null.And.Not.Empty);
        }
    }
}

/// <summary>Gives as little memory at once as a writer asks for.</summary>
internal sealed class ScarceBuffer : System.Buffers.IBufferWriter<byte>
{
    public const int PieceBytes = 512; // least that a writer asks for

    private byte[] _piece = [];

    public List<byte> Written { get; } = [];

    public void Advance(int count) => Written.AddRange(_piece.AsSpan(0, count));

    public Memory<byte> GetMemory(int sizeHint = 0) => _piece = new byte[sizeHint];

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
