using System.IO.Pipelines;
using System.Net;
using CloudScale.Interop.Connections;
using CloudScale.Interop.Rdma;
using CloudScale.Interop.Transport;

namespace CloudScale.Rdma.Tests;

/// <summary>Who looks at completions changes while somebody does, and ends go while somebody deals with what is theirs.</summary>
[Category("Rdma"), NonParallelizable, CancelAfter(60_000)]
public sealed class RdmaPollerTests
{
    private static readonly IPEndPoint s_anywhere = new(IPAddress.Loopback, 0);

    [SetUp]
    public void Device() => FakeDevice.UseFakeOnly();

    [TearDown]
    public Task NothingIsLeft() =>
        FakeDevice.RealAddress is null
            ? Eventually.TrueAsync(() => FakeDevice.Objects == 0, "all that was made is ended")
            : Task.CompletedTask;

    /// <summary>As when a node stops while one of its threads still deals with what has come: a connection's completions have an order.</summary>
    [Test]
    public async Task Node_LooksNoMore_TheThreadThatFollowsWaitsForWhoIsLate()
    {
        IPolledInput? input = null;
        RdmaTransport transport = new()
        {
            PollBy = taken =>
            {
                input = taken;
                return true;
            },
        };
        await using RdmaPair pair = await RdmaPair.ConnectAsync(transport, s_anywhere);
        ((ISocketConnection)pair.Far).UseRuntime(); // who looks runs what follows
        bool isOver = false;
        bool cameMeanwhile = false;
        async Task FollowAsync()
        {
            ReadResult first = await pair.Far.Input.ReadAsync().ConfigureAwait(false); // from here on within a look
            pair.Far.Input.AdvanceTo(first.Buffer.End);
            input!.PollAlone();
            Task writing = pair.Near.Output.WriteAsync(new byte[] { 2 }).AsTask();
            cameMeanwhile = SpinWait.SpinUntil(HasMore, TimeSpan.FromMilliseconds(200));
            isOver = true;
            await writing.ConfigureAwait(false);
        }

        bool HasMore()
        {
            if (!pair.Far.Input.TryRead(out ReadResult second))
                return false;
            pair.Far.Input.AdvanceTo(second.Buffer.Start);
            return true;
        }

        Task following = FollowAsync();
        await pair.Near.Output.WriteAsync(new byte[] { 1 });
        await Task.Run(() =>
        {
            while (!Volatile.Read(ref isOver))
                input!.Poll();
        });
        await following;
        Assert.That(cameMeanwhile, Is.False, "nobody else deals with completions meanwhile");
        ReadResult last = await pair.Far.Input.ReadAsync().AsTask().WaitAsync(Eventually.Patience);
        Assert.That(last.Buffer.FirstSpan[0], Is.EqualTo(2), "and then somebody does");
        pair.Far.Input.AdvanceTo(last.Buffer.End);
    }

    /// <summary>However long that takes: what is told of a completion finds queue pair and memory where they were.</summary>
    [Test]
    public async Task End_Disposed_WaitsForWhoeverDealsWithCompletions()
    {
        TimeSpan longerThanItWaitsForWork = TimeSpan.FromSeconds(1.5);
        RdmaTransport transport = new(new RdmaTransportOptions { Linger = TimeSpan.FromMilliseconds(1) });
        await using RdmaPair pair = await RdmaPair.ConnectAsync(transport, s_anywhere);
        ((ISocketConnection)pair.Far).UseRuntime();
        using ManualResetEventSlim isHeld = new();
        using ManualResetEventSlim mayGoOn = new();
        async Task FollowAsync()
        {
            ReadResult read = await pair.Far.Input.ReadAsync().ConfigureAwait(false); // from here on within a look
            isHeld.Set();
            mayGoOn.Wait();
            pair.Far.Input.AdvanceTo(read.Buffer.End);
        }

        Task following = FollowAsync();
        await pair.Near.Output.WriteAsync(new byte[] { 1 });
        await Task.Run(isHeld.Wait);
        Task ending = Task.Run(async () => await pair.Near.DisposeAsync());
        Task first = await Task.WhenAny(ending, Task.Delay(longerThanItWaitsForWork));
        mayGoOn.Set();
        Assert.That(first, Is.Not.SameAs(ending));
        await following;
        await ending.WaitAsync(Eventually.Patience);
    }

    /// <summary>Threads of a node keep a completion queue, and so a device, for as long as the node lives; a device that was taken away and came back is another all the same.</summary>
    [Test]
    public async Task Device_TakenAwayWhileANodeLooksAtIt_IsOpenedAnewWhenItIsBack()
    {
        using Sleepers sleepers = new(1);
        int queues = 0;
        RdmaTransport transport = new()
        {
            PollBy = taken =>
            {
                queues++;
                return sleepers.Take(taken);
            },
        };
        await TalkAsync(transport);
        await TalkAsync(transport);
        Assert.That(queues, Is.EqualTo(1), "it is kept");
        FakeDevice.csn_fake_fail_call("ibv_query_device", 1, 5); // the one that just opened answers, the one that is known does not
        await TalkAsync(transport);
        Assert.That((FakeDevice.csn_fake_is_planted(), queues), Is.EqualTo((0, 2)));
    }

    private static async Task TalkAsync(RdmaTransport transport)
    {
        await using RdmaPair pair = await RdmaPair.ConnectAsync(transport, s_anywhere);
        await pair.Near.Output.WriteAsync(new byte[] { 7 });
        ReadResult read = await pair.Far.Input.ReadAsync().AsTask().WaitAsync(Eventually.Patience);
        Assert.That(read.Buffer.FirstSpan[0], Is.EqualTo(7));
        pair.Far.Input.AdvanceTo(read.Buffer.End);
    }
}
