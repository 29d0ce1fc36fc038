using System.Diagnostics;
using System.Net;
using CloudScale.Interop.Connections;
using CloudScale.Interop.Transport;

namespace CloudScale.Perf.Rdma;

/// <summary>Processes of two nodes, all of the way between them counted.</summary>
internal static class Processes
{
    /// <summary>The times of round trips, in ticks of the stopwatch, what they have cost, and how many there were with those that do not count: what a transport has cost is known of all of them only.</summary>
    internal static async Task<(long[] Times, Interval Interval, int AllRounds)> PingPongAsync(
        ITransport nearBy,
        ITransport farBy,
        string address,
        int size,
        int rounds
    )
    {
        (Node near, Node far) = await StartBothAsync(nearBy, farBy, address);
        await using Node first = near;
        await using Node second = far;
        Pid echo = second.Spawn(async self =>
        {
            while (true)
                if (await self.Receive() is Tuple and [Pid from, var any])
                    self.Send(from, any);
        });
        TaskCompletionSource<(long[], Interval, int)> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        first.Spawn(async self =>
        {
            Tuple message = Tuple.Of(self.Pid, new byte[size]);
            long[] times = new long[rounds];
            Interval began = default;
            Warming warming = new();
            int all = rounds + Warming.RoundsToSettle;
            while (warming.GoesOn)
            {
                for (int i = 0; i < Warming.Rounds; i++, all++)
                {
                    self.Send(echo, message);
                    await self.Receive();
                }

                while (warming.IsCompiling)
                    await self.Sleep(Warming.Pause);
            }

            for (int i = -Warming.RoundsToSettle; i < rounds; i++)
            {
                if (i == 0)
                    began = Interval.Now;
                long start = Stopwatch.GetTimestamp();
                self.Send(echo, message);
                await self.Receive();
                if (i >= 0)
                    times[i] = Stopwatch.GetTimestamp() - start;
            }

            done.SetResult((times, Interval.Since(began), all));
        });
        return await done.Task;
    }

    /// <summary>From several processes to one: from the first message received to the last, the median of five floods after lots that do not count; and how many messages there were with all.</summary>
    internal static async Task<(Interval Interval, int AllMessages)> FloodAsync(
        ITransport nearBy,
        ITransport farBy,
        string address,
        int senders,
        int size,
        int messages
    )
    {
        (Node near, Node far) = await StartBothAsync(nearBy, farBy, address);
        await using Node first = near;
        await using Node second = far;
        Warming warming = new();
        int all = messages;
        for (; warming.GoesOn; all += messages)
        {
            await FloodAsync(first, second, senders, size, messages);
            while (warming.IsCompiling)
                await Task.Delay(Warming.Pause);
        }

        Interval[] floods = new Interval[5];
        for (int i = 0; i < floods.Length; i++)
            floods[i] = await FloodAsync(first, second, senders, size, messages);
        all += (floods.Length - 1) * messages;
        return (floods.OrderBy(flood => flood.Seconds).ElementAt(floods.Length / 2), all);
    }

    private static async Task<Interval> FloodAsync(Node near, Node far, int senders, int size, int messages)
    {
        TaskCompletionSource<Interval> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int each = messages / senders;
        Pid sink = far.Spawn(async self =>
        {
            await self.Receive();
            Interval start = Interval.Now;
            for (int i = 1; i < each * senders; i++)
                await self.Receive();
            done.SetResult(Interval.Since(start));
        });
        for (int sender = 0; sender < senders; sender++)
            near.Spawn(async self =>
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

    private static async Task<(Node Near, Node Far)> StartBothAsync(ITransport near, ITransport far, string address)
    {
        InMemoryNodeDirectory directory = new();
        return (await StartAsync("near", near, address, directory), await StartAsync("far", far, address, directory));
    }

    private static Task<Node> StartAsync(string name, ITransport transport, string address, INodeDirectory directory) =>
        Node.StartAsync(
            new NodeOptions
            {
                Name = $"{name}@{address}",
                Cookie = "of one run",
                Schedulers = 1, // two nodes, and two processors
                Transport = transport,
                ListenAddress = IPAddress.Parse(address),
                Directory = directory,
            }
        );
}
