using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CloudScale.Interop.Connections;
using CloudScale.Interop.Handshake;
using Microsoft.Extensions.Logging;

namespace CloudScale.Interop.Tests.Connections;

/// <summary>
/// A crowd that means harm: a thousand handshakes that go no further, lengths of 100 MB with nothing behind them, garbage at every stage. Meanwhile a good peer connects at once and
/// memory stays where it was.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase), CancelAfter(120_000)]
public sealed class HostileCrowdTests
{
    private const int Crowd = 1_000;
    private const long MemoryBound = 50L << 20;
    private const DistributionFlags AllFlags = FlagSets.Implemented | DistributionFlags.Published;

    // What a good peer may take on a machine that does nothing else is 100 ms. Here the crowd itself, its node and other tests share the processors: five times as much.
    private static readonly TimeSpan s_connectBound = TimeSpan.FromMilliseconds(5 * 100);

    private static readonly string[] s_promises =
    [
        "05F5E100", // a packet of 100 MB, and nothing
        "05F5E10070836804610658", // of which the control message has begun
        "05F5E100834401", // a header whose atoms do not come
        "05F5E100834500000000000000010000000000FFFFFF00", // the first of 16 million fragments
        "0000000A70836D05F5E100AA", // a binary of 100 MB in a packet of 10 bytes
        "0000000A70836C05F5E1006A", // a list of 100 million elements
        "0000000A70836905F5E1006A", // a tuple
        "0000000A70837405F5E1006A", // a map
        "0000000A70836F05F5E1000A", // an integer of 100 MB
        "0000000B70834D05F5E10001AA", // bits
        "0000000A70835005F5E100AA", // compressed, said to be 100 MB
        "000000157083680361026A6D05F5E100000000000000000000", // a message of 100 MB
    ];

    private readonly InMemoryNodeDirectory _directory = new();

    [Test]
    public async Task Crowd_OfAThousandHalfOpenHandshakes_KeepsNobodyOut_AndTakesNoMemory()
    {
        await using TestNode node = await StartAsync("node@127.0.0.1");
        await MeasureConnectAsync(node, rounds: 3); // what is allocated once, and compiled
        long before = ResidentBytes();

        List<Socket> crowd = [];
        try
        {
            for (int i = 0; i < Crowd; i++)
                crowd.Add(await HalfOpenAsync(node, i));
            await GoodPeerConnectsAsync(node);
            Assert.That(
                ResidentBytes() - before,
                Is.LessThan(MemoryBound),
                "bytes that a thousand callers took, their own sockets included"
            );
        }
        finally
        {
            crowd.ForEach(socket => socket.Dispose());
        }

        Assert.That(node.Log.AtLeast(LogLevel.Critical), Is.Empty);
    }

    [Test]
    public async Task Members_ThatDeclareAHundredMegabytes_TakeNoMemory_AndDelayNobody()
    {
        await using TestNode node = await StartAsync("node@127.0.0.1");
        await MeasureConnectAsync(node, rounds: 3);
        long before = ResidentBytes();

        List<Socket> members = [];
        try
        {
            for (int i = 0; i < 8 * s_promises.Length; i++)
            {
                string promise = s_promises[i % s_promises.Length];
                bool isPlain = promise.AsSpan(8).StartsWith("7083");
                Socket member = await RawPeer.HandshakeAsync(
                    node.Distribution.EndPoint,
                    $"member{i}@127.0.0.1",
                    "cookie",
                    flags: isPlain ? RawPeer.PlainFlags : AllFlags
                );
                members.Add(member);
                await member.SendAsync(Convert.FromHexString(promise));
            }

            await GoodPeerConnectsAsync(node);
            Assert.That(
                node.Distribution.Nodes.Count(peer => peer.Name.Name.StartsWith("member", StringComparison.Ordinal)),
                Is.GreaterThanOrEqualTo(8 * 2),
                "those whose 100 MB may still come"
            );
            Assert.That(ResidentBytes() - before, Is.LessThan(MemoryBound));
        }
        finally
        {
            members.ForEach(socket => socket.Dispose());
        }

        Assert.That(node.Log.AtLeast(LogLevel.Critical), Is.Empty);
    }

    [Test]
    public async Task Garbage_AtEveryStage_EndsItsConnection_AndDelaysNobody()
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        await using TestNode node = await StartAsync("node@127.0.0.1");
        await MeasureConnectAsync(node, rounds: 3);
        long before = ResidentBytes();

