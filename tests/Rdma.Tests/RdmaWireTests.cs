using System.Runtime.CompilerServices;
using CloudScale.Interop.Rdma;

namespace CloudScale.Rdma.Tests;

/// <summary>The 32 bits beside a message, the 24 bytes of the meeting, and the structures of the C library.</summary>
public sealed class RdmaWireTests
{
    [Test]
    public void Credit_CountsBeyondTheirField_AreFoundAgain()
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        uint messages = 0;
        ulong bytes = 0;
        uint knownMessages = 0;
        ulong knownBytes = 0;
        for (int i = 0; i < 100_000; i++)
        {
            messages += (uint)random.Next(RdmaCredits.MaxReceives + 1);
            bytes += (ulong)random.NextInt64(RdmaCredits.MaxRingBytes + 1L);
            uint immediate = RdmaCredits.Credit(messages, bytes);
            Assert.That(RdmaCredits.KindOf(immediate), Is.EqualTo(RdmaCredits.Kind.Credit));
            knownMessages = RdmaCredits.MessagesAfter(knownMessages, immediate);
            knownBytes = RdmaCredits.BytesAfter(knownBytes, immediate);
            Assert.That(knownMessages, Is.EqualTo(messages), $"seed {seed}, step {i}");
            Assert.That(bytes - knownBytes, Is.LessThan(64), $"seed {seed}, step {i}: rounded down, and no more");
        }
    }

    [Test]
    public void Data_Length_ComesBack()
    {
        Assert.That(RdmaCredits.KindOf(RdmaCredits.Data(65_536)), Is.EqualTo(RdmaCredits.Kind.Data));
        Assert.That(RdmaCredits.LengthOf(RdmaCredits.Data(65_536)), Is.EqualTo(65_536));
        Assert.That(RdmaCredits.KindOf(RdmaCredits.End), Is.EqualTo(RdmaCredits.Kind.Word));
    }

    [TestCase(0x0123456789ABCDEFul, 0xDEADBEEFu, 1)]
    [TestCase(ulong.MaxValue, uint.MaxValue, int.MaxValue)]
    [TestCase(0ul, 0u, 1 << 30)]
    public void Announcement_InParts_IsPutTogether(ulong address, uint key, int length)
    {
        RdmaAnnouncement announcement = new(address, key, length);
        RdmaAnnouncement.Reader reader = default;
        for (int round = 0; round < 2; round++)
        for (int i = 0; i < RdmaAnnouncement.Parts; i++)
        {
            uint word = RdmaCredits.Announcement(announcement.PartAt(i));
            Assert.That(RdmaCredits.KindOf(word), Is.EqualTo(RdmaCredits.Kind.Announcement));
            Assert.That(reader.IsAmid, Is.EqualTo(i > 0));
            Assert.That(reader.TryComplete(word, out RdmaAnnouncement read), Is.EqualTo(i == RdmaAnnouncement.Parts - 1));
            if (i == RdmaAnnouncement.Parts - 1)
                Assert.That(read, Is.EqualTo(announcement), $"round {round}");
        }
    }

    [Test]
    public void Hello_WithAToken_IsReadWithIt_AndNotCutShort()
    {
        RdmaHello hello = new(128, 262_144, 0x11223344, 0x0102030405060708, new UInt128(5, 6));
        byte[] bytes = new byte[56];
        hello.Write(bytes);
        Assert.That(hello.WrittenBytes, Is.EqualTo(40));
        Assert.That(RdmaHello.TryRead(bytes, out RdmaHello read), Is.True);
        Assert.That(read, Is.EqualTo(hello));
        Assert.That(RdmaHello.TryRead(bytes.AsSpan(0, 39), out _), Is.False);
    }

    [Test]
    public void Hello_WrittenAndRead_IsTheSame_AlsoWithZerosBehind()
    {
        RdmaHello hello = new(128, 262_144, 0x11223344, 0x0102030405060708);
        byte[] bytes = new byte[56];
        hello.Write(bytes);
        Assert.That(
            Convert.ToHexString(bytes.AsSpan(0, RdmaHello.LengthBytes)),
            Is.EqualTo("435352440100" + "0080" + "00040000" + "11223344" + "0102030405060708")
        );
        Assert.That(RdmaHello.TryRead(bytes, out RdmaHello read), Is.True);
        Assert.That(read, Is.EqualTo(hello));
    }

    [TestCase("", TestName = "Hello_Nothing_IsNone")]
    [TestCase("4353524401000080000400001122334401020304050607", TestName = "Hello_CutShort_IsNone")]
    [TestCase("435352450100008000040000112233440102030405060708", TestName = "Hello_OfSomebodyElse_IsNone")]
    [TestCase("435352440200008000040000112233440102030405060708", TestName = "Hello_OfAnotherVersion_IsNone")]
    [TestCase("435352440100001000040000112233440102030405060708", TestName = "Hello_TooFewReceives_IsNone")]
    [TestCase("43535244010003E800040000112233440102030405060708", TestName = "Hello_MoreReceivesThanCanBeCounted_IsNone")]
    [TestCase("435352440100008000040001112233440102030405060708", TestName = "Hello_RingNoPowerOfTwo_IsNone")]
    [TestCase("435352440100008080000000112233440102030405060708", TestName = "Hello_RingTooLarge_IsNone")]
    [TestCase("435352440100008000000800112233440102030405060708", TestName = "Hello_RingTooSmall_IsNone")]
    public void Hello_Wrong(string hex) => Assert.That(RdmaHello.TryRead(Convert.FromHexString(hex), out _), Is.False);

    [Test]
    public void Structures_HaveTheSizesOfTheHeader()
    {
        Assert.That(Unsafe.SizeOf<WorkCompletion>(), Is.EqualTo(40));
        Assert.That(Unsafe.SizeOf<WorkRequest>(), Is.EqualTo(80));
        Assert.That(Unsafe.SizeOf<ReceiveRequest>(), Is.EqualTo(24));
        Assert.That(Unsafe.SizeOf<ConnectionEvent>(), Is.EqualTo(96));
        Assert.That(Unsafe.SizeOf<ConnectionParameters>(), Is.EqualTo(16));
        Assert.That(Unsafe.SizeOf<RdmaAddress>(), Is.EqualTo(24));
        Assert.That(Unsafe.SizeOf<DeviceInfo>(), Is.EqualTo(128));
        Assert.That(Unsafe.SizeOf<RdmaObjects>(), Is.EqualTo(72));
        Assert.That(Unsafe.SizeOf<QueuePairLimits>(), Is.EqualTo(20));
        Assert.That(Unsafe.SizeOf<MemoryRegionInfo>(), Is.EqualTo(24));
    }

    [TestCase(2, true, "2 devices")]
    [TestCase(1, true, "1 device")]
    [TestCase(-2, false, "librdmacm.so.1 is missing")]
    [TestCase(-38, false, "built without the headers")]
    [TestCase(-19, false, "no RDMA device")]
    public void Support_WhatWasFound_IsSaidInOneLine(int probed, bool isAvailable, string words)
    {
        (bool actual, string text) = RdmaSupport.Describe(probed);
        Assert.That(actual, Is.EqualTo(isAvailable));
        Assert.That(text, Does.Contain(words).And.Not.Contain("\n"));
    }

    [TestCase(5_000, 1_024)]
    [TestCase(4_096, 2_048)]
    [TestCase(4_096, 512)]
    [TestCase(1 << 26, 1_024)]
    public void Options_OutOfRange_AreRefused(int ringBytes, int maxWriteBytes) =>
        Assert.That(
            () => new RdmaTransport(new RdmaTransportOptions { RingBytes = ringBytes, MaxWriteBytes = maxWriteBytes }),
            Throws.ArgumentException
        );
}
