using System.Net;

namespace CloudScale.Interop.Connections;

/// <summary>Makes nodes findable: epmd, or something in its place.</summary>
public interface INodeDirectory
{
    /// <summary>Enters a node.</summary>
    /// <param name="nodeName">Full node name.</param>
    /// <param name="endPoint">Where it listens.</param>
    /// <param name="isHidden">Whether it is a hidden node.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The entry; disposing it takes the node out again.</returns>
    /// <exception cref="IOException">The name is taken, or the directory cannot be reached; the message says so.</exception>
    ValueTask<INodeRegistration> RegisterAsync(string nodeName, EndPoint endPoint, bool isHidden, CancellationToken cancellationToken);

    /// <summary>Where a node listens, or null if it is not entered.</summary>
    /// <exception cref="IOException">The directory cannot be reached; the message says so.</exception>
    ValueTask<EndPoint?> ResolveAsync(string nodeName, CancellationToken cancellationToken);
}

/// <summary>A node's entry in a directory.</summary>
public interface INodeRegistration : IAsyncDisposable
{
    /// <summary>The creation of this life of the node; not 0.</summary>
    uint Creation { get; }
}
