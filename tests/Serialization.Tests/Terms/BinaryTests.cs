namespace CloudScale.Serialization.Tests;

public sealed class BinaryTests
{
    [Test]
    public void TryGetString_OfUtf8AndOther_TellsThemApart()
    {
        Assert.That(Binary.FromUtf8("λ").TryGetString(out string? text), Is.True);
        Assert.That(text, Is.EqualTo("λ"));
        Assert.That(new Binary(new byte[] { 0xFF }).TryGetString(out text), Is.False);
        Assert.That(text, Is.Null);
        Assert.That(Binary.FromUtf8(""), Is.SameAs(Binary.Empty));
    }

    [Test]
    public void Equals_BinaryOfOneContent_IsByBytes()
    {
        Binary part = new(new byte[] { 9, 1, 2, 9 }.AsMemory(1, 2));
        Assert.That(part, Is.EqualTo(Binary.CopyOf([1, 2])));
        Assert.That(part.GetHashCode(), Is.EqualTo(Binary.CopyOf([1, 2]).GetHashCode()));
        Assert.That(part, Is.Not.EqualTo(Binary.CopyOf([1, 3])));
    }

    [Test]
    public void BitString_UnusedBits_AreCleared()
    {
        BitString bits = new([0xFF], 3);
        Assert.That(bits.Span[0], Is.EqualTo(0xE0));
        Assert.That(bits, Is.EqualTo(new BitString([0xE0], 3)));
        Assert.That(bits, Is.Not.EqualTo(new BitString([0xE0], 4)));
        Assert.That(bits.BitLength, Is.EqualTo(3));
        Assert.That(bits.ToString(), Is.EqualTo("<<7:3>>"));
        Assert.That(() => new BitString([1], 8), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new BitString([], 1), Throws.ArgumentException);
    }
}
