using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using CloudScale.Interop.Rdma;
using CloudScale.Interop.Transport;

namespace CloudScale.Rdma.Tests;

/// <summary>Reads that show what has come to a taker before they complete.</summary>
[Category("Rdma"), NonParallelizable, CancelAfter(60_000)]
public sealed class OfferedReadTests
{
    private static readonly IPEndPoint s_anywhere = new(IPAddress.Parse(FakeDevice.RealAddress ?? "127.0.0.1"), 0);

    private long _before;

    [SetUp]
    public void Device()
    {
        FakeDevice.Use(maxDelayMicroseconds: 20);
        _before = FakeDevice.Objects;
    }

    [TearDown]
    public Task NothingIsLeft() => FakeDevice.NoMoreThanAsync(_before);

    [TestCase(4_096, int.MaxValue)]
    [TestCase(65_536, int.MaxValue)]
    [TestCase(65_536, 20_000)] // what is fetched is not offered
    public async Task Read_WhatTheTakerLeaves_CompletesIt_AndNoByteIsLostOrDoubled(int ringBytes, int fetchBytes)
    {
        const int Total = 400_000;
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        RdmaTransport transport = new(
            new RdmaTransportOptions
            {
                RingBytes = ringBytes,
                MaxWriteBytes = 1_024,
                FetchBytes = fetchBytes,
            }
        );
        await using RdmaPair pair = await RdmaPair.ConnectAsync(transport, s_anywhere);
        Task writing = Task.Run(async () =>
        {
            Random random = new(seed);
            for (int sent = 0; sent < Total; )
            {
                byte[] some = new byte[Math.Min(random.Next(10) == 0 ? random.Next(1, 30_000) : random.Next(1, 400), Total - sent)];
                for (int i = 0; i < some.Length; i++)
                    some[i] = Taker.ByteAt(sent + i);
                await pair.Near.Output.WriteAsync(some);
                sent += some.Length;
            }

            await pair.Near.Output.CompleteAsync();
        });
        Taker taker = new(new Random(seed + 1));
        Random random = new(seed + 2);
        var reader = (IOfferingReader)pair.Far.Input;
        while (true)
        {
            ReadResult result = await reader.ReadAsync(taker);
            ReadOnlySequence<byte> taken = result.Buffer.Slice(0, random.NextInt64(result.Buffer.Length + 1));
            if (result.IsCompleted)
                taken = result.Buffer;
            foreach (ReadOnlyMemory<byte> part in taken)
                taker.Take(part.Span);
            pair.Far.Input.AdvanceTo(taken.End, result.Buffer.End);
            if (result.IsCompleted)
                break;
        }

        await writing;
        Assert.That(taker.Wrong, Is.Null, $"seed {seed}");
        Assert.That(taker.Position, Is.EqualTo(Total), $"seed {seed}");
        Assert.That(taker.TimesAll, Is.Positive, $"seed {seed}: it has been offered something");
    }

    [Test]
    public async Task Read_TakerHasAll_AndAsksForIt_CompletesWithNothing()
    {
        await using RdmaPair pair = await RdmaPair.ConnectAsync(new RdmaTransport(), s_anywhere);
        Asking asking = new();
        ValueTask<ReadResult> read = ((IOfferingReader)pair.Far.Input).ReadAsync(asking);
        await pair.Near.Output.WriteAsync(new byte[] { 1, 2, 3 });
        ReadResult result = await read;
        Assert.That(asking.Taken, Is.EqualTo(3));
        Assert.That((result.Buffer.Length, result.IsCompleted, result.IsCanceled), Is.EqualTo((0L, false, false)));
        pair.Far.Input.AdvanceTo(result.Buffer.End);
    }

    private sealed class Asking : IInputTaker
    {
        internal int Taken { get; private set; }

        public bool TryTake(ReadOnlySpan<byte> bytes, out int taken)
        {
            Taken += taken = bytes.Length;
            return false;
        }
    }

    /// <summary>Takes all, some or nothing, and has the read go on or not.</summary>
    private sealed class Taker(Random random) : IInputTaker
    {
        internal int Position { get; private set; }

        internal int TimesAll { get; private set; }

        /// <summary>The first byte that was not the next one.</summary>
        internal string? Wrong { get; private set; }

        internal static byte ByteAt(int position) => (byte)((position * 0x9E3779B1L) >> 13);

        internal void Take(ReadOnlySpan<byte> bytes)
        {
            foreach (byte value in bytes)
            {
                if (value != ByteAt(Position))
                    Wrong ??= $"{value} at {Position}";
                Position++;
            }
        }

        public bool TryTake(ReadOnlySpan<byte> bytes, out int taken)
        {
            bool takesAll = random.Next(3) > 0;
            TimesAll += takesAll ? 1 : 0;
            taken = takesAll ? bytes.Length : random.Next(bytes.Length + 1);
            Take(bytes[..taken]);
            return takesAll && random.Next(4) > 0;
        }
    }
}
