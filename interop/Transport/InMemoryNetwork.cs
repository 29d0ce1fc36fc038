using System.Net;

namespace CloudScale.Interop.Transport;

/// <summary>The address of a listener in an <see cref="InMemoryNetwork"/>.</summary>
public sealed class InMemoryEndPoint : EndPoint
{
    /// <summary>The end point of this name.</summary>
    public InMemoryEndPoint(string name) => Name = name;

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is InMemoryEndPoint other && other.Name == Name;

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => $"memory:{Name}";
}

/// <summary>A network in memory: whole clusters in one process, with links that a test can delay, stall and cut.</summary>
/// <remarks>
/// Threads: any. Hosts are names; a link is an unordered pair of them. Order: a connection keeps the order of its bytes whatever its link does. Bytes are held
/// back for <see cref="SetDelay"/> by the clock given, so a test that owns the clock owns the network.
/// </remarks>
public sealed class InMemoryNetwork(TimeProvider? timeProvider = null)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, InMemoryListener> _listeners = new(StringComparer.Ordinal);
    private readonly Dictionary<(string, string), InMemoryLink> _links = [];
    private int _names;

    internal TimeProvider Time { get; } = timeProvider ?? TimeProvider.System;

    /// <summary>The transport of one host of this network.</summary>
    /// <param name="host">Any name; by it links are told apart.</param>
    public InMemoryTransport CreateTransport(string host)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        return new InMemoryTransport(this, host);
    }

    /// <summary>Breaks all connections between two hosts, and lets none be made until <see cref="Heal"/>.</summary>
    public void Cut(string one, string other) => Link(one, other).Cut();

    /// <summary>Holds all bytes between two hosts back, as a network that loses every packet does, until <see cref="Heal"/>; nobody is told.</summary>
    public void Stall(string one, string other) => Link(one, other).Stall();

    /// <summary>Ends a <see cref="Cut"/> or <see cref="Stall"/>; bytes held back arrive.</summary>
    public void Heal(string one, string other) => Link(one, other).Heal();

    /// <summary>How long bytes travel between two hosts from now on.</summary>
    public void SetDelay(string one, string other, TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        Link(one, other).Delay = delay;
    }

    /// <summary>Cuts every link between a host of one group and a host of the other.</summary>
    public void Partition(IEnumerable<string> group, IEnumerable<string> others)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(others);
        string[] far = [.. others];
        foreach (string host in group)
        foreach (string other in far)
            Cut(host, other);
    }

    /// <summary>Heals every link.</summary>
    public void HealAll()
    {
        InMemoryLink[] links;
        lock (_gate)
            links = [.. _links.Values];
        foreach (InMemoryLink link in links)
            link.Heal();
    }

    internal InMemoryLink Link(string one, string other)
    {
        (string, string) key = string.CompareOrdinal(one, other) <= 0 ? (one, other) : (other, one);
        lock (_gate)
        {
            if (!_links.TryGetValue(key, out InMemoryLink? link))
                _links[key] = link = new InMemoryLink();
            return link;
        }
    }

    internal InMemoryListener Listen(string host, string? name)
    {
        lock (_gate)
        {
            InMemoryListener listener = new(this, host, new InMemoryEndPoint(name ?? $"{host}/{++_names}"));
            if (!_listeners.TryAdd(listener.EndPoint.Name, listener))
                throw new TransportException($"Cannot listen at {listener.EndPoint}: the name is in use.");
            return listener;
        }
    }

    internal void Forget(InMemoryListener listener)
    {
        lock (_gate)
            _listeners.Remove(listener.EndPoint.Name);
    }

    internal ITransportConnection Connect(string host, InMemoryEndPoint target)
    {
        InMemoryListener? listener;
        lock (_gate)
            _listeners.TryGetValue(target.Name, out listener);
        if (listener is null)
            throw new TransportException($"Cannot connect to {target}: nobody listens there.");

        InMemoryLink link = Link(host, listener.Host);
        (InMemoryConnection near, InMemoryConnection far) = InMemoryConnection.CreatePair(link, Time, host, listener.Host);
        if (!link.TryAttach(near))
            throw new TransportException($"Cannot connect to {target}: the link is cut.");
        if (!listener.Offer(far))
        {
            near.Abort();
            throw new TransportException($"Cannot connect to {target}: nobody listens there.");
        }

        return near;
    }
}

/// <summary>One host's way into an <see cref="InMemoryNetwork"/>.</summary>
public sealed class InMemoryTransport : ITransport
{
    private readonly InMemoryNetwork _network;

    internal InMemoryTransport(InMemoryNetwork network, string host)
    {
        _network = network;
        Host = host;
    }

    /// <summary>The host's name in the network.</summary>
    public string Host { get; }

    /// <inheritdoc/>
    public ValueTask<ITransportListener> ListenAsync(EndPoint endPoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<ITransportListener>(_network.Listen(Host, (endPoint as InMemoryEndPoint)?.Name));

    /// <inheritdoc/>
    public ValueTask<ITransportConnection> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken = default) =>
        endPoint is InMemoryEndPoint target
            ? ValueTask.FromResult(_network.Connect(Host, target))
            : throw new TransportException($"Cannot connect to {endPoint}: that is no address in memory.");
}
