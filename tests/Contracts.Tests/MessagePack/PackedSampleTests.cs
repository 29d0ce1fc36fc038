using CloudScale.Contracts.Samples;
using CloudScale.Serialization.Etf;
using CloudScale.Serialization.MessagePack;

namespace CloudScale.Contracts.Tests;

/// <summary>What holds for every contract in MessagePack, whatever its shape.</summary>
[TestFixture]
internal sealed class PackedSampleTests
{
    private static IEnumerable<Sample> Samples => SampleValues.All;

    [TestCaseSource(nameof(Samples))]
    public void Contract_PackedAndUnpacked_IsTheSame(Sample sample) =>
        Assert.That(sample.Unpack(sample.Pack(), out string? error), Is.EqualTo(sample.Encode()), error);

    [TestCaseSource(nameof(Samples))]
    public void Contract_PackedAsItsDynamicTerm_IsReadAsWell(Sample sample)
    {
        byte[] dynamic = MessagePackTerm.Encode(sample.ToTerm());
        Assert.That(sample.Unpack(dynamic, out string? error), Is.EqualTo(sample.Encode()), error);
    }

    [TestCaseSource(nameof(Samples))]
    public void Contract_Packed_IsOneWholeValue(Sample sample)
    {
        MessagePackReader reader = new(sample.Pack(), Sample.Context);
        Assert.That(reader.TrySkip(), Is.EqualTo(DecodeStatus.Ok), reader.Error);
        Assert.That(reader.Remaining, Is.Zero);
    }

    [TestCaseSource(nameof(Samples))]
    public void Contract_PackedOverTheEndOfABuffer_IsTheSame(Sample sample)
    {
        byte[] whole = sample.Pack();
        for (int before = ScarceBuffer.PieceBytes - 64; before < ScarceBuffer.PieceBytes; before++)
        {
            var buffer = new ScarceBuffer();
            MessagePackWriter writer = new(buffer);
            writer.WriteEncoded(new byte[before]);
            sample.Write(ref writer);
            writer.Flush();
            Assert.That(buffer.Written.Skip(before), Is.EqualTo(whole), $"behind {before} bytes");
        }
    }

    [TestCaseSource(nameof(Samples))]
    public void Contract_PackedAndTruncated_IsRefused(Sample sample)
    {
        byte[] bytes = sample.Pack();
        for (int length = 0; length < bytes.Length; length++)
        {
            DecodeStatus status = sample.ReadPacked(bytes.AsSpan(0, length), Sample.Context, out _, out string? error);
            Assert.That(status, Is.EqualTo(DecodeStatus.NeedMoreData).Or.EqualTo(DecodeStatus.Malformed), $"{length} of {bytes.Length}");
            Assert.That(error, Is.Not.Null.And.Not.Empty);
        }
    }

    [TestCaseSource(nameof(Samples))]
    public void Contract_PackedAndMutated_EndsInAStatus(Sample sample)
    {
        const int Mutations = 2_000;
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        byte[] whole = sample.Pack();
        for (int i = 0; i < Mutations; i++)
        {
            byte[] bytes = [.. whole];
            for (int changes = random.Next(1, 4); changes > 0; changes--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            DecodeStatus status = sample.ReadPacked(bytes, Sample.Context, out _, out string? error);
            Assert.That(
                error,
                status == DecodeStatus.Ok ? Is.Null : Is.Not.Empty,
                $"seed {seed}, mutation {i}: {Convert.ToHexString(bytes)}"
            );
        }
    }
}
