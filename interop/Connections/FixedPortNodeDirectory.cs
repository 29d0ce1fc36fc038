using System.Net;

namespace CloudScale.Interop.Connections;

/// <summary>No epmd: every node listens at the same port of its host, and hosts are found by DNS. What Erlang nodes do with <c>-start_epmd false -erl_epmd_port Port</c>.</summary>
/// <remarks>So there is one node an address. Where several share a host, or ports differ, use <see cref="StaticNodeDirectory"/>. Threads: any.</remarks>
/// <param name="port">The port of all nodes; this node must listen at it, too.</param>
public sealed class FixedPortNodeDirectory(int port) : INodeDirectory
{
    /// <inheritdoc/>
    public ValueTask<INodeRegistration> RegisterAsync(
        string nodeName,
        EndPoint endPoint,
        bool isHidden,
        CancellationToken cancellationToken
    ) =>
        endPoint is IPEndPoint { Port: var own } && own != port
            ? throw new IOException(
                $"'{nodeName}' listens at port {own}, and others look for it at {port}: set that as the port to listen at (option ListenPort)."
            )
            : ValueTask.FromResult(StaticNodeDirectory.NewRegistration());

    /// <inheritdoc/>
    public async ValueTask<EndPoint?> ResolveAsync(string nodeName, CancellationToken cancellationToken)
    {
        if (!NodeName.TryParse(nodeName, out NodeName name))
            return null;
        return new IPEndPoint(await HostNames.AddressOfAsync(name.Host, cancellationToken), port);
    }
}
