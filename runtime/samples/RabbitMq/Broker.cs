using CloudScale.Serialization.Contracts;

namespace CloudScale.Samples.RabbitMq;

/// <summary>A RabbitMQ node, asked as its own tools ask it: by calls from a hidden node of its cluster.</summary>
/// <remarks>Threads: any. The functions are those that <c>rabbitmqctl status</c>, <c>list_queues</c> and <c>list_connections</c> call; tried with RabbitMQ 3.10.</remarks>
/// <param name="node">A node of ours that knows the broker's cookie; hidden, so that the broker does not take it for one of its cluster.</param>
/// <param name="name">The broker's node, such as <c>rabbit@host</c>.</param>
public sealed class Broker(Node node, Atom name)
{
    private static readonly List s_queueItems = List.Of((Atom)"name", (Atom)"durable", (Atom)"messages", (Atom)"consumers", (Atom)"state");
    private static readonly List s_connectionItems = List.Of((Atom)"name", (Atom)"user", (Atom)"vhost", (Atom)"state", (Atom)"channels");

    /// <summary>Version, load and totals.</summary>
    /// <exception cref="ErlangException">The broker cannot be reached, or refuses.</exception>
    /// <exception cref="FormatException">It answers in another form; the message says where.</exception>
    public async Task<BrokerStatus> StatusAsync() => As<BrokerStatus>(await CallAsync("rabbit", "status", []));

    /// <summary>The queues of a virtual host.</summary>
    /// <inheritdoc cref="StatusAsync" path="/exception"/>
    public async Task<IReadOnlyList<QueueInfo>> QueuesAsync(string virtualHost = "/") =>
        All<QueueInfo>(await CallAsync("rabbit_amqqueue", "info_all", [virtualHost, s_queueItems]));

    /// <summary>The connections of clients.</summary>
    /// <inheritdoc cref="StatusAsync" path="/exception"/>
    public async Task<IReadOnlyList<ConnectionInfo>> ConnectionsAsync() =>
        All<ConnectionInfo>(await CallAsync("rabbit_networking", "connection_info_all", [s_connectionItems]));

    private Task<object> CallAsync(string module, string function, List arguments) =>
        Rpc.CallAsync(node, name, module, function, arguments, TimeSpan.FromSeconds(15));

    private static T[] All<T>(object answer)
        where T : ITermContract<T> =>
        answer is List list ? [.. list.Select(As<T>)] : throw new FormatException($"Expected a list, got {Term.Format(answer)}.");

    private static T As<T>(object term)
        where T : ITermContract<T> =>
        Contract.TryFrom<T>(term, out var value, out string? error) ? value : throw new FormatException($"{typeof(T).Name}: {error}");
}
