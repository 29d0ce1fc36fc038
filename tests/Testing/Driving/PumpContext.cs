namespace CloudScale.Testing;

/// <summary>Brings continuations of tasks back to the thread that drives the test, as steps of the schedule.</summary>
internal sealed class PumpContext(Director director) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state) => director.PostWork(d, state);

    public override void Send(SendOrPostCallback d, object? state)
    {
        ArgumentNullException.ThrowIfNull(d);
        d(state);
    }

    public override SynchronizationContext CreateCopy() => this;
}
