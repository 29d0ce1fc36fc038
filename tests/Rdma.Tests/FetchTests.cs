using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using CloudScale.Interop.Rdma;

namespace CloudScale.Rdma.Tests;

/// <summary>The contract of transports, with all but the shortest writes fetched, in small pieces.</summary>
public sealed class FetchingRdmaTransportTests()
    : RdmaTransportContract(new RdmaTransportOptions { FetchBytes = 4096, FetchBlockBytes = 4096 }, delayMicroseconds: 20);

/// <summary>The same with long ones fetched, and a ring in which the others wrap and spill.</summary>
public sealed class MixedRdmaTransportTests()
    : RdmaTransportContract(
        new RdmaTransportOptions
        {
            RingBytes = 4096,
            MaxWriteBytes = 1024,
            FetchBytes = 100_000,
            FetchBlockBytes = 16_384,
        },
        delayMicroseconds: 20
    );

/// <summary>Long writes that the other side fetches.</summary>
[Category("Rdma"), NonParallelizable, FixtureLifeCycle(LifeCycle.InstancePerTestCase), CancelAfter(60_000)]
public sealed class FetchTests
{
    private const int BlockBytes = 65_536;
    private readonly RdmaTransport _transport = new(new RdmaTransportOptions { FetchBytes = 20_000, FetchBlockBytes = BlockBytes });
    private long _before;

    private static EndPoint Anywhere { get; } = new IPEndPoint(IPAddress.Parse(FakeDevice.RealAddress ?? "127.0.0.1"), 0);

    [SetUp]
    public void Device()
    {
        FakeDevice.Use(maxDelayMicroseconds: 20);
        _before = FakeDevice.Objects;
    }

    [TearDown]
    public Task NothingIsLeft() => FakeDevice.NoMoreThanAsync(_before);

