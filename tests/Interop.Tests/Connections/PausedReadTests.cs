using CloudScale.Interop.Connections;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Tests.Connections;

/// <summary>A receiver that has enough holds the connection it reads from: nothing more is read, and the other node is not taken for silent meanwhile.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase), CancelAfter(60_000)]
public sealed class PausedReadTests
{
    private readonly InMemoryNetwork _network = new();
    private readonly InMemoryNodeDirectory _directory = new();
    private readonly ManualTimeProvider _time = new();

    [Test]
    public async Task Read_ReceiverIsFull_WaitsForRoom_ThenGoesOnInOrder()
    {
        await using TestNode a = await StartAsync("a@mem");
        await using TestNode b = await StartAsync("b@mem", options => options with { TimeProvider = _time });
        TaskCompletionSource room = new(TaskCreationOptions.RunContinuationsAsynchronously);
        b.Events.Room = room.Task;
        for (long i = 0; i < 100; i++)
            a.Distribution.Send(b.Pid(1), a.Pid(1), i);
        await b.Events.NextAsync("up");
        Assert.That((await b.Events.NextAsync("send")).Values[1], Is.Zero);

        // The clock may go on as long as it likes; what would have been read by now is not.
        for (int tick = 0; tick < 20; tick++)
            _time.Advance(TimeSpan.FromSeconds(15));
        for (long i = 0; i < 10; i++)
        {
            b.Distribution.Send(a.Pid(1), b.Pid(1), i); // the other direction is open, and gives this one time to do wrong
            Assert.That((await a.Events.SkipToAsync("send")).Values[1], Is.EqualTo(i));
        }

        Assert.That(b.Events.Rest(), Is.Empty, "it has said that it is full");
        Assert.That(b.Distribution.Nodes, Has.Count.EqualTo(1), "the silence is ours, not the other's");

        b.Events.Room = null;
        room.SetResult();
        for (long i = 1; i < 100; i++)
            Assert.That((await b.Events.NextAsync("send")).Values[1], Is.EqualTo(i));
    }

    [Test]
    public async Task Read_ReceiverIsFull_SenderIsBusy_UntilThereIsRoom()
    {
        await using TestNode a = await StartAsync("a@mem", options => options with { BusyLimitBytes = 100_000 });
        await using TestNode b = await StartAsync("b@mem");
        TaskCompletionSource room = new(TaskCreationOptions.RunContinuationsAsynchronously);
        b.Events.Room = room.Task;
        byte[] some = new byte[10_000];
        SendResult result = SendResult.Queued;
        int sent = 0;
        for (; sent < 10_000 && result != SendResult.Busy; sent++)
            result = a.Distribution.Send(b.Pid(1), a.Pid(1), some);
        Assert.That(result, Is.EqualTo(SendResult.Busy), "the network holds what is not read, and then we do");

        b.Events.Room = null;
        room.SetResult();
        await a.Events.SkipToAsync("not busy");
        await b.Events.NextAsync("up");
        for (int i = 0; i < sent; i++)
            await b.Events.NextAsync("send");
    }

    [Test]
    public async Task Close_WhileTheReceiverIsFull_EndsTheConnectionAtOnce()
    {
        await using TestNode a = await StartAsync("a@mem");
        await using TestNode b = await StartAsync("b@mem");
        b.Events.Room = new TaskCompletionSource().Task; // there will never be room
        a.Distribution.Send(b.Pid(1), a.Pid(1), 1L);
        await b.Events.NextAsync("up");
        await b.Events.NextAsync("send");
        Assert.That(b.Distribution.Disconnect(a.Name));
        await b.Events.NextAsync("down");
        await a.Events.SkipToAsync("down");
    }

    private Task<TestNode> StartAsync(string name, Func<DistributionOptions, DistributionOptions>? with = null)
    {
        DistributionOptions options = new()
        {
            Name = name,
            Cookie = "cookie",
            Transport = _network.CreateTransport(name),
            Directory = _directory,
        };
        return TestNode.StartAsync(with?.Invoke(options) ?? options);
    }
}
