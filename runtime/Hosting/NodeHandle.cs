namespace CloudScale;

/// <summary>The node of a host, from before it has started.</summary>
/// <remarks>Threads: any. A singleton of the host's services; what needs the node takes this.</remarks>
public sealed class NodeHandle
{
    private readonly TaskCompletionSource<Node> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the node runs; fails if it could not start.</summary>
    public Task<Node> Started => _started.Task;

    /// <summary>The node: for whoever lives no longer than it, as behaviours do.</summary>
    /// <exception cref="InvalidOperationException">It does not run yet, or could not start.</exception>
    public Node Node =>
        _started.Task.IsCompletedSuccessfully
            ? _started.Task.Result
            : throw new InvalidOperationException("The node does not run yet: await NodeHandle.Started.");

    /// <summary>The node has been told to stop, or could not start.</summary>
    internal bool IsStopped { get; set; }

    /// <summary>The node while it runs; null before and after.</summary>
    internal Node? Running => !IsStopped && _started.Task.IsCompletedSuccessfully ? _started.Task.Result : null;

    internal void OnStarted(Node node) => _started.TrySetResult(node);

    internal void OnFailed(Exception exception)
    {
        IsStopped = true;
        _started.TrySetException(exception);
    }
}
