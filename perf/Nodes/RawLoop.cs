using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace CloudScale.Perf.Nodes;

/// <summary>What two nodes are measured beside: two processes with a socket that blocks, a system call a message, and nothing that makes a node.</summary>
internal static class RawLoop
{
    private const int SmallBytes = 64; // about what {small, N} and a ping are on the wire
    private const int HeadBytes = 2 * sizeof(int); // of a connection: what it is for, and the size of a message
    private const int ReportBytes = 2 * sizeof(long);
    private const int ReadBytes = 256 << 10;

    /// <summary>The scenarios that a loop has; calls and processes are a node's.</summary>
    internal static bool Has(string scenario) => scenario is "small" or "stream-1k" or "stream-64k" or "stream-1m" or "ping";

    /// <summary>Answers connection after connection until standard input ends.</summary>
    internal static async Task<int> Serve(int port)
    {
        using TcpListener listener = new(IPAddress.Loopback, port);
        listener.Start();
        Thread thread = new(() => AcceptAll(listener)) { IsBackground = true };
        thread.Start();
        Console.WriteLine("READY");
        await Console.In.ReadToEndAsync();
        return 0;
    }

    /// <summary>Talks, once to warm up and once for the figures.</summary>
    internal static int Talk(int port, string scenario, int ms, Action<string, double> print)
    {
        int bytes = scenario switch
        {
            "stream-1k" => 1 << 10,
            "stream-64k" => 64 << 10,
            "stream-1m" => 1 << 20,
            _ => SmallBytes,
        };
        foreach (TimeSpan time in new[] { TimeSpan.FromMilliseconds(Math.Max(ms / 2, 1_000)), TimeSpan.FromMilliseconds(ms) })
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Connect(IPAddress.Loopback, port);
            byte[] head = new byte[HeadBytes];
            head[0] = scenario == "ping" ? (byte)1 : (byte)0;
            BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(sizeof(int)), bytes);
            socket.Send(head);
            if (scenario == "ping")
                Ping(socket, time, print);
            else
                Stream(socket, bytes, time, print);
        }

        return 0;
    }

    private static void Stream(Socket socket, int bytes, TimeSpan time, Action<string, double> print)
    {
        byte[] message = new byte[bytes];
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time)
            socket.Send(message);
        socket.Shutdown(SocketShutdown.Send);
        byte[] report = new byte[ReportBytes];
        Fill(socket, report);
        long received = BinaryPrimitives.ReadInt64LittleEndian(report);
        double seconds = BinaryPrimitives.ReadInt64LittleEndian(report.AsSpan(sizeof(long))) / 1e6;
        print("messages/s", received / bytes / seconds);
        print("MB/s", received / 1e6 / seconds);
    }

    private static void Ping(Socket socket, TimeSpan time, Action<string, double> print)
    {
        byte[] message = new byte[SmallBytes];
        List<double> times = [];
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            long sent = Stopwatch.GetTimestamp();
            socket.Send(message);
            Fill(socket, message);
            times.Add(Stopwatch.GetElapsedTime(sent).TotalMicroseconds);
        }

        times.Sort();
        print("p50 us", times[times.Count / 2]);
        print("p99 us", times[(int)(times.Count * 0.99)]);
    }

    private static void AcceptAll(TcpListener listener)
    {
        byte[] head = new byte[HeadBytes];
        byte[] buffer = new byte[ReadBytes];
        while (true)
        {
            using Socket socket = listener.AcceptSocket();
            socket.NoDelay = true;
            if (!Fill(socket, head))
                continue;
            if (head[0] == 1)
                Echo(socket, buffer.AsSpan(0, BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(sizeof(int)))));
            else
                Count(socket, buffer);
        }
    }

    private static void Echo(Socket socket, Span<byte> message)
    {
        while (Fill(socket, message))
            socket.Send(message);
    }

    /// <summary>Counts what comes, from the first of it to the end.</summary>
    private static void Count(Socket socket, byte[] buffer)
    {
        long bytes = socket.Receive(buffer);
        long first = Stopwatch.GetTimestamp();
        for (int read = 1; read > 0; bytes += read)
            read = socket.Receive(buffer);
        byte[] report = new byte[ReportBytes];
        BinaryPrimitives.WriteInt64LittleEndian(report, bytes);
        BinaryPrimitives.WriteInt64LittleEndian(report.AsSpan(sizeof(long)), (long)Stopwatch.GetElapsedTime(first).TotalMicroseconds);
        socket.Send(report);
    }

    /// <summary>Reads until it is full; false if the peer is done before.</summary>
    private static bool Fill(Socket socket, Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int read = socket.Receive(bytes);
            if (read == 0)
                return false;
            bytes = bytes[read..];
        }

        return true;
    }
}
