using System.IO.Pipelines;
using System.Net;
using CloudScale.Interop.Rdma;
using CloudScale.Interop.Transport;

namespace CloudScale.Rdma.Tests;

/// <summary>Connections and regions that come and go in great number, with traffic both ways, while things fail; between the rounds everything is counted.</summary>
/// <remarks>Each direction carries a stream that its place in it determines, so a byte that is lost, doubled or out of order shows at once.</remarks>
internal sealed class Endurance(int seed, TimeSpan duration, int atLeastConnections)
{
    private const int Together = 4;
    private const int PerRound = 32;
    private const int SpareDescriptors = 8; // of the runtime, which opens some as it likes
    private static readonly TimeSpan s_faultsWithin = TimeSpan.FromMilliseconds(20);

    private readonly RdmaTransport _transport = new(new RdmaTransportOptions { RingBytes = 16 * 1024, MaxWriteBytes = 4096 });
    private long _bytes;
    private long _broken;
    private long _operations;
    private int _connections;

    private enum Fault
    {
        None,
        Work,
        Cable,
        Device,
    }

    /// <summary>Runs until both are reached, the time and the number; the result in one line.</summary>
    internal async Task<string> RunAsync()
    {
        long start = Environment.TickCount64;
        Random random = new(seed);
        int descriptors = 0;
        int rounds = 0;
        for (; Environment.TickCount64 - start < duration.TotalMilliseconds || _connections < atLeastConnections; rounds++)
        {
            Fault fault = FakeDevice.RealAddress is null ? (Fault)random.Next(4) : Fault.None;
            if (FakeDevice.RealAddress is null)
                FakeDevice.csn_fake_reset((ulong)(seed + rounds), random.Next(2) * 30);
            int first = random.Next();
            Task[] workers =
            [
                .. Enumerable
                    .Range(0, Together)
                    .Select(worker => Task.Run(() => WorkAsync(new Random(first + worker), fault == Fault.None))),
            ];
            await PlantAsync(fault, random);
            await Task.WhenAll(workers);
            if (FakeDevice.RealAddress is null)
                FakeDevice.csn_fake_reset(1, 0);
            await Eventually.TrueAsync(
                () => FakeDevice.Objects == 0,
                $"seed {seed}, round {rounds} ({fault}): nothing is left, and nothing is pinned"
            );
            if (FakeDevice.RealAddress is null)
                Assert.That(FakeDevice.Counts.Objects, Is.Zero, $"seed {seed}, round {rounds} ({fault}): as the device counts");
            int open = Directory.GetFiles("/proc/self/fd").Length;
            descriptors = rounds < 3 ? Math.Max(descriptors, open) : descriptors;
            Assert.That(open, Is.LessThanOrEqualTo(descriptors + SpareDescriptors), $"seed {seed}, round {rounds}: descriptors");
        }

        double seconds = (Environment.TickCount64 - start) / 1000.0;
        return $"{_connections} connections in {rounds} rounds and {seconds:0} s, {_broken} broken on purpose, {_bytes / 1e6:0.0} MB and {_operations} operations on regions checked: nothing lost, nothing left";
    }

    private static async Task PlantAsync(Fault fault, Random random)
    {
        if (fault == Fault.None)
            return;
        await Task.Delay(random.Next((int)s_faultsWithin.TotalMilliseconds));
        switch (fault)
        {
            case Fault.Work:
                FakeDevice.csn_fake_fail_work(random.Next(200), random.Next(2) == 0 ? 10 : 12);
                break;
            case Fault.Cable:
                FakeDevice.csn_fake_cut(1);
                await Task.Delay(random.Next(5));
                FakeDevice.csn_fake_cut(0);
                break;
            default:
                FakeDevice.csn_fake_remove();
                await Task.Delay(random.Next(5));
                FakeDevice.csn_fake_reset((ulong)random.Next(), 0);
                break;
        }
    }

