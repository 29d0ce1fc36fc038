using CloudScale.Interop.Connections;
using CloudScale.Runtime.Services;

namespace CloudScale;

/// <content>Other nodes: connecting, parting, and hearing of them.</content>
public sealed partial class Node
{
    /// <summary>Erlang's: how long both tick times are heeded while one becomes the other.</summary>
    private static readonly TimeSpan s_tickTransition = TimeSpan.FromSeconds(60);

    /// <summary>How long a connected node may be silent; Erlang's <c>net_kernel:get_net_ticktime</c>.</summary>
    /// <exception cref="InvalidOperationException">This node has no name, and no connections.</exception>
    public NetTickTime NetTickTime => Connections.TickTime;

    private Distribution Connections =>
        _distribution ?? throw new InvalidOperationException("A node without a name has no connections, and nothing to set about them.");

    /// <summary>Connects to a node unless it is connected; whatever <see cref="NodeOptions.AutoConnect"/> says.</summary>
    /// <returns>Whether it is connected now; why not is in the log.</returns>
    public ValueTask<bool> ConnectAsync(Atom node) =>
        ReferenceEquals(node, Name) ? ValueTask.FromResult(true) : _distribution?.ConnectAsync(node) ?? ValueTask.FromResult(false);

    /// <summary>Sets the cookie for one node, for handshakes from now on; Erlang's <c>set_cookie(Node, Cookie)</c>.</summary>
    /// <exception cref="InvalidOperationException">This node has no name, and no connections.</exception>
    public void SetCookie(Atom node, string cookie)
    {
        ArgumentNullException.ThrowIfNull(node);
        Connections.SetCookie(node.Name, cookie);
    }

    /// <inheritdoc cref="Distribution.Allow"/>
    /// <exception cref="InvalidOperationException">This node has no name, and no connections.</exception>
    public void Allow(params IEnumerable<Atom> nodes) => Connections.Allow(nodes);

    /// <summary>
    /// Changes how long connected nodes may be silent, Erlang's <c>net_kernel:set_net_ticktime</c>. Do it on every node of the cluster, with the same time, before the transition is over on any.
    /// </summary>
    /// <param name="tickTime">The new time.</param>
    /// <param name="transition">How long both times are heeded; 60 s by default.</param>
    /// <returns>Whether the change begins, or why it does not.</returns>
    /// <exception cref="InvalidOperationException">This node has no name, and no connections.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A time is negative, too short or longer than 30 days.</exception>
    public TickTimeChange SetNetTickTime(TimeSpan tickTime, TimeSpan? transition = null) =>
        Connections.SetTickTime(tickTime, transition ?? s_tickTransition);

    /// <summary>Ends the connection to a node; the next signal to it makes a new one, if <see cref="NodeOptions.AutoConnect"/> lets it.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Disconnect(Atom node) => _distribution?.Disconnect(node) ?? false;

    /// <summary>Erlang's <c>net_adm:ping</c>: connects as a message does, and asks the other node's <c>net_kernel</c> whether it is there.</summary>
    /// <param name="node">The node.</param>
    /// <param name="timeout">How long to wait for the answer; 7 s by default.</param>
    /// <returns>True for <c>pong</c>, false for <c>pang</c>.</returns>
    public Task<bool> PingAsync(Atom node, TimeSpan? timeout = null)
    {
        TaskCompletionSource<bool> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TimeSpan patience = timeout ?? TimeSpan.FromSeconds(7);
        Spawn(async self => answer.SetResult(await NetKernel.PingAsync(self, Name, node, patience)));
        return answer.Task;
    }

    /// <summary>From now on the process receives <see cref="NodeUp"/> and <see cref="NodeDown"/> of visible nodes; Erlang's <c>net_kernel:monitor_nodes(true)</c>.</summary>
    /// <remarks>
    /// <see cref="NodeUp"/> comes before any signal of the node, and when it is among <see cref="Nodes"/>; <see cref="NodeDown"/> after the last, and when it is not; between two ups of a node there is a down. Who subscribes
    /// twice is told twice.
    /// </remarks>
    public void MonitorNodes(Pid pid) => Subscribers.Add(pid, NodeMonitorOptions.None);

    /// <summary>The same with options: of which nodes, and what is told of them; Erlang's <c>net_kernel:monitor_nodes(true, Options)</c>.</summary>
    /// <inheritdoc cref="MonitorNodes(Pid)" path="/remarks"/>
    public void MonitorNodes(Pid pid, NodeMonitorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Subscribers.Add(pid, options);
    }

    /// <summary>Ends all subscriptions by <see cref="MonitorNodes(Pid)"/>; false if there was none.</summary>
    public bool DemonitorNodes(Pid pid) => Subscribers.Remove(pid, NodeMonitorOptions.None);

    /// <summary>Ends all subscriptions with equal options; false if there was none.</summary>
    public bool DemonitorNodes(Pid pid, NodeMonitorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Subscribers.Remove(pid, options);
    }
}
