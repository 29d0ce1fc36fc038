using System.Net;
using System.Security.Cryptography;

namespace CloudScale.Interop.Connections;

/// <summary>No epmd: a table says where each node listens. What an Erlang node does with an <c>-epmd_module</c> of its own.</summary>
/// <remarks>Threads: any. The table is asked at every attempt to connect, so one that changes is taken as it is then.</remarks>
/// <param name="nodes">Full node names and where they listen; a <see cref="DnsEndPoint"/> is looked up when it is needed.</param>
public sealed class StaticNodeDirectory(IReadOnlyDictionary<string, EndPoint> nodes) : INodeDirectory
{
    private const uint FirstCreation = 4; // 0 means "not distributed", 1 to 3 are those of nodes older than OTP 23

    /// <inheritdoc/>
    /// <remarks>The node itself need not be in the table: then it calls others and they do not call it.</remarks>
    public ValueTask<INodeRegistration> RegisterAsync(
        string nodeName,
        EndPoint endPoint,
        bool isHidden,
        CancellationToken cancellationToken
    ) =>
        nodes.TryGetValue(nodeName, out EndPoint? said) && PortOf(said) != PortOf(endPoint)
            ? throw new IOException(
                $"'{nodeName}' listens at {endPoint}, and the table says {said}: set that port as the one to listen at (option ListenPort)."
            )
            : ValueTask.FromResult(NewRegistration());

    /// <inheritdoc/>
    public async ValueTask<EndPoint?> ResolveAsync(string nodeName, CancellationToken cancellationToken) =>
        nodes.GetValueOrDefault(nodeName) switch
        {
            DnsEndPoint host => new IPEndPoint(await HostNames.AddressOfAsync(host.Host, cancellationToken), host.Port),
            var endPoint => endPoint,
        };

    /// <summary>An entry in nothing, with a creation that tells this life of the node from others: drawn by lot, as OTP does without epmd.</summary>
    internal static INodeRegistration NewRegistration() =>
        new Registration(FirstCreation + (BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4)) % (uint.MaxValue - FirstCreation)));

    private static int? PortOf(EndPoint endPoint) =>
        endPoint switch
        {
            IPEndPoint ip => ip.Port,
            DnsEndPoint host => host.Port,
            _ => null,
        };

    private sealed class Registration(uint creation) : INodeRegistration
    {
        public uint Creation => creation;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
