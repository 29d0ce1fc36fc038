using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using CloudScale.Interop.Rdma;
using CloudScale.Interop.Transport;

namespace CloudScale.Rdma.Tests.Regions;

/// <summary>Memory of one node in the hands of another: what a key opens, and what it does not.</summary>
[Category("Rdma"), NonParallelizable, FixtureLifeCycle(LifeCycle.InstancePerTestCase), CancelAfter(60_000)]
public abstract class RegionContract(ITransport transport)
{
    private long _before;
    private protected RegionServer _server = null!;

    [SetUp]
    public async Task Offer()
    {
        FakeDevice.Use(maxDelayMicroseconds: 20);
        _before = FakeDevice.Objects;
        _server = await RegionServer.StartAsync(transport, Anywhere);
    }

    [TearDown]
    public async Task NothingIsLeft()
    {
        await _server.DisposeAsync();
        await FakeDevice.NoMoreThanAsync(_before);
    }

    internal static IPEndPoint Anywhere => new(IPAddress.Parse(FakeDevice.RealAddress ?? "127.0.0.1"), 0);

    [Test]
    public async Task ReadAndWrite_OfAllLengths_ReachTheMemoryAndNothingBesideIt()
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        byte[] twin = new byte[300_000];
        random.NextBytes(twin);
        OfferedRegion region = _server.Offer("some memory", twin.Length);
        region.Write(0, twin);
        await using RemoteRegion remote = await OpenAsync(region.Grant(RegionRights.Read | RegionRights.Write));
        foreach (int length in new[] { 0, 1, 8, 100, RemoteRegion.PartBytes, RemoteRegion.PartBytes + 1, 250_000 })
        {
            int offset = random.Next(twin.Length - length);
            byte[] bytes = new byte[length];
            await remote.ReadAsync(offset, bytes);
            Assert.That(bytes.AsSpan().SequenceEqual(twin.AsSpan(offset, length)), $"{length} bytes from {offset} on");
            random.NextBytes(bytes);
            bytes.CopyTo(twin, offset);
            await remote.WriteAsync(offset, bytes);
            byte[] all = new byte[twin.Length];
            region.Read(0, all);
            Assert.That(all.AsSpan().SequenceEqual(twin), $"{length} bytes from {offset} on");
        }
    }

    [Test]
    public async Task Count_OfSeveralGuests_LosesNothing()
    {
        OfferedRegion region = _server.Offer("counters", 64);
        RegionKey key = region.Grant(RegionRights.Count);
        const int Guests = 4;
        const int Each = 200;
        await Task.WhenAll(
            Enumerable
                .Range(0, Guests)
                .Select(async _ =>
                {
                    await using RemoteRegion remote = await OpenAsync(key);
                    DistributedCounter counter = new(remote, 8);
                    for (int i = 0; i < Each; i++)
                        await counter.AddAsync(1);
                })
        );
        byte[] bytes = new byte[64];
        region.Read(0, bytes);
        Assert.That(BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8)), Is.EqualTo(Guests * Each));
        Assert.That(bytes.AsSpan(16).IndexOfAnyExcept((byte)0), Is.EqualTo(-1));
    }

    [Test]
    public async Task CompareExchange_OnlyReplacesWhatIsExpected()
    {
        OfferedRegion region = _server.Offer("word", 8);
        await using RemoteRegion remote = await OpenAsync(region.Grant(RegionRights.All));
        Assert.That(await remote.CompareExchangeAsync(0, 5, 1), Is.Zero);
        Assert.That(await remote.CompareExchangeAsync(0, long.MinValue, 0), Is.Zero);
        Assert.That(await remote.CompareExchangeAsync(0, 7, long.MinValue), Is.EqualTo(long.MinValue));
        byte[] bytes = new byte[8];
        await remote.ReadAsync(0, bytes);
        Assert.That(MemoryMarshal.Read<long>(bytes), Is.EqualTo(7));
        Assert.That(await remote.FetchAddAsync(0, -10), Is.EqualTo(7));
        Assert.That(await remote.FetchAddAsync(0, 0), Is.EqualTo(-3));
    }

    [Test]
    public async Task Operation_BeyondTheRegionOrTheRights_IsRefusedHere()
    {
        OfferedRegion region = _server.Offer("small", 64);
        await using RemoteRegion reader = await OpenAsync(region.Grant(RegionRights.Read));
        Assert.That(async () => await reader.ReadAsync(60, new byte[8]), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(async () => await reader.ReadAsync(-1, new byte[8]), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(async () => await reader.ReadAsync(long.MaxValue, new byte[8]), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(async () => await reader.WriteAsync(0, new byte[8]), Throws.InvalidOperationException);
        Assert.That(async () => await reader.FetchAddAsync(0, 1), Throws.InvalidOperationException);
        await using RemoteRegion counter = await OpenAsync(region.Grant(RegionRights.Count));
        Assert.That(async () => await counter.CompareExchangeAsync(4, 1, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(async () => await counter.ReadAsync(0, new byte[8]), Throws.InvalidOperationException);
        await reader.ReadAsync(56, new byte[8]); // nobody's way was broken by it
    }

    [Test]
    public async Task Key_Void_OpensNothing()
    {
        OfferedRegion region = _server.Offer("gone", 64);
        RegionKey key = region.Grant(RegionRights.All);
        RegionKey wrongSecret = new(key.Name, key.EndPoint, 64, key.Rights, key.Id, new byte[RegionKey.SecretBytes]);
        RegionKey moreRights = new(key.Name, key.EndPoint, 64, RegionRights.Read, key.Id, key.Secret.ToArray());
        Assert.That(async () => await OpenAsync(wrongSecret), Throws.InstanceOf<TransportException>());
        Assert.That(async () => await OpenAsync(moreRights), Throws.InstanceOf<TransportException>(), "a key is for its rights");
        Assert.That(region.Revoke(key), Is.True);
        Assert.That(region.Revoke(key), Is.False);
        TransportException? refused = await Assert.ThrowsAsync<TransportException>(async () => await OpenAsync(key));
        Assert.That(refused!.Message, Does.Contain("gone").And.Not.Contain(Convert.ToHexString(key.Secret)));
    }

    [Test]
    public async Task Key_Revoked_EndsItsBearersInTheMiddleOfARead_AndNobodyElse()
    {
        OfferedRegion region = _server.Offer("shared", 1 << 20);
        RegionKey one = region.Grant(RegionRights.Read);
        await using RemoteRegion revoked = await OpenAsync(one);
        await using RemoteRegion other = await OpenAsync(region.Grant(RegionRights.Read));
        Task reading = Task.Run(async () =>
        {
            byte[] all = new byte[1 << 20];
            while (true)
                await revoked.ReadAsync(0, all);
        });
        await other.ReadAsync(0, new byte[100]);
        Assert.That(region.Revoke(one), Is.True);
        Assert.That(async () => await reading, Throws.InstanceOf<IOException>());
        await other.ReadAsync(0, new byte[100]);
        Assert.That(region.Guests, Is.EqualTo(1));
    }

    [Test]
    public async Task Region_Disposed_EndsAllAndItsNameIsFree()
    {
        OfferedRegion region = _server.Offer("once", 64);
        Assert.That(() => _server.Offer("once", 64), Throws.ArgumentException);
        Assert.That(_server.Find("once"), Is.SameAs(region));
        RegionKey key = region.Grant(RegionRights.All);
        await using RemoteRegion remote = await OpenAsync(key);
        region.Dispose();
        Assert.That(
            async () =>
            {
                while (true)
                    await remote.ReadAsync(0, new byte[8]);
            },
            Throws.InstanceOf<IOException>()
        );
        Assert.That(async () => await OpenAsync(key), Throws.InstanceOf<TransportException>());
        Assert.That(() => region.Grant(RegionRights.All), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => region.Write(0, new byte[1]), Throws.InstanceOf<ObjectDisposedException>());
        _server.Offer("once", 64);
    }

    [Test]
    public async Task Guest_Goes_LeavesNothing()
    {
        OfferedRegion region = _server.Offer("visited", 64);
        RegionKey key = region.Grant(RegionRights.All);
        for (int i = 0; i < 5; i++)
            await using (RemoteRegion remote = await OpenAsync(key))
                await remote.FetchAddAsync(0, 1);
        await Eventually.TrueAsync(() => region.Guests == 0, "all have gone");
    }

    [Test]
    public async Task Operations_MoreThanTurns_AllComeToTheirEnd()
    {
        OfferedRegion region = _server.Offer("busy", 64);
        await using RemoteRegion remote = await OpenAsync(region.Grant(RegionRights.All));
        long[] before = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => remote.FetchAddAsync(0, 1).AsTask()));
        Assert.That(before.Order(), Is.EqualTo(Enumerable.Range(0, 100).Select(i => (long)i)));
    }

    [Test]
    public async Task Broadcast_ReadWhileItIsWritten_IsAlwaysWhole()
    {
        const int Length = 2_000;
        OfferedRegion region = _server.Offer("news", Length + 16);
        BroadcastWriter writer = new(region, 0, Length);
        await using RemoteRegion remote = await OpenAsync(region.Grant(RegionRights.Read));
        BroadcastReader reader = new(remote, 0, Length);
        Assert.That((await reader.ReadAsync()).IsEmpty, "nothing was said yet");
        using CancellationTokenSource enough = new();
        Task writing = Task.Run(() =>
        {
            byte[] value = new byte[Length];
            for (byte i = 1; !enough.IsCancellationRequested; i++)
            {
                value.AsSpan().Fill(i);
                writer.Publish(value.AsSpan(0, Length - (i % 7)));
                Thread.SpinWait(2_000);
            }
        });
        ulong last = 0;
        for (int i = 0; i < 300; i++)
        {
            ReadOnlyMemory<byte> value = await reader.ReadAsync();
            if (value.IsEmpty)
                continue;
            Assert.That(value.Span.IndexOfAnyExcept(value.Span[0]), Is.EqualTo(-1), "all of one value");
            Assert.That(value.Length, Is.EqualTo(Length - (value.Span[0] % 7)));
            Assert.That(reader.Version, Is.GreaterThanOrEqualTo(last));
            last = reader.Version;
        }

        await enough.CancelAsync();
        await writing;
        Assert.That(last, Is.Positive);
    }

    private protected Task<RemoteRegion> OpenAsync(RegionKey key) => RemoteRegion.OpenAsync(transport, key);
}

/// <summary>By RDMA: the devices do it.</summary>
public sealed class RegionTests() : RegionContract(s_transport)
{
    private static readonly RdmaTransport s_transport = new();

    /// <summary>A caller of another make, who does not check what he may: his device is told by the other one.</summary>
    [TestCase(64, 8, true, TestName = "Device_BeyondTheRegion_RefusesAndEndsThatGuestAlone")]
    [TestCase(0, 8, false, TestName = "Device_WithoutTheRight_RefusesAndEndsThatGuestAlone")]
    public async Task Device_Refuses(int offset, int length, bool isRead)
    {
        OfferedRegion region = _server.Offer("guarded", 64);
        OfferedRegion neighbour = _server.Offer("neighbour", 4096);
        await using RemoteRegion honest = await OpenAsync(neighbour.Grant(RegionRights.All));
        await using RegionEnd forger = await RegionEnd.ConnectAsync(
            s_transport,
            s_transport.HoldEvents(),
            region.Grant(RegionRights.Read),
            default
        );
        RegionWork work = await forger.TakeAsync(default);
        IOException? refused = await Assert.ThrowsAsync<IOException>(async () =>
            await forger.DoAsync(work, isRead ? WorkOperation.Read : WorkOperation.Write, offset, length, 0, 0)
        );
        Assert.That(refused!.Message, Does.Contain("does not let us"));
        forger.Return(work);
        byte[] bytes = new byte[64];
        region.Read(0, bytes);
        Assert.That(bytes.AsSpan().IndexOfAnyExcept((byte)0), Is.EqualTo(-1));
        await honest.WriteAsync(0, new byte[8]);
        await Eventually.TrueAsync(() => region.Guests == 0, "who tried is shown out");
    }
}

/// <summary>By TCP: the processor of the node that offers does it.</summary>
public sealed class TcpRegionTests() : RegionContract(new TcpTransport())
{
    /// <summary>A caller of another make, who does not check what he may, is shown out, and nobody else is.</summary>
    [TestCase(0u, 8, 64L, RegionRights.All, TestName = "Service_BeyondTheRegion_ShowsThatGuestOutAlone")]
    [TestCase(0u, 8, -8L, RegionRights.All, TestName = "Service_BeforeTheRegion_ShowsThatGuestOutAlone")]
    [TestCase(0u, -1, 0L, RegionRights.All, TestName = "Service_LessThanNothing_ShowsThatGuestOutAlone")]
    [TestCase(0u, int.MaxValue, 0L, RegionRights.All, TestName = "Service_MoreThanAPart_ShowsThatGuestOutAlone")]
    [TestCase(1u, 8, 0L, RegionRights.Read, TestName = "Service_WithoutTheRightToWrite_ShowsThatGuestOutAlone")]
    [TestCase(3u, 8, 0L, RegionRights.Read | RegionRights.Write, TestName = "Service_WithoutTheRightToCount_ShowsThatGuestOutAlone")]
    [TestCase(3u, 8, 4L, RegionRights.All, TestName = "Service_CountsInNoWord_ShowsThatGuestOutAlone")]
    [TestCase(2u, 4, 0L, RegionRights.All, TestName = "Service_CountsInHalfAWord_ShowsThatGuestOutAlone")]
    [TestCase(4u, 8, 0L, RegionRights.All, TestName = "Service_UnknownAct_ShowsThatGuestOutAlone")]
    public async Task Service_Refuses(uint act, int length, long offset, RegionRights rights)
    {
        OfferedRegion region = _server.Offer("guarded", 64);
        await using RemoteRegion honest = await OpenAsync(region.Grant(RegionRights.Read));
        await using RegionStream forger = await RegionStream.ConnectAsync(new TcpTransport(), region.Grant(rights), default);
        RegionFrame frame = new((RegionAct)act, length, offset, 1, 1);
        Assert.That(async () => await forger.DoAsync(frame, new byte[8], new byte[8], default), Throws.InstanceOf<IOException>());
        byte[] bytes = new byte[64];
        await honest.ReadAsync(0, bytes);
        Assert.That(bytes.AsSpan().IndexOfAnyExcept((byte)0), Is.EqualTo(-1));
        await Eventually.TrueAsync(() => region.Guests == 1, "who tried is shown out");
    }
}
