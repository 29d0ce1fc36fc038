using CloudScale.Interop.Channel;

namespace CloudScale.Interop.Connections;

/// <summary>How things stand with one other node.</summary>
internal enum PeerPhase
{
    /// <summary>Nothing: no connection, and none wanted. Such a peer is in no table.</summary>
    Idle,

    /// <summary>A connection is being made; signals wait for it.</summary>
    Pending,

    /// <summary>
    /// Connected, or just disconnected with the end not reported yet: then signals are dropped, because the report that follows says so.
    /// </summary>
    Up,

    /// <summary>The end of a connection or of an attempt is being reported; signals wait for the next connection.</summary>
    Reporting,
}

/// <summary>One other node: its connection, or what waits for one.</summary>
/// <remarks>
/// Threads: everything under <see cref="Gate"/>, but <see cref="Connection"/> may be read without. Lock order: a connection's lock may be taken inside this one, never the
/// other way round.
/// </remarks>
internal sealed class Peer(Atom name)
{
    private volatile NodeConnection? _connection;

    public Lock Gate { get; } = new();

    public Atom Name { get; } = name;

    public PeerPhase Phase { get; set; }

    /// <summary>Set once and for all when the peer has left the table: whoever holds it looks the name up again.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>The connection while <see cref="PeerPhase.Up"/>. It is published only after what waited has been written to it, so order is kept.</summary>
    public NodeConnection? Connection
    {
        get => _connection;
        set => _connection = value;
    }

    /// <summary>The attempt that is under way while <see cref="PeerPhase.Pending"/>.</summary>
    public ConnectAttempt? Attempt { get; set; }

    /// <summary>What waits for the connection, oldest first.</summary>
    public List<ControlMessage> Waiting { get; set; } = [];

    /// <summary>Those who want to know whether the connection comes about.</summary>
    public TaskCompletionSource<bool>? Answer { get; set; }

    /// <summary>Completes when the report that is due or under way has been made.</summary>
    public TaskCompletionSource? Reported { get; set; }
}

/// <summary>One effort to connect to a node, by our call or the other's.</summary>
internal sealed class ConnectAttempt
{
    /// <summary>Completes when the peer is connected, whoever called.</summary>
    public TaskCompletionSource Promoted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Our own call is under way: what a simultaneous call of the other node is weighed against. Under the lock of the incoming handshakes.</summary>
    public bool IsDialling { get; set; }

    /// <summary>The other node's call is kept in place of ours. Under the lock of the incoming handshakes.</summary>
    public bool HasYielded { get; set; }
}
