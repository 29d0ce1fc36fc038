using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using CloudScale.Interop.Connections;
using CloudScale.Interop.Epmd;
using Microsoft.Extensions.Logging;

namespace CloudScale.Interop.Tests.Connections;

/// <summary>Raw bytes at the port of a running node.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase), CancelAfter(60_000)]
public sealed class StrangerTests
{
    private const string Name = "node@127.0.0.1";

    [Test]
    public async Task Stranger_Garbage_LeavesTheNodeAtWork()
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        await using TestNode node = await StartAsync();
        for (int i = 0; i < 100; i++)
        {
            byte[] garbage = new byte[random.Next(1, 200)];
            random.NextBytes(garbage);
            if (garbage.Length > 2 && random.Next(2) == 0)
                BinaryPrimitives.WriteUInt16BigEndian(garbage, (ushort)(garbage.Length - 2)); // a whole frame of garbage
            using Socket stranger = await RawPeer.ConnectAsync(node.Distribution.EndPoint);
            await stranger.SendAsync(garbage);
            stranger.Shutdown(SocketShutdown.Send);
            await RawPeer.ReadToEndAsync(stranger);
        }

        using Socket peer = await RawPeer.HandshakeAsync(node.Distribution.EndPoint, "friend@127.0.0.1", "cookie");
        await node.Events.NextAsync("up");
        Assert.That(node.Log.AtLeast(LogLevel.Critical), Is.Empty);
    }

    [Test]
    public async Task Stranger_NameOfAnUnknownNode_MakesNoAtom()
    {
        await using TestNode node = await StartAsync();
        string name = $"stranger{Guid.NewGuid():N}@127.0.0.1";
        using (Socket stranger = await RawPeer.ConnectAsync(node.Distribution.EndPoint))
        {
            await stranger.SendAsync(RawPeer.NameMessage(name));
            Assert.That(await RawPeer.ReadFrameAsync(stranger), Is.EqualTo("sok"u8.ToArray()));
        }

        Assert.That(Atom.TryGetExisting(name, out _), Is.False);
    }

    [Test]
    public async Task Stranger_SilentAfterConnecting_IsClosedAfterTheSetupTime()
    {
        ManualTimeProvider time = new();
        await using TestNode node = await StartAsync(options => options with { TimeProvider = time });
        using Socket stranger = await RawPeer.ConnectAsync(node.Distribution.EndPoint);
        await Eventually.TrueAsync(() => time.ArmedTimers > 0, "the handshake has begun");
        time.Advance(TimeSpan.FromSeconds(7));
        Assert.That(await stranger.ReceiveAsync(new byte[1]), Is.Zero);
        await Eventually.TrueAsync(
            () => node.Log.AtLeast(LogLevel.Warning).Any(line => line.Contains("did not end within")),
            "it is logged"
        );
    }

    [Test, Repeat(20)] // Whoever has been at it longest must be so whatever order the callers' tasks run in.
    public async Task Stranger_TooManyAtOnce_TheOldestMakesRoom_AndAGoodPeerGetsIn()
    {
        await using TestNode node = await StartAsync(options => options with { MaxIncomingHandshakes = 2 });
        List<Socket> idle = [];
        for (int i = 0; i < 20; i++)
            idle.Add(await RawPeer.ConnectAsync(node.Distribution.EndPoint));
        using Socket peer = await RawPeer.HandshakeAsync(node.Distribution.EndPoint, "friend@127.0.0.1", "cookie");
        await node.Events.NextAsync("up");
        await Eventually.TrueAsync(
            () => node.Log.AtLeast(LogLevel.Warning).Any(line => line.Contains("MaxIncomingHandshakes")),
            "it is logged"
        );
        foreach (Socket socket in idle)
            socket.Dispose();
    }

    [Test]
    public void Address_CallsTooOften_HasToWait_AndThisMachineHasNot()
    {
        AddressLimiter limiter = new(callsPerSecond: 10, ticksPerSecond: 1_000);
        Assert.That(Enumerable.Range(0, 12).Count(_ => limiter.TryTake("10.0.0.1:1234", 0)), Is.EqualTo(10));
        Assert.That(limiter.TryTake("10.0.0.2:1234", 0), "another address");
        Assert.That(limiter.TryTake("10.0.0.1:99", 50), Is.False);
        Assert.That(limiter.TryTake("10.0.0.1:99", 150), Is.True);
        Assert.That(Enumerable.Range(0, 100).All(_ => limiter.TryTake("127.0.0.1:1", 0) && limiter.TryTake("memory:a", 0)));
        for (int i = 0; i < 10_000; i++)
            limiter.TryTake($"10.1.{i / 256}.{i % 256}:1", 10_000 + i);
        Assert.That(limiter.TryTake("10.0.0.1:99", 30_000));
    }

    [TestCase("secret", "0.0.0.0")]
    [TestCase("MONSTER", "0.0.0.0")]
    [TestCase("nocookie", "10.0.0.1")]
    public void Listen_BeyondThisMachineWithAKnownCookie_IsRefused(string cookie, string address)
    {
        DistributionOptions options = new()
        {
            Name = Name,
            Cookie = cookie,
            ListenAddress = IPAddress.Parse(address),
        };
        Assert.That(() => new Distribution(options, new RecordingEvents()), Throws.ArgumentException.With.Message.Contain("ListenAddress"));
        Assert.DoesNotThrow(() => _ = new Distribution(options with { ListenAddress = IPAddress.Loopback }, new RecordingEvents()));
    }

    [TestCase("000000057083680161", "malformed control message")]
    [TestCase("0000000483836A00", "another packet type")]
    [TestCase("7FFFFFFF", "a length over the limit")]
    [TestCase("0000000870836803611D6A6A", "an operation that was not offered: SPAWN_REQUEST")]
    public async Task Peer_SendsNonsenseAfterTheHandshake_IsClosedWithAReason(string hex, string what)
    {
        await using TestNode node = await StartAsync();
        using Socket peer = await RawPeer.HandshakeAsync(node.Distribution.EndPoint, "friend@127.0.0.1", "cookie");
        await peer.SendAsync(Convert.FromHexString(hex));
        Assert.That(await RawPeer.ReadToEndAsync(peer), Is.Empty, what);
        await node.Events.NextAsync("up");
        await node.Events.NextAsync("down");
        Assert.That(node.Log.AtLeast(LogLevel.Error), Has.Some.Contains("friend@127.0.0.1"), what);
    }

    [Test]
    public async Task Peer_SendsInSingleBytes_IsUnderstood()
    {
        await using TestNode node = await StartAsync();
        using Socket peer = await RawPeer.HandshakeAsync(node.Distribution.EndPoint, "friend@127.0.0.1", "cookie", oneByOne: true);
        string pid = "587710" + Convert.ToHexString("friend@127.0.0.1"u8) + "00000001" + "00000000" + "00000007";
        string packet = "7083" + "68046106" + pid + "7700" + "770474657374" + "83" + "6107";
        foreach (byte one in Convert.FromHexString((packet.Length / 2).ToString("X8") + packet))
            await peer.SendAsync(new[] { one });
        await node.Events.NextAsync("up");
        Recorded message = await node.Events.NextAsync("named");
        Assert.That(message.Values[1..], Is.EqualTo(new object[] { Atom.Of("test"), 7L }));
    }

    private static Task<TestNode> StartAsync(Func<DistributionOptions, DistributionOptions>? with = null)
    {
        DistributionOptions options = new()
        {
            Name = Name,
            Cookie = "cookie",
            ListenAddress = IPAddress.Loopback,
            Epmd = new EpmdOptions { Port = OtpInstallation.FreePort() },
        };
        return TestNode.StartAsync(with?.Invoke(options) ?? options);
    }
}
