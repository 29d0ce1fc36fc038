using System.Net;
using CloudScale.Interop.Epmd;

namespace CloudScale.Interop.Connections;

/// <summary>Nodes by epmd, hosts by DNS and the hosts file: what Erlang does.</summary>
internal sealed class EpmdNodeDirectory(EpmdClient client) : INodeDirectory
{
    private const int OldestVersion = 6; // the handshake we speak; OTP 23 and later

    public async ValueTask<INodeRegistration> RegisterAsync(
        string nodeName,
        EndPoint endPoint,
        bool isHidden,
        CancellationToken cancellationToken
    )
    {
        int port =
            (endPoint as IPEndPoint)?.Port ?? throw new ArgumentException("Only a TCP port can be entered in epmd.", nameof(endPoint));
        _ = NodeName.TryParse(nodeName, out NodeName name);
        return new Registration(await client.RegisterAsync(new EpmdNode(name.Alive, port, isHidden), cancellationToken));
    }

    public async ValueTask<EndPoint?> ResolveAsync(string nodeName, CancellationToken cancellationToken)
    {
        _ = NodeName.TryParse(nodeName, out NodeName name);
        IPAddress address = await HostNames.AddressOfAsync(name.Host, cancellationToken);
        EpmdNode? node = await client.ResolveAsync(name.Alive, address, cancellationToken);
        if (node is null)
            return null;
        if (node.HighestVersion < OldestVersion)
            throw new IOException(
                $"'{nodeName}' speaks the distribution protocol up to version {node.HighestVersion} only; version {OldestVersion} (OTP 23) is needed."
            );
        return new IPEndPoint(address, node.Port);
    }

    private sealed class Registration(EpmdRegistration entry) : INodeRegistration
    {
        public uint Creation => entry.Creation;

        public ValueTask DisposeAsync() => entry.DisposeAsync();
    }
}
