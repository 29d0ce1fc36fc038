using System.Collections.Concurrent;
using System.Net;

namespace CloudScale.Interop.Connections;

/// <summary>A directory in memory, for clusters that live in one process.</summary>
/// <remarks>Threads: any. Creations count up from 4, so a run is repeatable.</remarks>
public sealed class InMemoryNodeDirectory : INodeDirectory
{
    private readonly ConcurrentDictionary<string, EndPoint> _nodes = new(StringComparer.Ordinal);
    private uint _creation = 3;

    /// <inheritdoc/>
    public ValueTask<INodeRegistration> RegisterAsync(
        string nodeName,
        EndPoint endPoint,
        bool isHidden,
        CancellationToken cancellationToken
    ) =>
        _nodes.TryAdd(nodeName, endPoint)
            ? ValueTask.FromResult<INodeRegistration>(new Registration(this, nodeName, Interlocked.Increment(ref _creation)))
            : throw new IOException($"The node name '{nodeName}' is taken.");

    /// <inheritdoc/>
    public ValueTask<EndPoint?> ResolveAsync(string nodeName, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_nodes.TryGetValue(nodeName, out EndPoint? endPoint) ? endPoint : null);

    private sealed class Registration(InMemoryNodeDirectory directory, string nodeName, uint creation) : INodeRegistration
    {
        public uint Creation => creation;

        public ValueTask DisposeAsync()
        {
            directory._nodes.TryRemove(nodeName, out _);
            return ValueTask.CompletedTask;
        }
    }
}
