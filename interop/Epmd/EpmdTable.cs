namespace CloudScale.Interop.Epmd;

/// <summary>What the server does with the connection after its answer.</summary>
internal enum EpmdAfter
{
    /// <summary>Write the answer, then close.</summary>
    Close,

    /// <summary>The connection carries a registration now: keep it, and call <see cref="EpmdTable.Closed"/> when it ends.</summary>
    Keep,

    /// <summary>Write the answer, then end the server.</summary>
    StopServer,
}

/// <summary>The registrations of one epmd: requests in, answers out, no sockets.</summary>
/// <remarks>
/// Threads: any, one lock. A connection is named by any object of the caller's. Limit: <see cref="MaxNodes"/> registered nodes and as many old names.
/// </remarks>
internal sealed class EpmdTable(int port, uint firstCreation)
{
    public const int MaxNodes = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (EpmdNode Node, object Connection)> _active = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EpmdNode> _old = new(StringComparer.Ordinal);
    private uint _creation = firstCreation;

    /// <summary>The answer to one request. <paramref name="isLoopback"/>: the connection comes from this host.</summary>
    public byte[] Answer(in EpmdRequest request, object connection, bool isLoopback, out EpmdAfter after)
    {
        after = EpmdAfter.Close;
        lock (_gate)
        {
            switch (request.Opcode)
            {
                case EpmdOpcode.Alive when !isLoopback:
                    return EpmdMessages.AliveAnswer(request.Node!.HighestVersion, result: 1, creation: 0);
                case EpmdOpcode.Alive:
                    return RegisterLocked(request.Node!, connection, ref after);
                case EpmdOpcode.PortPlease:
                    return EpmdMessages.PortAnswer(
                        _active.TryGetValue(request.Name!, out (EpmdNode Node, object) entry) ? entry.Node : null
                    );
                case EpmdOpcode.Names:
                    return EpmdMessages.NamesAnswer(port, _active.Values.Select(entry => entry.Node));
                case EpmdOpcode.Dump when isLoopback:
                    return EpmdMessages.DumpAnswer(port, _active.Values.Select(entry => entry.Node), _old.Values);
                case EpmdOpcode.Kill when isLoopback && _active.Count == 0:
                    after = EpmdAfter.StopServer;
                    return "OK"u8.ToArray();
                case EpmdOpcode.Kill when isLoopback:
                    return "NO"u8.ToArray();
                case EpmdOpcode.Stop when isLoopback:
                    // A registration ends with its connection and in no other way: taking a living node's name from it is what the daemon of OTP, too,
                    // refuses without its relaxed command check.
                    return "NOEXIST"u8.ToArray();
                default:
                    return [];
            }
        }
    }

    /// <summary>The connection has ended; a name registered over it is free again.</summary>
    public void Closed(object connection)
    {
        lock (_gate)
        {
            foreach ((string name, (EpmdNode node, object holder)) in _active)
            {
                if (!ReferenceEquals(holder, connection))
                    continue;
                _active.Remove(name);
                if (_old.Count < MaxNodes)
                    _old[name] = node;
                return;
            }
        }
    }

    private byte[] RegisterLocked(EpmdNode node, object connection, ref EpmdAfter after)
    {
        if (_active.Count >= MaxNodes || !_active.TryAdd(node.Name, (node, connection)))
            return EpmdMessages.AliveAnswer(node.HighestVersion, result: 1, creation: 0);

        _old.Remove(node.Name);
        after = EpmdAfter.Keep;
        if (++_creation < 4)
            _creation = 4; // 0 means "not distributed", 1 to 3 are those of nodes older than OTP 23
        return EpmdMessages.AliveAnswer(node.HighestVersion, result: 0, node.HighestVersion >= 6 ? _creation : (_creation % 3) + 1);
    }
}
