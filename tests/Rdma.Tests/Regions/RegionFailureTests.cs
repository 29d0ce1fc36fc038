using System.Net;
using CloudScale.Interop.Rdma;

namespace CloudScale.Rdma.Tests.Regions;

/// <summary>Regions over a device that fails, and keys that come from anybody.</summary>
[Category("Rdma"), NonParallelizable, CancelAfter(60_000)]
public sealed class RegionFailureTests
{
    private const int NoMemory = 12; // ENOMEM

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

    /// <summary>Every call that makes something fails, once each, on either side.</summary>
    [Test]
    public async Task SetUp_EachCallFailsInTurn_IsToldAndLeavesNothing()
    {
        int told = 0;
        bool isPlanted = false;
        for (int after = 0; !isPlanted; after++)
        {
            RdmaTransport transport = new();
            FakeDevice.csn_fake_fail_call(null, after, NoMemory);
            using CancellationTokenSource limit = new(TimeSpan.FromSeconds(5));
            try
            {
                await using RegionServer server = RegionServer.Start(transport, RegionContract.Anywhere);
                using OfferedRegion region = server.Offer("r", 64);
                await using RemoteRegion remote = await RemoteRegion.OpenAsync(transport, region.Grant(RegionRights.All), limit.Token);
                await remote.FetchAddAsync(0, 1);
            }
            catch (IOException)
            {
                told++;
            }

            isPlanted = FakeDevice.csn_fake_is_planted() != 0;
            FakeDevice.csn_fake_reset((ulong)after, 0);
            await Eventually.TrueAsync(() => FakeDevice.Objects == 0, $"after call {after} nothing is left");
        }

        Assert.That(told, Is.GreaterThan(15));
    }

    /// <summary>The poller's thread stands aside while callers look, and sleeps; who gives up looking wakes it.</summary>
    [Test]
    public async Task Operation_TakesLongerThanItsCallerLooks_IsFoundByThePoller()
    {
        RdmaTransport transport = new(new RdmaTransportOptions { PollFor = TimeSpan.FromMilliseconds(20) });
        await using RegionServer server = RegionServer.Start(transport, RegionContract.Anywhere);
        OfferedRegion region = server.Offer("r", 64);
        await using RemoteRegion remote = await RemoteRegion.OpenAsync(transport, region.Grant(RegionRights.All));
        const int Turns = 20;
        const int OneAfterAnother = 100; // more than a caller does without looking, after one that took too long
        for (int turn = 0; turn < Turns; turn++)
        {
            for (int i = 0; i < OneAfterAnother; i++)
                await remote.FetchAddAsync(0, 1);
            FakeDevice.csn_fake_hold(1);
            Task<long> held = remote.FetchAddAsync(0, 1).AsTask(); // comes back when it is not looked for any more
            Assert.That(held.IsCompleted, Is.False);
            FakeDevice.csn_fake_hold(0);
            Assert.That(await held.WaitAsync(Eventually.Patience), Is.EqualTo(((turn + 1) * (OneAfterAnother + 1)) - 1));
        }
    }

    [TestCase(4)] // the key of our own memory is wrong
    [TestCase(12)] // the other side is silent
    public async Task Work_Fails_EndsAllThatIsUnderWay(int status)
    {
        RdmaTransport transport = new();
        await using RegionServer server = RegionServer.Start(transport, RegionContract.Anywhere);
        OfferedRegion region = server.Offer("r", 64);
        await using RemoteRegion remote = await RemoteRegion.OpenAsync(transport, region.Grant(RegionRights.All));
        FakeDevice.csn_fake_fail_work(3, status);
        Task<long>[] calls = [.. Enumerable.Range(0, 30).Select(_ => remote.FetchAddAsync(0, 1).AsTask())];
        Assert.That(async () => await Task.WhenAll(calls), Throws.InstanceOf<IOException>());
        Assert.That(calls.Count(call => call.IsCompletedSuccessfully), Is.EqualTo(3));
        Assert.That(async () => await remote.FetchAddAsync(0, 1), Throws.InstanceOf<IOException>(), "and it stays so");
    }

    [Test]
    public async Task Device_Removed_EndsBothSides()
    {
        RdmaTransport transport = new();
        await using RegionServer server = RegionServer.Start(transport, RegionContract.Anywhere);
        OfferedRegion region = server.Offer("r", 64);
        await using RemoteRegion remote = await RemoteRegion.OpenAsync(transport, region.Grant(RegionRights.All));
        FakeDevice.csn_fake_remove();
        Assert.That(async () => await remote.FetchAddAsync(0, 1), Throws.InstanceOf<IOException>());
        await Eventually.TrueAsync(() => region.Guests == 0, "nobody is there any more");
    }

    [Test]
    public async Task Operation_OfOnePart_AllocatesNothing()
    {
        RdmaTransport transport = new();
        await using RegionServer server = RegionServer.Start(transport, RegionContract.Anywhere);
        OfferedRegion region = server.Offer("r", 64);
        await using RemoteRegion remote = await RemoteRegion.OpenAsync(transport, region.Grant(RegionRights.All));
        byte[] bytes = new byte[32];
        async Task DoAsync(int count)
        {
            for (int i = 0; i < count; i++)
            {
                await remote.FetchAddAsync(0, 1);
                await remote.WriteAsync(8, bytes);
                await remote.ReadAsync(8, bytes);
            }
        }

        const long bound = 6_000 * 8;
        long allocated = await AllocatedBytes.LeastAsync(() => Task.Run(() => DoAsync(2_000)), bound); // away from the context of the test
        Assert.That(allocated, Is.LessThan(bound), "an object each would be 24 bytes and more");
    }

    [Test]
    public void Key_AsATerm_ComesBack()
    {
        RegionKey key = new("name", new IPEndPoint(IPAddress.Parse("10.0.0.7"), 4711), 4096, RegionRights.Read, 3, new byte[16]);
        Assert.That(RegionKey.TryRead(key.ToTerm(), out RegionKey? read), Is.True);
        Assert.That(read, Is.EqualTo(key));
        Assert.That((read!.Name, read.LengthBytes), Is.EqualTo(("name", 4096L)));
    }

    [Test]
    public void Key_OfWhatIsNone_IsRefused()
    {
        RegionKey key = new("name", new IPEndPoint(IPAddress.Loopback, 1), 64, RegionRights.Read, 3, new byte[16]);
        object[] parts = [.. key.ToTerm().Cast<object>()];
        object[] wrong = [Atom.Of("other"), 7L, new byte[5], 70_000L, 7L, 8L, -1L, new byte[15]];
        for (int i = 0; i < parts.Length; i++)
        {
            object[] changed = [.. parts];
            changed[i] = wrong[i];
            Assert.That(RegionKey.TryRead(Tuple.Of(changed), out _), Is.False, $"part {i}");
        }

        Assert.That(RegionKey.TryRead(Tuple.Of(parts.AsSpan(0, 7)), out _), Is.False);
        Assert.That(RegionKey.TryRead(null, out _), Is.False);
    }
}
