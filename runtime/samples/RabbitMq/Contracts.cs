namespace CloudScale.Samples.RabbitMq;

/// <summary>What a broker says of itself (<c>rabbit:status/0</c>), as far as it is shown here.</summary>
[Term(Shape = TermShape.Keywords)]
public sealed partial record BrokerStatus(
    [property: TermMember(Text = TermText.Charlist)] string RabbitmqVersion,
    [property: TermMember(Text = TermText.Charlist)] string ErlangVersion,
    long Uptime,
    long RunQueue,
    long VmMemoryLimit,
    [property: TermMember(Optional = true)] List? Alarms,
    BrokerTotals Totals
);

/// <summary>How much there is in it.</summary>
[Term(Shape = TermShape.Keywords)]
public sealed partial record BrokerTotals(long VirtualHostCount, long ConnectionCount, long QueueCount);

/// <summary>The name of a thing in a virtual host: <c>#resource{}</c>.</summary>
[Term("resource")]
public sealed partial record Resource(string VirtualHost, Atom Kind, string Name);

/// <summary>A queue, by the items that <see cref="Broker"/> asks for.</summary>
[Term(Shape = TermShape.Keywords)]
public sealed partial record QueueInfo(Resource Name, bool Durable, long Messages, long Consumers, Atom State);

/// <summary>A client's connection, by the items that <see cref="Broker"/> asks for.</summary>
[Term(Shape = TermShape.Keywords)]
public sealed partial record ConnectionInfo(string Name, string User, string Vhost, Atom State, long Channels);
