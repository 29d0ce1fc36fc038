using CloudScale.Interop.Rdma;
using CloudScale.Interop.Transport;

namespace CloudScale.Rdma.Tests.Regions;

/// <summary>Whether what devices do together to 8 bytes could have been done one after the other.</summary>
[Category("Rdma"), NonParallelizable, CancelAfter(120_000)]
public sealed class RegionHistoryTests
{
    private const int Clients = 3;
    private const int Calls = 5;

    private long _before;

    private static int Histories => FakeDevice.RealAddress is null ? 1_200 : 100;

    [SetUp]
    public void Device()
    {
        FakeDevice.Use(maxDelayMicroseconds: 30);
        _before = FakeDevice.Objects;
    }

    [TearDown]
    public Task NothingIsLeft() => FakeDevice.NoMoreThanAsync(_before);

    [Test]
    public Task Register_RandomHistories_AreLinearizable() => CheckAsync(new RdmaTransport(), mixes: FakeDevice.RealAddress is null);

    [Test]
    public Task Register_RandomHistoriesByTcp_AreLinearizable() => CheckAsync(new TcpTransport(), mixes: true);

    /// <param name="transport">The way there.</param>
    /// <param name="mixes">Whether words are both written and counted in. Devices do not promise that: one that swaps may overwrite what is written meanwhile, as rdma_rxe was seen to do.</param>
    private static async Task CheckAsync(ITransport transport, bool mixes)
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        await using RegionServer server = await RegionServer.StartAsync(transport, RegionContract.Anywhere);
        OfferedRegion region = server.Offer("registers", Histories * sizeof(long));
        RegionKey key = region.Grant(RegionRights.All);
        RemoteRegion[] clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => RemoteRegion.OpenAsync(transport, key)));
        for (int i = 0; i < Histories; i++)
        {
            History<RegisterCall, long> history = new();
            int round = i;
            await Task.WhenAll(
                clients.Select(
                    (memory, client) =>
                        Task.Run(async () =>
                        {
                            Random random = new(seed + (round * Clients) + client);
                            for (int call = 0; call < Calls; call++)
                            {
                                RegisterCall asked = RegisterModel.Any(random, mixes || round % 2 == 0, mixes || round % 2 != 0);
                                await history.CallAsync(client, asked, () => RegisterModel.DoAsync(memory, round * sizeof(long), asked));
                            }
                        })
                )
            );
            Assert.That(
                RegisterModel.Holds(history.Calls),
                Is.True,
                $"seed {seed}, history {i}: {string.Join("; ", history.Calls.OrderBy(call => call.Begin))}"
            );
        }

        foreach (RemoteRegion client in clients)
            await client.DisposeAsync();
    }

    /// <summary>The lock, by devices: handed over among clients, and from one whose node has died.</summary>
    [Test]
    public async Task Lock_HandedOver_HasOneHolderAtATime()
    {
        RdmaTransport transport = new();
        await using RegionServer server = RegionServer.Start(transport, RegionContract.Anywhere);
        OfferedRegion region = server.Offer("a lock and a number", DistributedLock.LengthBytes + sizeof(long));
        RegionKey key = region.Grant(RegionRights.All);
        History<LockCall, bool> history = new();
        // Who dies with the lock in hand: its way is closed, and others know that its owner is gone.
        RemoteRegion dying = await RemoteRegion.OpenAsync(transport, key);
        DistributedLockHold last = await new DistributedLock(dying, 0, Options(9)).AcquireAsync();
        history.Add(9, history.Now(), new LockCall(LockAct.Acquire, last.Token), true);
        history.AddUnanswered(9, history.Now(), new LockCall(LockAct.Lost, last.Token));
        await dying.DisposeAsync();

        await Task.WhenAll(
            Enumerable
                .Range(0, Clients)
                .Select(client =>
                    Task.Run(async () =>
                    {
                        await using RemoteRegion memory = await RemoteRegion.OpenAsync(transport, key);
                        DistributedLock mutex = new(memory, 0, Options(client + 1));
                        for (int turn = 0; turn < Calls; turn++)
                        {
                            long begin = history.Now();
                            DistributedLockHold hold = await mutex.AcquireAsync();
                            history.Add(client, begin, new LockCall(LockAct.Acquire, hold.Token), true);
                            // Counts by reading and writing, which only works for one at a time.
                            RegisterCall read = new(RegisterAct.Read);
                            long number = await RegisterModel.DoAsync(memory, DistributedLock.LengthBytes, read);
                            RegisterCall write = new(RegisterAct.Write, number + 1);
                            await RegisterModel.DoAsync(memory, DistributedLock.LengthBytes, write);
                            begin = history.Now();
                            bool wasMine = await hold.ReleaseAsync();
                            history.Add(client, begin, new LockCall(LockAct.Release, hold.Token), wasMine);
                        }
                    })
                )
        );
        Assert.That(LockModel.Holds(history.Calls), Is.True);
        byte[] number = new byte[sizeof(long)];
        region.Read(DistributedLock.LengthBytes, number);
        Assert.That(BitConverter.ToInt64(number), Is.EqualTo(Clients * Calls));
    }

    /// <summary>Who stands in line and gives up is passed over at once, not when a lease is over.</summary>
    [Test]
    public async Task Lock_OneInLineGivesUp_TheTurnPassesToTheNext()
    {
        RdmaTransport transport = new();
        await using RegionServer server = RegionServer.Start(transport, RegionContract.Anywhere);
        RegionKey key = server.Offer("a lock", DistributedLock.LengthBytes).Grant(RegionRights.All);
        await using RemoteRegion memory = await RemoteRegion.OpenAsync(transport, key);
        DistributedLockHold first = await new DistributedLock(memory, 0, Options(1)).AcquireAsync();
        using CancellationTokenSource patience = new();
        Task<DistributedLockHold> second = new DistributedLock(memory, 0, Options(2)).AcquireAsync(patience.Token).AsTask();
        await Eventually.TrueAsync(async () => await NextTicketAsync() == 2, "the second is in line");
        Task<DistributedLockHold> third = new DistributedLock(memory, 0, Options(3)).AcquireAsync().AsTask();
        await Eventually.TrueAsync(async () => await NextTicketAsync() == 3, "the third is in line");
        await patience.CancelAsync();
        Assert.That(async () => await second, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(third.IsCompleted, Is.False);
        Assert.That(await first.ReleaseAsync(), Is.True);
        DistributedLockHold last = await third.WaitAsync(Eventually.Patience);
        Assert.That(last.Token, Is.EqualTo(2));
        Assert.That(await last.ReleaseAsync(), Is.True);

        ValueTask<long> NextTicketAsync() => RegisterModel.DoAsync(memory, 0, new RegisterCall(RegisterAct.Read));
    }

    private static DistributedLockOptions Options(long owner) =>
        new()
        {
            Owner = owner,
            IsAlive = other => other != 9,
            Lease = TimeSpan.FromMinutes(5),
        };
}