    /// <summary>Short and long ones in any order, both ways at once, and a reader that takes and looks at as much as it likes.</summary>
    [Test]
    public async Task Writes_ShortAndLong_ArriveInOrder([Range(1, 4)] int round)
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}, round {round}");
        await using RdmaPair pair = await RdmaPair.ConnectAsync(_transport, Anywhere);
        byte[] there = Some(seed, 3_000_000);
        byte[] back = Some(~seed, 3_000_000);
        await Task.WhenAll(
            WriteAsync(pair.Near.Output, there, new Random(seed)),
            ReadAsync(pair.Far.Input, there, new Random(seed + 1)),
            WriteAsync(pair.Far.Output, back, new Random(seed + 2)),
            ReadAsync(pair.Near.Input, back, new Random(seed + 3))
        );
    }

    /// <summary>What the reader has not taken is not fetched: two blocks are here, and the rest is where it was.</summary>
    [Test]
    public async Task Write_ReaderTakesNothing_HoldsTwoBlocks()
    {
        await using RdmaPair pair = await RdmaPair.ConnectAsync(_transport, Anywhere);
        long before = FakeDevice.Objects;
        byte[] bytes = Some(1, 50 * BlockBytes);
        Task<FlushResult> writing = pair.Near.Output.WriteAsync(bytes).AsTask();
        while (await LookAsync(pair.Far.Input) < 2 * BlockBytes)
            await Task.Delay(1);
        await Task.Delay(50);
        Assert.That(await LookAsync(pair.Far.Input), Is.EqualTo(2 * BlockBytes));
        Assert.That(writing.IsCompleted, Is.False);
        Assert.That(
            FakeDevice.Objects - before,
            Is.LessThan(bytes.Length + RegisteredMemoryPool.DefaultSlabBytes + 100),
            "registered: the write itself, and a slab"
        );
        await ReadAsync(pair.Far.Input, bytes, new Random(1), mustEnd: false);
        await writing;
    }

    /// <summary>A reader that wants all before it takes any is given it.</summary>
    [Test]
    public async Task Write_ReaderWantsAllAtOnce_IsGivenIt()
    {
        await using RdmaPair pair = await RdmaPair.ConnectAsync(_transport, Anywhere);
        byte[] bytes = Some(2, 20 * BlockBytes + 17);
        await pair.Near.Output.WriteAsync(bytes.AsMemory(0, 100));
        Task<FlushResult> writing = pair.Near.Output.WriteAsync(bytes.AsMemory(100)).AsTask();
        ReadResult all = await pair.Far.Input.ReadAtLeastAsync(bytes.Length);
        Assert.That(all.Buffer.ToArray().AsSpan().SequenceEqual(bytes), Is.True);
        pair.Far.Input.AdvanceTo(all.Buffer.End);
        await writing;
    }

    [Test]
    public async Task Write_OfManyMegabytes_ArrivesUnchanged()
    {
        RdmaTransport transport = new();
        byte[] bytes = Some(3, 48 << 20);
        await using RdmaPair pair = await RdmaPair.ConnectAsync(transport, Anywhere);
        Task<FlushResult> writing = pair.Near.Output.WriteAsync(bytes).AsTask();
        await ReadAsync(pair.Far.Input, bytes, new Random(3), mustEnd: false);
        await writing;
    }

    /// <summary>Where no more may be registered it goes through the ring, whichever side that is.</summary>
    [TestCase(0, Description = "the writer's bytes")]
    [TestCase(1, Description = "the reader's blocks")]
    public async Task Register_Fails_BytesGoThroughTheRing(int after)
    {
        FakeDevice.UseFakeOnly(maxDelayMicroseconds: 20);
        await using RdmaPair pair = await RdmaPair.ConnectAsync(_transport, Anywhere);
        byte[] bytes = Some(4, 1_000_000);
        FakeDevice.csn_fake_fail_call("ibv_reg_mr", after, 12);
        Task<FlushResult> writing = pair.Near.Output.WriteAsync(bytes).AsTask();
        await ReadAsync(pair.Far.Input, bytes, new Random(4), mustEnd: false);
        await writing;
        Assert.That(FakeDevice.csn_fake_is_planted(), Is.Zero);
        writing = pair.Near.Output.WriteAsync(bytes).AsTask();
        await ReadAsync(pair.Far.Input, bytes, new Random(5), mustEnd: false);
        await writing;
    }

    /// <summary>Whoever dies in the middle, and however: the writer is told, and nothing stays registered.</summary>
    [TestCase("near")]
    [TestCase("far")]
    [TestCase("cable")]
    [TestCase("device")]
    [TestCase("work")]
    public async Task Death_InTheMiddle_EndsTheWrite_AndLeavesNothing(string what)
    {
        FakeDevice.UseFakeOnly(maxDelayMicroseconds: 20);
        await using RdmaPair pair = await RdmaPair.ConnectAsync(_transport, Anywhere);
        byte[] bytes = Some(6, 40 * BlockBytes);
        Task<FlushResult> writing = pair.Near.Output.WriteAsync(bytes).AsTask();
        ReadResult some = await pair.Far.Input.ReadAtLeastAsync(BlockBytes);
        Assert.That(writing.IsCompleted, Is.False);
        switch (what)
        {
            case "near":
                pair.Near.Abort();
                break;
            case "far":
                pair.Far.Abort();
                break;
            case "cable":
                FakeDevice.csn_fake_cut(1);
                break;
            case "device":
                FakeDevice.csn_fake_remove();
                break;
            default:
                FakeDevice.csn_fake_fail_work(0, 10);
                break;
        }

        Assert.That(
            some.Buffer.FirstSpan[..100].SequenceEqual(bytes.AsSpan(0, 100)),
            Is.True,
            "what has come stays while the reader holds it"
        );
        pair.Far.Input.AdvanceTo(some.Buffer.End); // goes on fetching
        await Assert.ThatAsync(async () => await RdmaPair.DrainAsync(pair.Far), Throws.InstanceOf<IOException>());
        await Assert.ThatAsync(async () => await writing, Throws.InstanceOf<IOException>());
    }

    private static byte[] Some(int seed, int length)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    // How much is there; to have examined none of it asks for no more.
    private static async Task<long> LookAsync(PipeReader input)
    {
        ReadResult there = await input.ReadAsync();
        long length = there.Buffer.Length;
        input.AdvanceTo(there.Buffer.Start, there.Buffer.Start);
        return length;
    }

    private static async Task WriteAsync(PipeWriter output, byte[] bytes, Random random)
    {
        for (int position = 0; position < bytes.Length; )
        {
            int length = Math.Min(random.Next(random.Next(3) == 0 ? 300_000 : 500), bytes.Length - position);
            await output.WriteAsync(bytes.AsMemory(position, length));
            position += length;
        }

        await output.CompleteAsync();
    }

    /// <summary>Reads what must come, in pieces: takes part of what it is given, and looks at part of the rest.</summary>
    private static async Task ReadAsync(PipeReader input, byte[] expected, Random random, bool mustEnd = true)
    {
        for (long position = 0; position < expected.Length; )
        {
            ReadResult result = await input.ReadAsync();
            Assert.That(result.Buffer.Length, Is.Positive, "there is more to come");
            long taken = random.Next(3) switch
            {
                0 => 0,
                1 => random.NextInt64(result.Buffer.Length + 1),
                _ => result.Buffer.Length,
            };
            foreach (ReadOnlyMemory<byte> part in result.Buffer.Slice(0, taken))
            {
                Assert.That(part.Span.SequenceEqual(expected.AsSpan((int)position, part.Length)), Is.True, $"the bytes from {position} on");
                position += part.Length;
            }

            bool isMoreToCome = position + result.Buffer.Length - taken < expected.Length;
            bool looksAtAll = isMoreToCome && random.Next(2) == 0;
            input.AdvanceTo(result.Buffer.GetPosition(taken), looksAtAll ? result.Buffer.End : result.Buffer.GetPosition(taken));
        }

        if (!mustEnd)
            return;
        ReadResult last = await input.ReadAsync();
        Assert.That((last.IsCompleted, last.Buffer.Length), Is.EqualTo((true, 0L)));
    }
}
