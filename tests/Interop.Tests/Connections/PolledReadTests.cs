using System.Net;
using CloudScale.Interop.Connections;
using CloudScale.Testing;

namespace CloudScale.Interop.Tests.Connections;

/// <summary>Connections that are read by whoever comes by: order, pauses and ends are as with a reader of their own.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase), CancelAfter(60_000), Platform("Linux")]
public sealed class PolledReadTests : IDisposable
{
    private readonly InMemoryNodeDirectory _directory = new();
    private readonly Lookers _lookers = new(3, TestContext.CurrentContext.Random.Next());

    public void Dispose() => _lookers.Dispose();

    [TestCase(1)]
    [TestCase(5)]
    public async Task Signals_OfManyProcessesAndNodes_ComeAllAndInOrder_WhoeverLooks(int nodes)
    {
        const int Each = 4_000;
        await using TestNode here = await StartAsync("here@127.0.0.1");
        List<TestNode> there = [];
        for (int i = 0; i < nodes; i++)
            there.Add(await StartAsync($"there{i}@127.0.0.1"));
        Task[] senders =
        [
            .. there.SelectMany(
                (node, n) =>
                    Enumerable
                        .Range(1, 2)
                        .Select(process =>
                            Task.Run(() =>
                            {
                                Random random = new(n * 10 + process);
                                for (long i = 0; i < Each; i++)
                                {
                                    object message = Tuple.Of(i, new byte[random.Next(100) == 0 ? random.Next(200_000) : random.Next(200)]);
                                    node.Distribution.Send(here.Pid((ulong)((n * 10) + process)), node.Pid((ulong)process), message);
                                    if (random.Next(50) == 0)
                                        Thread.SpinWait(random.Next(20_000));
                                }
                            })
                        )
            ),
        ];
        Dictionary<Pid, long> next = [];
        for (int left = nodes * 2 * Each; left > 0; left--)
        {
            Recorded got = await here.Events.SkipToAsync("send");
            var to = (Pid)got.Values[0];
            long number = (long)((Tuple)got.Values[1])[0];
            Assert.That(number, Is.EqualTo(next.GetValueOrDefault(to)), $"for {to}");
            next[to] = number + 1;
        }

        await Task.WhenAll(senders);
        TestContext.Out.WriteLine($"{_lookers.Changes} times another thread went on");
        foreach (TestNode node in there)
            await node.DisposeAsync();
    }

    /// <summary>One look at the set tells of 16.</summary>
    [Test]
    public async Task Signals_OfMoreConnectionsThanOneLookTells_ComeAllAndInOrder()
    {
        const int Nodes = 40;
        const int Each = 300;
        await using TestNode here = await StartAsync("here@127.0.0.1");
        List<TestNode> there = [];
        for (int i = 0; i < Nodes; i++)
        {
            there.Add(await StartAsync($"there{i}@127.0.0.1", pollsItself: false));
            await there[i].Distribution.ConnectAsync(here.Name);
        }

        for (int round = 0; round < 3; round++)
        {
            _lookers.Hold(); // as while all schedulers run bodies: then everything is there at once
            for (int i = 0; i < Nodes; i++)
            {
                for (long number = 0; number < Each; number++)
                    there[i].Distribution.Send(here.Pid((ulong)i), there[i].Pid(1), number);
            }

            _lookers.Resume();
            long[] next = new long[Nodes];
            for (int left = Nodes * Each; left > 0; left--)
            {
                Recorded got = await here.Events.SkipToAsync("send");
                Assert.That(got.Values[1], Is.EqualTo(next[((Pid)got.Values[0]).Number]++), $"of {got.Values[0]}");
            }
        }

        foreach (TestNode node in there)
            await node.DisposeAsync();
    }

