using System.Buffers;
using System.Text;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.Tests;

/// <summary>Texts of every short length, which go another way than long ones, and binaries about the length up to which they are one object.</summary>
public sealed class ShortTextTests
{
    private const int Longest = 300; // beyond what is done in one pass, both ways

    private static readonly EtfDecodeContext s_context = new(EtfLimits.Trusted);

    [Test]
    public void Text_OfEveryLength_IsItsUtf8()
    {
        for (int length = 0; length <= Longest; length++)
            AssertBothWays(Ascii(length));
    }

    [TestCase(0x80)]
    [TestCase(0xEB)]
    [TestCase(0x20AC)]
    [TestCase(0x1F600)]
    public void Text_WithAnotherCharacterAnywhere_IsItsUtf8(int character)
    {
        for (int length = 0; length <= 140; length++)
        for (int at = 0; at <= length; at++)
            AssertBothWays(Ascii(length).Insert(at, char.ConvertFromUtf32(character)));
    }

    [Test]
    public void Text_OfAnAtom_OfEveryLengthAndWithAnotherCharacter_IsItsUtf8()
    {
        for (int length = 0; length <= Atom.MaxCharacters; length++)
        {
            AssertAtom(Ascii(length));
            if (length > 0)
                AssertAtom(Ascii(length - 1).Insert(length / 2, "é"));
        }
    }

    [Test]
    public void Text_WithBytesThatAreNoUtf8Anywhere_IsRefused()
    {
        for (int length = 1; length <= 140; length++)
        for (int at = 0; at < length; at++)
        {
            byte[] bytes = ExternalTerm.Encode(Ascii(length));
            bytes[^(at + 1)] = 0xFF;
            EtfReader reader = new(bytes, s_context);
            reader.TryReadVersion();
            Assert.That(reader.TryReadText(out _), Is.EqualTo(DecodeStatus.Malformed), $"{length}, {at}");
            Assert.That(Take(bytes, out _), Is.Zero, $"{length}, {at}");
        }
    }

    [Test]
    public void Text_OfLettersOfOneToFourBytes_IsWhatTheBaseLibraryMakesOfIt([Values(1, 2, 3)] int seed)
    {
        var random = new Random(seed);
        byte[][] parts =
        [
            "a"u8.ToArray(),
            "of many"u8.ToArray(),
            "é"u8.ToArray(),
            "ж"u8.ToArray(),
            "€"u8.ToArray(),
            "😀"u8.ToArray(),
            [0xC1, 0xBF], // a longer form of ASCII
            [0xC3], // half a letter
            [0xBF], // the other half
            [0xE0, 0x9F, 0xBF], // a longer form of two bytes
            [0xF5, 0x80, 0x80, 0x80], // beyond Unicode
        ];
        int refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            int known = random.Next(4) == 0 ? parts.Length : random.Next(3, 7);
            byte[] utf8 = [.. Enumerable.Range(0, random.Next(1, 40)).SelectMany(_ => parts[random.Next(random.Next(2) == 0 ? 2 : known)])];
            bool isValid = System.Text.Unicode.Utf8.IsValid(utf8);
            EtfReader reader = new((byte[])[109, 0, 0, (byte)(utf8.Length >> 8), (byte)utf8.Length, .. utf8], s_context);
            DecodeStatus status = reader.TryReadText(out string text);
            Assert.That(status, Is.EqualTo(isValid ? DecodeStatus.Ok : DecodeStatus.Malformed), Convert.ToHexString(utf8));
            Assert.That(
                !isValid || string.Equals(text, Encoding.UTF8.GetString(utf8), StringComparison.Ordinal),
                Convert.ToHexString(utf8)
            );
            refused += isValid ? 0 : 1;
        }

        Assert.That(refused, Is.InRange(1000, 19_000));
    }

    [Test]
    public void Binary_OfEveryLength_IsItsBytes()
    {
        for (int length = 0; length <= 70; length++)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(Ascii(length));
            Binary[] binaries = [new Binary(bytes), Binary.CopyOf(bytes), Binary.FromUtf8(Ascii(length)), Decoded(bytes)];
            foreach (Binary binary in binaries)
            {
                Assert.That(binary.Length, Is.EqualTo(length));
                Assert.That(binary.Span.SequenceEqual(bytes), $"{length}");
                Assert.That(binary.Memory.Span.SequenceEqual(bytes), $"{length}");
                Assert.That(binary, Is.EqualTo(binaries[0]));
                Assert.That(binary.GetHashCode(), Is.EqualTo(binaries[0].GetHashCode()));
            }
        }
    }

    private static Binary Decoded(byte[] bytes)
    {
        Assert.That(ExternalTerm.TryDecode(ExternalTerm.Encode(bytes), s_context, out object? term, out _), Is.EqualTo(DecodeStatus.Ok));
        return (Binary)term!;
    }

    // Each character differs from its neighbours.
    private static string Ascii(int length) =>
        string.Create(
            length,
            0,
            static (text, _) =>
            {
                for (int i = 0; i < text.Length; i++)
                    text[i] = (char)((i * 7 % 95) + ' ');
            }
        );

    private static void AssertBothWays(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        byte[] expected = [131, 109, 0, 0, (byte)(utf8.Length >> 8), (byte)utf8.Length, .. utf8];
        byte[] bytes = ExternalTerm.Encode(text);
        Assert.That(bytes.AsSpan().SequenceEqual(expected), text);
        EtfReader reader = new(bytes, s_context);
        reader.TryReadVersion();
        Assert.That(reader.TryReadText(out string read), Is.EqualTo(DecodeStatus.Ok), reader.Error);
        Assert.That(string.Equals(read, text, StringComparison.Ordinal), text);
        int taken = Take(bytes, out string atOnce);
        Assert.That(taken, Is.EqualTo(utf8.Length <= EtfSpan.MaxTakenText ? bytes.Length : 0), text);
        Assert.That(taken == 0 || string.Equals(atOnce, text, StringComparison.Ordinal), text);
    }

    // Behind the text if it was taken; else 0.
    private static int Take(byte[] bytes, out string text)
    {
        int at = 1;
        int heap = 0;
        if (!EtfSpan.TryTakeText(bytes, ref at, ref heap, out text))
            return 0;
        Assert.That(heap, Is.EqualTo((int)HeapSize.Text(bytes.Length - 6)));
        return at;
    }

    private static void AssertAtom(string text)
    {
        ArrayBufferWriter<byte> buffer = new();
        EtfWriter writer = new(buffer);
        writer.WriteAtomText(text);
        writer.Flush();
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        byte[] head = utf8.Length <= byte.MaxValue ? [119, (byte)utf8.Length] : [118, (byte)(utf8.Length >> 8), (byte)utf8.Length];
        Assert.That(buffer.WrittenSpan.SequenceEqual((byte[])[.. head, .. utf8]), text);
        EtfReader reader = new(buffer.WrittenSpan, s_context);
        Assert.That(reader.TryReadAtomText(out string read), Is.EqualTo(DecodeStatus.Ok), reader.Error);
        Assert.That(string.Equals(read, text, StringComparison.Ordinal), text);
    }
}
