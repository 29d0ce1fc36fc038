using System.Net;
using CloudScale.Interop.Rdma;
using CloudScale.Interop.Transport;

namespace CloudScale.Rdma.Tests;

/// <summary>What goes wrong is told, to both sides, and leaves nothing behind.</summary>
[Category("Rdma"), NonParallelizable, CancelAfter(60_000)]
public sealed class RdmaFailureTests
{
    private const int NoMemory = 12; // ENOMEM
    private static readonly IPEndPoint s_anywhere = new(IPAddress.Loopback, 0);

    [SetUp]
    public void Device() => FakeDevice.UseFakeOnly();

    [TearDown]
    public async Task NothingIsLeft()
    {
        if (FakeDevice.RealAddress is not null)
            return;
        FakeDevice.csn_fake_reset(1, 0);
        await Eventually.TrueAsync(() => FakeDevice.Objects == 0, "our library has ended all it made");
        Assert.That(FakeDevice.Counts.Objects, Is.Zero, "and so has the device");
    }

    /// <summary>Every call that makes something fails, once each; the next attempt is as if nothing had been.</summary>
    [Test]
    public async Task SetUp_EachCallFailsInTurn_IsToldAndLeavesNothing()
    {
        int told = 0;
        bool isPlanted = false;
        for (int after = 0; !isPlanted; after++)
        {
            RdmaTransport transport = new();
            FakeDevice.csn_fake_fail_call(null, after, NoMemory);
            try
            {
                await using RdmaPair pair = await RdmaPair.ConnectAsync(transport, s_anywhere, TimeSpan.FromSeconds(2));
            }
            catch (Exception e) when (e is TransportException or OperationCanceledException)
            {
                told++;
            }

            isPlanted = FakeDevice.csn_fake_is_planted() != 0;
            FakeDevice.csn_fake_reset((ulong)after, 0);
            await Eventually.TrueAsync(() => FakeDevice.Objects == 0, $"after call {after} nothing is left");
        }

        Assert.That(told, Is.GreaterThan(15));
    }

    [TestCase(4)] // the key of our own memory is wrong
    [TestCase(10)] // the other side's is
    [TestCase(12)] // the other side is silent
    public async Task Work_Fails_BreaksTheConnectionForReaderAndWriter(int status)
    {
        await using RdmaPair pair = await RdmaPair.ConnectAsync(new RdmaTransport(), s_anywhere);
        FakeDevice.csn_fake_fail_work(3, status);
        Assert.That(async () => await WriteForeverAsync(pair.Near), Throws.InstanceOf<IOException>());
        Assert.That(async () => await RdmaPair.DrainAsync(pair.Near), Throws.InstanceOf<IOException>());
        await pair.Near.DisposeAsync();
        Assert.That(async () => await RdmaPair.DrainAsync(pair.Far), Throws.InstanceOf<IOException>());
    }

    [Test]
    public async Task Cable_Pulled_IsFoundByTheNextWrite()
    {
        await using RdmaPair pair = await RdmaPair.ConnectAsync(new RdmaTransport(), s_anywhere);
        FakeDevice.csn_fake_cut(1);
        Assert.That(async () => await WriteForeverAsync(pair.Near), Throws.InstanceOf<IOException>());
    }

    [Test]
    public async Task Device_Removed_BreaksConnectionsAndFreesAll()
    {
        await using RdmaPair pair = await RdmaPair.ConnectAsync(new RdmaTransport(), s_anywhere);
        Task reader = RdmaPair.DrainAsync(pair.Far);
        FakeDevice.csn_fake_remove();
        Assert.That(async () => await reader, Throws.InstanceOf<IOException>());
        Assert.That(async () => await WriteForeverAsync(pair.Near), Throws.InstanceOf<IOException>());
    }

    /// <summary>Thousands of small messages one way, with a reader that is slow: no message finds a receiver that is not ready, and no queue overflows.</summary>
    [TestCase(0)]
    [TestCase(100)]
    public async Task Credits_ManySmallMessages_NeverFindTheReceiverNotReady(int delayMicroseconds)
    {
        FakeDevice.Use(delayMicroseconds);
        await using RdmaPair pair = await RdmaPair.ConnectAsync(
            new RdmaTransport(new RdmaTransportOptions { RingBytes = 8192, MaxWriteBytes = 1024 }),
            s_anywhere
        );
        byte[] message = new byte[10];
        const int Count = 5_000;
        Task writers = Task.WhenAll(WriteAsync(pair.Near, message, Count), WriteAsync(pair.Far, message, Count));
        Task<long> far = RdmaPair.DrainAsync(pair.Far);
        Task<long> near = RdmaPair.DrainAsync(pair.Near);
        await writers;
        Assert.That(await far, Is.EqualTo(Count * message.Length));
        Assert.That(await near, Is.EqualTo(Count * message.Length));
        Assert.That(FakeDevice.Counts.ReceiverNotReady, Is.Zero);
        Assert.That(FakeDevice.Counts.Overruns, Is.Zero);
    }

