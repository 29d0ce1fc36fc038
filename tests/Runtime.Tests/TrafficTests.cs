using System.Net;
using CloudScale.Interop.Connections;

namespace CloudScale.Runtime.Tests;

/// <summary>Our nodes over TCP: schedulers read and write the connections, however busy they are.</summary>
[CancelAfter(60_000)]
public sealed class TrafficTests
{
    private readonly InMemoryNodeDirectory _directory = new();
    private readonly List<Node> _nodes = [];

    [TearDown]
    public async Task StopNodes()
    {
        foreach (Node node in _nodes)
            await node.DisposeAsync();
        _nodes.Clear();
    }

    /// <summary>A node that is written by the scheduler alone must release the senders that waited for room, and run them.</summary>
    [TestCase(1 << 10, 1_500, 60)]
    [TestCase(1 << 20, 1, 200)]
    [TestCase(300 << 10, 4, 60)]
    public async Task Sender_HeldOverAndOver_GoesOn(int bytes, int atOnce, int rounds)
    {
        Node a = await StartAsync("a", schedulers: 1);
        Node b = await StartAsync("b", schedulers: 1);
        Atom peer = b.Name;
        int total = atOnce * rounds;
        TaskCompletionSource<string> end = Completion<string>();
        b.Spawn(
            async self =>
            {
                for (long expected = 0; expected < total; expected++)
                {
                    var got = await self.Receive<Tuple>();
                    if ((long)got[0] == expected && ((Binary)got[1]).Length == bytes)
                        continue;
                    end.TrySetResult($"{got[0]} where {expected} belongs");
                    return;
                }

                end.TrySetResult("");
            },
            new SpawnOptions { Name = "sink" }
        );
        Assert.That(await a.ConnectAsync(peer));
        Binary binary = new(new byte[bytes]);
        a.Spawn(async self =>
        {
            long number = 0;
            for (int round = 0; round < rounds; round++)
            {
                for (int i = 0; i < atOnce; i++)
                    self.Send("sink", peer, Tuple.Of(number++, binary));
                await self.Yield(); // held here until there is room
            }
        });
        Assert.That(await end.Task.WaitAsync(Eventually.Patience), Is.Empty);
    }

    /// <summary>One look at the connections tells of 16 of them, and schedulers that have work look seldom.</summary>
    [Test]
    public async Task Messages_OfManyNodesToOneWhoseSchedulersAreBusy_ComeAllAndInOrder()
    {
        const int Nodes = 24;
        const int Each = 400;
        Node here = await StartAsync("here", schedulers: 2);
        TaskCompletionSource<string> end = Completion<string>();
        here.Spawn(
            async self =>
            {
                long[] next = new long[Nodes];
                for (int left = Nodes * Each; left > 0; left--)
                {
                    var got = await self.Receive<Tuple>();
                    long who = (long)got[0];
                    if ((long)got[1] == next[who]++)
                        continue;
                    end.TrySetResult($"of node {who}: {got[1]} where {next[who] - 1} belongs");
                    return;
                }

                end.TrySetResult("");
            },
            new SpawnOptions { Name = "sink" }
        );
        using CancellationTokenSource over = new();
        CancellationToken until = over.Token;
        for (int i = 0; i < 4; i++)
        {
            here.Spawn(async self =>
            {
                while (!until.IsCancellationRequested)
                {
                    Thread.SpinWait(1_000);
                    await self.Yield();
                }
            });
        }

        Atom peer = here.Name;
        for (int i = 0; i < Nodes; i++)
        {
            Node node = await StartAsync($"node{i}", schedulers: 1);
            Assert.That(await node.ConnectAsync(peer));
        }

        for (int i = 0; i < Nodes; i++)
        {
            long who = i;
            _nodes[i + 1]
                .Spawn(async self =>
                {
                    for (long number = 0; number < Each; number++)
                    {
                        self.Send("sink", peer, Tuple.Of(who, number, new byte[number % 16 == 0 ? 20_000 : 20]));
                        if (number % 20 == 0)
                            await self.Yield();
                    }
                });
        }

        string result = await end.Task.WaitAsync(Eventually.Patience);
        await over.CancelAsync();
        Assert.That(result, Is.Empty);
    }

    private static TaskCompletionSource<T> Completion<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task<Node> StartAsync(string name, int schedulers)
    {
        Node node = await Node.StartAsync(
            new NodeOptions
            {
                Name = $"{name}@127.0.0.1",
                Cookie = "secret",
                Schedulers = schedulers,
                ListenAddress = IPAddress.Loopback,
                Directory = _directory,
                ConnectAll = false,
                ShutdownGrace = TimeSpan.FromMilliseconds(100),
            }
        );
        _nodes.Add(node);
        return node;
    }
}