    private async Task WorkAsync(Random random, bool isSound)
    {
        for (int i = 0; i < PerRound / Together; i++)
            try
            {
                if (random.Next(4) == 0)
                    await UseRegionAsync(random);
                else
                    await TalkAsync(random);
                Interlocked.Increment(ref _connections);
            }
            catch (Exception e) when (!isSound && e is IOException or OperationCanceledException)
            {
                Interlocked.Increment(ref _broken);
            }
    }

    private static IPEndPoint Anywhere => new(IPAddress.Parse(FakeDevice.RealAddress ?? "127.0.0.1"), 0);

    private async Task TalkAsync(Random random)
    {
        await using RdmaPair pair = await RdmaPair.ConnectAsync(_transport, Anywhere, TimeSpan.FromSeconds(10));
        bool breaks = random.Next(3) == 0;
        (int there, int back) = (random.Next(60_000), random.Next(60_000));
        Task[] all =
        [
            WriteAsync(pair.Near, there, random.Next()),
            WriteAsync(pair.Far, back, random.Next()),
            ReadAsync(pair.Far, there, breaks),
            ReadAsync(pair.Near, back, breaks),
        ];
        if (breaks)
        {
            await Task.Yield();
            (random.Next(2) == 0 ? pair.Near : pair.Far).Abort();
            Interlocked.Increment(ref _broken);
        }

        try
        {
            await Task.WhenAll(all);
        }
        catch (IOException) when (breaks)
        {
            // What has arrived was right; that is all there is to say of a connection that was broken.
        }
    }

    private static async Task WriteAsync(ITransportConnection connection, int length, int seed)
    {
        Random random = new(seed);
        byte[] all = new byte[length];
        for (int i = 0; i < length; i++)
            all[i] = At(i);
        await Task.Yield();
        for (int done = 0; done < length; )
        {
            int part = Math.Min(length - done, random.Next(1, 9_000));
            if ((await connection.Output.WriteAsync(all.AsMemory(done, part))).IsCompleted)
                throw new IOException("nobody reads any more");
            done += part;
        }

        await connection.Output.CompleteAsync();
    }

    private async Task ReadAsync(ITransportConnection connection, int length, bool breaks)
    {
        await Task.Yield();
        int position = 0;
        while (true)
        {
            ReadResult result = await connection.Input.ReadAsync();
            foreach (ReadOnlyMemory<byte> part in result.Buffer)
            foreach (byte found in part.Span)
                if (found != At(position++))
                    throw new InvalidDataException($"seed {seed}: byte {position - 1} is {found}");
            connection.Input.AdvanceTo(result.Buffer.End);
            if (!result.IsCompleted)
                continue;
            Interlocked.Add(ref _bytes, position);
            if (position != length && !breaks)
                throw new InvalidDataException($"seed {seed}: an end after {position} of {length} bytes");
            return;
        }
    }

    private async Task UseRegionAsync(Random random)
    {
        await using RegionServer server = RegionServer.Start(_transport, Anywhere);
        OfferedRegion region = server.Offer("r", 8192);
        RegionKey key = region.Grant(RegionRights.All);
        await using RemoteRegion remote = await RemoteRegion.OpenAsync(_transport, key);
        byte[] bytes = new byte[4096];
        for (int i = 0; i < 20; i++)
        {
            if (await remote.FetchAddAsync(0, 1) != i)
                throw new InvalidDataException($"seed {seed}: count {i} was lost or doubled");
            bytes.AsSpan().Fill((byte)i);
            await remote.WriteAsync(4096, bytes);
            await remote.ReadAsync(4096, bytes);
            if (bytes.AsSpan().IndexOfAnyExcept((byte)i) >= 0)
                throw new InvalidDataException($"seed {seed}: what was written {i}th is not what is read");
            Interlocked.Add(ref _operations, 3);
        }

        if (random.Next(2) == 0)
            region.Revoke(key);
    }

    /// <summary>A stream in which no piece is like another for long.</summary>
    private static byte At(int position) => (byte)((position * 2654435761u) >> 24);
}
