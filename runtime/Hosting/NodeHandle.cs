namespace CloudScale;

/// <summary>The node of a host, from before it has started.</summary>
public sealed class NodeHandle
{
    private readonly TaskCompletionSource<Node> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the node runs; fails if it could not start.</summary>
    public Task<Node> Started => _started.Task;

    internal void OnStarted(Node node) => _started.TrySetResult(node);

    internal void OnFailed(Exception exception) => _started.TrySetException(exception);
}
