using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Runtime.InteropServices;
using CloudScale.Interop.Rdma;
using CloudScale.Interop.Transport;

namespace CloudScale.Rdma.Tests;

/// <summary>What only a kernel can do: another process that stops or dies, a cable that is cut, a device that is taken away. In the guest, whose devices these are.</summary>
[Category("Rdma"), NonParallelizable, CancelAfter(120_000)]
public sealed class RealDeviceTests
{
    private const int Kill = 9; // SIGKILL
    private const int Continue = 18; // SIGCONT
    private const int Stop = 19; // SIGSTOP

    private long _before;

    [SetUp]
    public void Device()
    {
        if (FakeDevice.RealAddress is null)
            Assert.Ignore("no real device: ./build.sh rdma runs these in the guest");
        FakeDevice.Use();
        _before = FakeDevice.Objects;
    }

    [TearDown]
    public async Task NothingIsLeft()
    {
        if (FakeDevice.RealAddress is not null)
            await FakeDevice.NoMoreThanAsync(_before);
    }

    [Test]
    public async Task Peer_StoppedAndContinued_LosesNothing()
    {
        using Process peer = StartPeer();
        await using ITransportConnection connection = await ConnectAsync(peer);
        await EchoAsync(connection, 1_000);
        Signal(peer, Stop);
        Task<long> echo = EchoAsync(connection, 2_000_000); // more than both rings hold
        Assert.That(await Task.WhenAny(echo, Task.Delay(300)), Is.Not.SameAs(echo), "nobody reads");
        Signal(peer, Continue);
        Assert.That(await echo, Is.EqualTo(2_000_000));
        await connection.Output.CompleteAsync();
        await peer.WaitForExitAsync();
        Assert.That(peer.ExitCode, Is.Zero);
    }

    [Test]
    public async Task Peer_Killed_IsFoundByAReaderThatSaysNothing()
    {
        using Process peer = StartPeer();
        await using ITransportConnection connection = await ConnectAsync(peer);
        await EchoAsync(connection, 1_000);
        Task reader = RdmaPair.DrainAsync(connection);
        long killed = Stopwatch.GetTimestamp();
        Signal(peer, Kill);
        Assert.That(async () => await reader, Throws.InstanceOf<IOException>());
        TestContext.Out.WriteLine($"found after {Stopwatch.GetElapsedTime(killed).TotalMilliseconds:0} ms");
        await peer.WaitForExitAsync();
    }

    [Test]
    public async Task Cable_LosesPackets_LosesNoByte()
    {
        await using RdmaPair pair = await PairAsync();
        Run("tc", "qdisc add dev veth0 root netem loss 2%");
        try
        {
            Task writer = Task.Run(async () =>
            {
                byte[] some = new byte[10_000];
                for (int i = 0; i < 50; i++)
                    await pair.Near.Output.WriteAsync(some);
                await pair.Near.Output.CompleteAsync();
            });
            Assert.That(await RdmaPair.DrainAsync(pair.Far), Is.EqualTo(500_000));
            await writer;
        }
        finally
        {
            Run("tc", "qdisc del dev veth0 root");
        }
    }

    [Test]
    public async Task Cable_Cut_IsFoundByTheNextWrite()
    {
        await using RdmaPair pair = await PairAsync();
        Run("tc", "qdisc add dev veth0 root netem loss 100%");
        try
        {
            long cut = Stopwatch.GetTimestamp();
            await pair.Near.Output.WriteAsync(new byte[1]);
            Assert.That(async () => await RdmaPair.DrainAsync(pair.Near), Throws.InstanceOf<IOException>().With.Message.Contains("silent"));
            TestContext.Out.WriteLine($"found after {Stopwatch.GetElapsedTime(cut).TotalMilliseconds:0} ms");
        }
        finally
        {
            Run("tc", "qdisc del dev veth0 root");
        }
    }

    /// <summary>The other process: takes one connection, sends back what comes, and ends with it.</summary>
    internal static async Task<int> EchoOneAsync()
    {
        await using ITransportListener listener = await new RdmaTransport().ListenAsync(Anywhere);
        Console.WriteLine(((IPEndPoint)listener.EndPoint).Port);
        await using ITransportConnection connection = (await listener.AcceptAsync())!;
        await connection.OpenAsync(default);
        await connection.Input.CopyToAsync(connection.Output);
        await connection.Output.CompleteAsync();
        return 0;
    }

    internal static IPEndPoint Anywhere => new(IPAddress.Parse(FakeDevice.RealAddress!), 0);

    internal static Task<RdmaPair> PairAsync() => RdmaPair.ConnectAsync(new RdmaTransport(), Anywhere);

    private static Process StartPeer() =>
        Process.Start(
            new ProcessStartInfo(Environment.ProcessPath!, [typeof(RealDeviceTests).Assembly.Location, "echo"])
            {
                RedirectStandardOutput = true,
            }
        )!;

    private static async Task<ITransportConnection> ConnectAsync(Process peer)
    {
        int port = int.Parse((await peer.StandardOutput.ReadLineAsync())!);
        ITransportConnection connection = await new RdmaTransport().ConnectAsync(new IPEndPoint(Anywhere.Address, port));
        await connection.OpenAsync(default);
        return connection;
    }

    /// <summary>Says so many bytes and hears them come back; returns how many did.</summary>
    private static async Task<long> EchoAsync(ITransportConnection connection, int count)
    {
        byte[] sent = new byte[count];
        Random random = new(count);
        random.NextBytes(sent);
        Task writer = connection.Output.WriteAsync(sent).AsTask();
        int heard = 0;
        while (heard < count)
        {
            ReadResult result = await connection.Input.ReadAsync();
            foreach (ReadOnlyMemory<byte> part in result.Buffer)
            {
                Assert.That(part.Span.SequenceEqual(sent.AsSpan(heard, part.Length)), $"the bytes from {heard} on");
                heard += part.Length;
            }

            connection.Input.AdvanceTo(result.Buffer.End);
        }

        await writer;
        return heard;
    }

    private static void Signal(Process process, int signal) => Assert.That(kill(process.Id, signal), Is.Zero);

    internal static void Run(string program, string arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, $"{program} {arguments}");
    }

    [DllImport("libc")]
    private static extern int kill(int process, int signal);
}
