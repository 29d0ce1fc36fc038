using System.Diagnostics;
using CloudScale.Interop.Connections;
using CloudScale.Interop.Transport;

namespace CloudScale.Perf.Rdma;

/// <summary>Processes of two nodes, all of the way between them counted.</summary>
internal static class Processes
{
    private const int Warm = 500;

    /// <summary>The times of round trips, in ticks of the stopwatch.</summary>
    internal static async Task<long[]> PingPongAsync(ITransport one, ITransport other, string address, int size, int rounds)
    {
        (Node near, Node far) = await StartAsync(one, other, address);
        await using Node first = near;
        await using Node second = far;
        Pid echo = second.Spawn(async self =>
        {
            while (true)
                if (await self.Receive() is Tuple and [Pid from, var any])
                    self.Send(from, any);
        });
        TaskCompletionSource<long[]> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        first.Spawn(async self =>
        {
            Tuple message = Tuple.Of(self.Pid, new byte[size]);
            long[] times = new long[rounds];
            for (int i = -Warm; i < rounds; i++)
            {
                long start = Stopwatch.GetTimestamp();
                self.Send(echo, message);
                await self.Receive();
                if (i >= 0)
                    times[i] = Stopwatch.GetTimestamp() - start;
            }

            done.SetResult(times);
        });
        return await done.Task;
    }

    /// <summary>Messages a second, from several processes to one, until the last has been received.</summary>
    internal static async Task<double> FloodAsync(ITransport one, ITransport other, string address, int senders, int size, int messages)
    {
        (Node near, Node far) = await StartAsync(one, other, address);
        await using Node first = near;
        await using Node second = far;
        TaskCompletionSource<double> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int each = messages / senders;
        Pid sink = second.Spawn(async self =>
        {
            await self.Receive();
            long start = Stopwatch.GetTimestamp();
            for (int i = 1; i < each * senders; i++)
                await self.Receive();
            done.SetResult(each * senders / Stopwatch.GetElapsedTime(start).TotalSeconds);
        });
        for (int sender = 0; sender < senders; sender++)
            first.Spawn(async self =>
            {
                byte[] message = new byte[size];
                for (int i = 0; i < each; i++)
                {
                    self.Send(sink, message);
                    if (i % 100 == 99)
                        await self.Yield();
                }
            });
        return await done.Task;
    }

    private static async Task<(Node Near, Node Far)> StartAsync(ITransport one, ITransport other, string address)
    {
        InMemoryNodeDirectory directory = new();
        return (await StartAsync("near", one, address, directory), await StartAsync("far", other, address, directory));
    }

    private static Task<Node> StartAsync(string name, ITransport transport, string address, INodeDirectory directory) =>
        Node.StartAsync(
            new NodeOptions
            {
                Name = $"{name}@{address}",
                Cookie = "of one run",
                Transport = transport,
                Directory = directory,
            }
        );
}
