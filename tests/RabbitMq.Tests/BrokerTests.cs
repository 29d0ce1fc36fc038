using CloudScale.Samples.RabbitMq;
using RabbitMQ.Client;

namespace CloudScale.RabbitMq.Tests;

/// <summary>The sample against a live broker, with a client at work there.</summary>
[Category("OtpNode"), CancelAfter(150_000)]
public sealed class BrokerTests
{
    private LiveBroker _broker = null!;
    private Node _node = null!;
    private Broker _rabbit = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _broker = await LiveBroker.StartAsync();
        _node = await Node.StartAsync(
            new NodeOptions
            {
                Name = "cloudscale@127.0.0.1",
                Cookie = LiveBroker.Cookie,
                Hidden = true,
                EpmdPort = _broker.EpmdPort,
                StartEpmd = false,
                ListenAddress = System.Net.IPAddress.Loopback,
            }
        );
        _rabbit = new Broker(_node, LiveBroker.Name);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        if (_node is not null)
            await _node.DisposeAsync();
        if (_broker is not null)
            await _broker.DisposeAsync();
    }

    [Test]
    public async Task Status_OfALiveBroker_HasItsVersion()
    {
        BrokerStatus status = await _rabbit.StatusAsync();
        Assert.That(status.RabbitmqVersion, Does.Match(@"^\d+\.\d+\.\d+"));
        Assert.That(status.ErlangVersion, Does.StartWith("Erlang/OTP"));
        Assert.That(status.Totals.VirtualHostCount, Is.EqualTo(1));
        Assert.That(status.VmMemoryLimit, Is.Positive);
    }

    [Test]
    public async Task HiddenNode_IsNoMemberOfTheBrokersCluster()
    {
        await _rabbit.StatusAsync();
        object running = await Rpc.CallAsync(_node, LiveBroker.Name, "rabbit_nodes", "all_running", []);
        Assert.That(running, Is.EqualTo(List.Of(LiveBroker.Name)));
        Assert.That(await Rpc.CallAsync(_node, LiveBroker.Name, "erlang", "nodes", [(Atom)"hidden"]), Has.Member(_node.Name));
    }

    [Test]
    public async Task QueuesAndConnections_OfAClientAtWork_AreSeenWithWhatIsInThem()
    {
        ConnectionFactory factory = new() { HostName = "127.0.0.1", Port = _broker.Port };
        await using IConnection client = await factory.CreateConnectionAsync();
        await using IChannel channel = await client.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true)
        );
        await channel.QueueDeclareAsync("orders", durable: false, exclusive: false, autoDelete: false);
        for (int i = 0; i < 7; i++)
            await channel.BasicPublishAsync("", "orders", new byte[] { 1, 2, 3 }); // answered when the queue has it

        QueueInfo queue = (await _rabbit.QueuesAsync()).Single();
        Assert.That((queue.Name.Name, queue.Name.VirtualHost, queue.Durable, queue.Consumers), Is.EqualTo(("orders", "/", false, 0L)));
        Assert.That(queue.Messages, Is.EqualTo(7));
        Assert.That(queue.State.Name, Is.EqualTo("running"));

        ConnectionInfo connection = (await _rabbit.ConnectionsAsync()).Single();
        Assert.That(
            (connection.User, connection.Vhost, connection.State.Name, connection.Channels),
            Is.EqualTo(("guest", "/", "running", 1L))
        );
    }

    [Test]
    public void Queues_OfAVirtualHostThatIsNotThere_AreNone() => Assert.That(async () => await _rabbit.QueuesAsync("nowhere"), Is.Empty);
}
