using CloudScale.Samples.RabbitMq;

if (args is not [string broker, string cookie])
{
    Console.Error.WriteLine(
        """
        Usage: rabbitmq-status NODE COOKIE
          NODE    the broker's node, such as rabbit@host; rabbitmqctl status says it
          COOKIE  what /var/lib/rabbitmq/.erlang.cookie holds
        """
    );
    return 2;
}

string host = broker[(broker.IndexOf('@', StringComparison.Ordinal) + 1)..];
await using Node node = await Node.StartAsync(
    new NodeOptions
    {
        Name = $"cloudscale-status-{Environment.ProcessId}@{host}",
        Cookie = cookie,
        Hidden = true,
    }
);
Broker rabbit = new(node, broker);
BrokerStatus status = await rabbit.StatusAsync();
Console.WriteLine($"RabbitMQ {status.RabbitmqVersion} on {status.ErlangVersion.Trim()}, up {TimeSpan.FromSeconds(status.Uptime)}");
foreach (QueueInfo queue in await rabbit.QueuesAsync())
    Console.WriteLine($"queue       {queue.Name.Name}: {queue.Messages} messages, {queue.Consumers} consumers, {queue.State.Name}");
foreach (ConnectionInfo connection in await rabbit.ConnectionsAsync())
    Console.WriteLine($"connection  {connection.Name} of {connection.User}: {connection.Channels} channels, {connection.State.Name}");
return 0;