        using CancellationTokenSource enough = new();
        Task noise = Task.Run(async () =>
        {
            for (int i = 0; !enough.IsCancellationRequested; i++)
                await ThrowGarbageAsync(node, random, stage: i % 5, i);
        });
        await GoodPeerConnectsAsync(node);
        await enough.CancelAsync();
        await noise;

        for (int stage = 0; stage < 5; stage++)
        for (int i = 0; i < 40; i++)
            await ThrowGarbageAsync(node, random, stage, i);
        Assert.That(ResidentBytes() - before, Is.LessThan(MemoryBound), $"seed {seed}");
        Assert.That(node.Log.AtLeast(LogLevel.Critical), Is.Empty, $"seed {seed}");
        await GoodPeerConnectsAsync(node);
    }

    /// <summary>A caller who stops: before the first byte, inside of a frame, after the name, or with 64 KB declared, the most a frame of the handshake can.</summary>
    private static async Task<Socket> HalfOpenAsync(TestNode node, int i)
    {
        Socket socket = await RawPeer.ConnectAsync(node.Distribution.EndPoint);
        byte[] name = RawPeer.NameMessage($"half{i}@127.0.0.1");
        byte[] said = (i % 5) switch
        {
            0 => [],
            1 => [0xFF],
            2 => [0xFF, 0xFF, (byte)'N'],
            3 => name[..(name.Length / 2)],
            _ => name,
        };
        if (said.Length > 0)
            await socket.SendAsync(said);
        return socket;
    }

    private static async Task ThrowGarbageAsync(TestNode node, Random random, int stage, int i)
    {
        byte[] garbage = new byte[random.Next(1, 2_000)];
        random.NextBytes(garbage);
        string name = $"noise{i % 4}@127.0.0.1";
        using Socket socket =
            stage < 4
                ? await RawPeer.ConnectAsync(node.Distribution.EndPoint)
                : await RawPeer.HandshakeAsync(
                    node.Distribution.EndPoint,
                    $"noise{stage}_{Guid.NewGuid():N}@127.0.0.1",
                    "cookie",
                    flags: AllFlags
                );
        if (stage is 1 or 2 or 3)
            await socket.SendAsync(RawPeer.NameMessage(name));
        if (stage is 2 or 3 && Encoding.ASCII.GetString(await RawPeer.ReadFrameAsync(socket)) is "sok")
            await RawPeer.ReadFrameAsync(socket);
        if (stage == 3)
            garbage = [0, 21, (byte)'r', .. garbage.Concat(new byte[20]).Take(20)]; // a reply with a wrong digest
        if (stage == 4)
            garbage =
            [
                0,
                0,
                (byte)(garbage.Length >> 8),
                (byte)garbage.Length,
                .. random.Next(2) == 0 ? [131, (byte)random.Next(68, 71)] : new byte[] { 112, 131 },
                .. garbage,
            ];
        try
        {
            await socket.SendAsync(garbage);
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            return; // it has hung up already
        }

        await RawPeer.ReadToEndAsync(socket);
    }

    private async Task GoodPeerConnectsAsync(TestNode node)
    {
        TimeSpan median = await MeasureConnectAsync(node, rounds: 9);
        TestContext.Out.WriteLine($"a good peer is connected after {median.TotalMilliseconds:F1} ms");
        Assert.That(median, Is.LessThan(s_connectBound));
    }

    /// <summary>The median time from the wish to connect to the connection, each round by a node of its own.</summary>
    private async Task<TimeSpan> MeasureConnectAsync(TestNode node, int rounds)
    {
        List<TimeSpan> times = [];
        for (int round = 0; round < rounds; round++)
        {
            await using TestNode friend = await StartAsync($"friend{round}@127.0.0.1");
            long start = Stopwatch.GetTimestamp();
            Assert.That(await friend.Distribution.ConnectAsync(node.Name), string.Join('\n', friend.Log.AtLeast(LogLevel.Warning)));
            times.Add(Stopwatch.GetElapsedTime(start));
        }

        times.Sort();
        return times[rounds / 2];
    }

    private static long ResidentBytes()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using Process self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }

    private Task<TestNode> StartAsync(string name) =>
        TestNode.StartAsync(
            new DistributionOptions
            {
                Name = name,
                Cookie = "cookie",
                ListenAddress = IPAddress.Loopback,
                Directory = _directory,
            }
        );
}
