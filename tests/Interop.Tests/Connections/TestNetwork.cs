using CloudScale.Interop.Connections;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Tests.Connections;

/// <summary>Hosts, and links between them that a test breaks and holds: what <see cref="InMemoryNetwork"/> offers, of any transport.</summary>
internal abstract class TestNetwork
{
    /// <summary>The same options for a node at this host.</summary>
    internal abstract DistributionOptions Join(string host, DistributionOptions options);

    /// <summary>Breaks all connections between two hosts, and lets none be made until <see cref="Heal"/>.</summary>
    internal abstract void Cut(string one, string other);

    /// <summary>Holds all bytes between two hosts back until <see cref="Heal"/>; nobody is told.</summary>
    internal abstract void Stall(string one, string other);

    internal abstract void Heal(string one, string other);
}

/// <summary>The one in memory.</summary>
internal sealed class InMemoryTestNetwork : TestNetwork
{
    private readonly InMemoryNetwork _network = new();

    internal override DistributionOptions Join(string host, DistributionOptions options) =>
        options with
        {
            Transport = _network.CreateTransport(host),
        };

    internal override void Cut(string one, string other) => _network.Cut(one, other);

    internal override void Stall(string one, string other) => _network.Stall(one, other);

    internal override void Heal(string one, string other) => _network.Heal(one, other);
}
