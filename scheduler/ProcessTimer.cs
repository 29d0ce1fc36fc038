namespace CloudScale;

/// <summary>A message on its way through time.</summary>
public abstract class ProcessTimer
{
    private protected ProcessTimer() { }

    /// <summary>Takes the message back. Threads: any.</summary>
    /// <returns>True if it will not be sent; false if it has been, or was cancelled before.</returns>
    public abstract bool Cancel();
}