    [Test]
    public async Task Pause_OfAFullReceiver_HoldsTheConnection_ThenItGoesOn()
    {
        await using TestNode a = await StartAsync("a@127.0.0.1");
        await using TestNode b = await StartAsync("b@127.0.0.1");
        TaskCompletionSource room = new(TaskCreationOptions.RunContinuationsAsynchronously);
        b.Events.Room = room.Task;
        for (long i = 0; i < 100; i++)
            a.Distribution.Send(b.Pid(1), a.Pid(1), i);
        await b.Events.NextAsync("up");
        Assert.That((await b.Events.NextAsync("send")).Values[1], Is.Zero);
        for (long i = 0; i < 10; i++)
        {
            b.Distribution.Send(a.Pid(1), b.Pid(1), i); // gives the other direction time to do wrong
            Assert.That((await a.Events.SkipToAsync("send")).Values[1], Is.EqualTo(i));
        }

        Assert.That(b.Events.Rest(), Is.Empty, "it has said that it is full");
        b.Events.Room = null;
        room.SetResult();
        for (long i = 1; i < 100; i++)
            Assert.That((await b.Events.NextAsync("send")).Values[1], Is.EqualTo(i));
        a.Distribution.Send(b.Pid(1), a.Pid(1), "after it was taken out of the set, and put back");
        await b.Events.NextAsync("send");
    }

    [Test]
    public async Task Pause_OfAConnectionThatIsReset_KeepsNobodyAwake()
    {
        await using TestNode a = await StartAsync("a@127.0.0.1");
        await using TestNode b = await StartAsync("b@127.0.0.1");
        TaskCompletionSource room = new(TaskCreationOptions.RunContinuationsAsynchronously);
        b.Events.Room = room.Task;
        for (long i = 0; i < 100; i++)
            a.Distribution.Send(b.Pid(1), a.Pid(1), i);
        await b.Events.NextAsync("up");
        await b.Events.NextAsync("send");
        await a.DisposeAsync();
        await Eventually.TrueAsync(() => !_lookers.IsAnyReady(), "nobody who sleeps on the connections is woken for it again and again");
        b.Events.Room = null;
        room.SetResult();
        await b.Events.SkipToAsync("down");
    }

    [Test]
    public async Task Close_WhileNobodyLooks_IsReported()
    {
        await using TestNode a = await StartAsync("a@127.0.0.1");
        await using TestNode b = await StartAsync("b@127.0.0.1");
        a.Distribution.Send(b.Pid(1), a.Pid(1), 1L);
        await b.Events.SkipToAsync("send");
        await a.Events.NextAsync("up");
        _lookers.Hold();
        Assert.That(a.Distribution.Disconnect(b.Name));
        await a.Events.NextAsync("down");
        _lookers.Resume();
        await b.Events.NextAsync("down");
    }

    [Test]
    public async Task Read_WhenTheLookersHaveGone_GoesOn_AndNewConnectionsAreReadAnotherWay()
    {
        await using TestNode a = await StartAsync("a@127.0.0.1");
        await using TestNode b = await StartAsync("b@127.0.0.1");
        await using TestNode late = await StartAsync("late@127.0.0.1");
        a.Distribution.Send(b.Pid(1), a.Pid(1), 1L);
        await b.Events.SkipToAsync("send");
        _lookers.Dispose();
        for (long i = 0; i < 100; i++)
        {
            a.Distribution.Send(b.Pid(1), a.Pid(1), i);
            Assert.That((await b.Events.NextAsync("send")).Values[1], Is.EqualTo(i));
        }

        late.Distribution.Send(b.Pid(1), late.Pid(1), 7L);
        Assert.That((await b.Events.SkipToAsync("send")).Values[1], Is.EqualTo(7L));
    }

    private Task<TestNode> StartAsync(string name, bool pollsItself = true) =>
        TestNode.StartAsync(
            new DistributionOptions
            {
                Name = name,
                Cookie = "cookie",
                ListenAddress = IPAddress.Loopback,
                Directory = _directory,
                PollInput = pollsItself ? _lookers.Take : null,
            }
        );
}