    /// <summary>A packet longer than the ring: nothing is consumed before all of it is there.</summary>
    [Test]
    public async Task Read_WantsMoreThanTheRing_GetsIt()
    {
        await using RdmaPair pair = await RdmaPair.ConnectAsync(
            new RdmaTransport(new RdmaTransportOptions { RingBytes = 8192, MaxWriteBytes = 2048 }),
            s_anywhere
        );
        byte[] sent = new byte[300_001];
        new Random(7).NextBytes(sent);
        Task writer = pair.Near.Output.WriteAsync(sent).AsTask();
        System.IO.Pipelines.ReadResult result = await pair.Far.Input.ReadAtLeastAsync(sent.Length);
        Assert.That(System.Buffers.BuffersExtensions.ToArray(result.Buffer).AsSpan().SequenceEqual(sent), Is.True);
        pair.Far.Input.AdvanceTo(result.Buffer.GetPosition(sent.Length - 1));
        result = await pair.Far.Input.ReadAsync();
        Assert.That(result.Buffer.Length, Is.EqualTo(1));
        pair.Far.Input.AdvanceTo(result.Buffer.End);
        await writer;
    }

    [Test]
    public async Task Message_Sent_AllocatesNothing()
    {
        await using RdmaPair pair = await RdmaPair.ConnectAsync(new RdmaTransport(), s_anywhere);
        ((ISocketConnection)pair.Far).UseRuntime(); // as the read loop of a node is run
        byte[] message = new byte[64];
        async Task ExchangeAsync(int count)
        {
            for (int i = 0; i < count; i++)
            {
                await pair.Near.Output.WriteAsync(message);
                System.IO.Pipelines.ReadResult result = await pair.Far.Input.ReadAsync();
                pair.Far.Input.AdvanceTo(result.Buffer.End);
            }
        }

        const long bound = 2_000 * 8;
        long allocated = await AllocatedBytes.LeastAsync(() => Task.Run(() => ExchangeAsync(2_000)), bound); // away from the context of the test
        Assert.That(allocated, Is.LessThan(bound), "an object each would be 24 bytes and more");
    }

    /// <summary>An end that has arrived is not waited for again, whatever went out after it.</summary>
    [Test]
    public async Task Close_CreditsWentOutAfterTheEnd_DoesNotWait()
    {
        RdmaTransportOptions options = new()
        {
            RingBytes = 8192,
            MaxWriteBytes = 1024,
            Linger = TimeSpan.FromHours(1),
        };
        await using RdmaPair pair = await RdmaPair.ConnectAsync(new RdmaTransport(options), s_anywhere);
        await pair.Near.Output.CompleteAsync();
        Assert.That(await RdmaPair.DrainAsync(pair.Far), Is.Zero);
        Task<long> near = RdmaPair.DrainAsync(pair.Near);
        await WriteAsync(pair.Far, new byte[1000], 100);
        Assert.That(await near, Is.EqualTo(100_000));
        await pair.Near.DisposeAsync().AsTask().WaitAsync(Eventually.Patience);
    }

    [Test]
    public async Task Connections_ManyOneAfterAnother_LeaveNothing()
    {
        RdmaTransport transport = new();
        for (int i = 0; i < 300; i++)
        {
            await using RdmaPair pair = await RdmaPair.ConnectAsync(transport, s_anywhere);
            if (i % 2 == 0)
                await pair.Near.Output.WriteAsync(new byte[100]);
            if (i % 3 == 0)
                pair.Far.Abort();
        }
    }

    private static async Task WriteForeverAsync(ITransportConnection connection)
    {
        byte[] some = new byte[5_000];
        while (!(await connection.Output.WriteAsync(some)).IsCompleted) { }
    }

    private static async Task WriteAsync(ITransportConnection connection, byte[] message, int count)
    {
        await Task.Yield();
        for (int i = 0; i < count; i++)
            await connection.Output.WriteAsync(message);
        await connection.Output.CompleteAsync();
    }
}
