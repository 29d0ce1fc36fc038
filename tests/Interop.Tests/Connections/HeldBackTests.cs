using CloudScale.Interop.Connections;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Tests.Connections;

/// <summary>Beside short messages, long ones wait while the other side's kernel holds more than it needs; see <see cref="OfferedWindow"/>. The same by a connection that might have moved.</summary>
[TestFixture(false), TestFixture(true), FixtureLifeCycle(LifeCycle.InstancePerTestCase), CancelAfter(60_000)]
public sealed class HeldBackTests : IAsyncDisposable
{
    private const int Wide = 5 * OfferedWindow.MaxUnreadBytes;
    private const int Narrow = Wide - OfferedWindow.MaxUnreadBytes - 1;
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(1);

    private readonly InMemoryNetwork _network = new();
    private readonly InMemoryNodeDirectory _directory = new();
    private readonly ManualTimeProvider _time = new();
    private readonly ScriptedTransport _socket;
    private readonly byte[] _long = new byte[300_000];
    private TestNode _a = null!;
    private TestNode _b = null!;
    private int _timers;

    public HeldBackTests(bool isMovable) =>
        _socket = new ScriptedTransport(_network.CreateTransport("a@mem")) { Window = Wide, IsMovable = isMovable };

    [SetUp]
    public async Task ConnectAndMix()
    {
        _a = await StartAsync("a@mem", options => options with { Transport = _socket, TimeProvider = _time, ReaderThreads = 0 });
        _b = await StartAsync("b@mem", options => options with { Transport = _network.CreateTransport("b@mem") });
        await _a.Distribution.ConnectAsync(_b.Name);
        await _b.Events.NextAsync("up");
        SendBoth(0);
        Assert.That(new[] { await NextAsync(), await NextAsync() }, Has.Some.EqualTo(0L), "all the window is there");
        _timers = _time.ArmedTimers;
    }

    public async ValueTask DisposeAsync()
    {
        await _a.DisposeAsync();
        await _b.DisposeAsync();
    }

    [Test]
    public async Task Send_MuchIsUnread_ShortOnesGo_AndLongOnesWhenItHasBeenRead()
    {
        await HoldBackAsync();
        for (long i = 2; i < 10; i++)
        {
            Send(2, i);
            Assert.That(await NextAsync(), Is.EqualTo(i));
        }

        _time.Advance(s_look);
        await WaitsAsync();
        Assert.That(_b.Events.Rest(), Is.Empty, "nothing has been read over there");

        _socket.Window = Narrow + 1;
        _time.Advance(s_look);
        Assert.That(await NextAsync(), Is.EqualTo(new Binary(_long)));
    }

    [Test]
    public async Task Send_NothingIsRead_LongOnesGoAllTheSame()
    {
        await HoldBackAsync();
        for (int ms = 0; ms < OfferedWindow.PatienceMs; ms++)
        {
            await WaitsAsync();
            Assert.That(_b.Events.Rest(), Is.Empty, $"after {ms} ms");
            _time.Advance(s_look);
        }

        Assert.That(await NextAsync(), Is.EqualTo(new Binary(_long)));
    }

    [Test]
    public async Task Stop_LongOneIsHeldBack_IsSentFirst()
    {
        await HoldBackAsync();
        Task stop = _a.Distribution.DisposeAsync().AsTask();
        Assert.That(await NextAsync(), Is.EqualTo(new Binary(_long)));
        await _b.Events.NextAsync("down");
        await stop;
    }

    private async Task HoldBackAsync()
    {
        _socket.Window = Narrow;
        SendBoth(1);
        Assert.That(await NextAsync(), Is.EqualTo(1L));
        await WaitsAsync();
    }

    private Task WaitsAsync() => Eventually.TrueAsync(() => _time.ArmedTimers == _timers + 1, "the long one is looked at again later");

    private void SendBoth(long number) =>
        _socket.WriteAfter(() =>
        {
            Send(1, _long);
            Send(2, number);
        });

    private void Send(ulong from, object message) => _a.Distribution.Send(_b.Pid(from), _a.Pid(from), message);

    private async Task<object?> NextAsync() => (await _b.Events.NextAsync("send")).Values[1];

    private Task<TestNode> StartAsync(string name, Func<DistributionOptions, DistributionOptions> with) =>
        TestNode.StartAsync(
            with(
                new DistributionOptions
                {
                    Name = name,
                    Cookie = "some cookie",
                    Directory = _directory,
                }
            )
        );
}
