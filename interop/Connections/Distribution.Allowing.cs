using System.Collections.Concurrent;

namespace CloudScale.Interop.Connections;

/// <summary>With whom a connection may come about at all, and with whom by itself.</summary>
public sealed partial class Distribution
{
    private readonly ConcurrentDictionary<string, byte> _allowed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Atom, byte> _barred = []; // once connected and lost, with AutoConnect.Once

    /// <summary>
    /// Adds nodes to those that connections are made with, from either side; Erlang's <c>net_kernel:allow</c>. Before the first one is added, and without <see cref="DistributionOptions.IsAllowed"/>, that is
    /// everybody who knows the cookie. Connections that exist stay.
    /// </summary>
    public void Allow(params IEnumerable<Atom> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        foreach (Atom node in nodes)
            _allowed[node.Name] = 0;
    }

    private bool IsAllowed(string name) =>
        _options.IsAllowed is { } isAllowed
            ? isAllowed(name) || _allowed.ContainsKey(name)
            : _allowed.IsEmpty || _allowed.ContainsKey(name);

    /// <summary>Whether a signal to a node that is not connected would make the connection, by <see cref="DistributionOptions.AutoConnect"/>.</summary>
    public bool ConnectsByItself(Atom node) =>
        _options.AutoConnect switch
        {
            AutoConnect.Never => false,
            AutoConnect.Once => !_barred.ContainsKey(node),
            _ => true,
        };

    private void Bar(Atom node)
    {
        if (_options.AutoConnect == AutoConnect.Once)
            _barred[node] = 0;
    }
}
