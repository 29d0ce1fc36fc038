using System.Runtime.InteropServices;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.Tests;

/// <summary>Terms that keep the bytes they were read from instead of a copy.</summary>
public sealed class SharedInputTests
{
    private static readonly EtfDecodeContext s_context = new(EtfLimits.Trusted);

    private static bool Shares(Binary binary, byte[] input) =>
        MemoryMarshal.TryGetArray(binary.Memory, out ArraySegment<byte> array) && ReferenceEquals(array.Array, input);

    private static Binary Bytes(int length) => Binary.CopyOf(Enumerable.Range(0, length).Select(i => (byte)i).ToArray());

    [TestCase(65_536, true)]
    [TestCase(256, true)]
    [TestCase(255, false)]
    public void Decode_ABinaryThatIsMostOfTheInput_KeepsTheInput(int length, bool kept)
    {
        Binary sent = Bytes(length);
        byte[] input = ExternalTerm.Encode(sent);
        EtfReader reader = new(input.AsMemory(), s_context);
        reader.TryReadVersion();
        Assert.That(reader.TryReadTerm(out Binary binary), Is.EqualTo(DecodeStatus.Ok), reader.Error);
        Assert.That(binary, Is.EqualTo(sent));
        Assert.That((Shares(binary, input), reader.KeepsInput), Is.EqualTo((kept, kept)));
    }

    [Test]
    public void Decode_ABinaryInATuple_KeepsTheInput()
    {
        byte[] input = ExternalTerm.Encode(Tuple.Of(Atoms.Ok, Bytes(1_000), 3L));
        Assert.That(ExternalTerm.TryDecodeShared(input, s_context, out object? term, out int used), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(used, Is.EqualTo(input.Length));
        Assert.That(term, Is.EqualTo(Tuple.Of(Atoms.Ok, Bytes(1_000), 3L)));
        Assert.That(Shares((Binary)((Tuple)term!)[1], input));
    }

    [Test]
    public void Decode_BinariesThatAreLessThanHalf_KeepNothingAlive()
    {
        byte[] input = ExternalTerm.Encode(Tuple.Of(Bytes(1_000), Bytes(1_000), Bytes(1_000)));
        EtfReader reader = new(input.AsMemory(), s_context);
        reader.TryReadVersion();
        Assert.That(reader.TryReadTerm(out Tuple tuple), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(tuple.Select(element => Shares((Binary)element, input)), Is.All.False);
        Assert.That(reader.KeepsInput, Is.False);
    }

    [Test]
    public void Decode_OfASpan_CopiesWhateverTheSize()
    {
        byte[] input = ExternalTerm.Encode(Bytes(10_000));
        Assert.That(ExternalTerm.TryDecode(input.AsSpan(), s_context, out object? term, out _), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(Shares((Binary)term!, input), Is.False);
    }

    [Test]
    public void Decode_ACompressedTerm_KeepsNothing()
    {
        byte[] input = ExternalTerm.Encode(Binary.CopyOf(new byte[10_000]), new EtfEncodeOptions { CompressionLevel = 6 });
        Assert.That(input, Has.Length.LessThan(1_000), "it must be compressed for this test to mean anything");
        EtfReader reader = new(input.AsMemory(), s_context);
        reader.TryReadVersion();
        Assert.That(reader.TryReadTerm(out Binary binary), Is.EqualTo(DecodeStatus.Ok), reader.Error);
        Assert.That((binary.Length, reader.KeepsInput), Is.EqualTo((10_000, false)));
    }

    [Test]
    public void ReadMemory_OfAContractsMember_KeepsTheInput()
    {
        byte[] input = ExternalTerm.Encode(Bytes(1_000));
        EtfReader reader = new(input.AsMemory(), s_context);
        reader.TryReadVersion();
        Assert.That(reader.TryReadMemory(out ReadOnlyMemory<byte> memory), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(Shares(new Binary(memory), input));
        Assert.That(memory.ToArray(), Is.EqualTo(Bytes(1_000).Memory.ToArray()));
    }
}
