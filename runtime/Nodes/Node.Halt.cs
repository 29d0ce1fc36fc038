namespace CloudScale;

/// <content>How a node ends when it is asked to from afar.</content>
public sealed partial class Node
{
    /// <summary>Does what the host has decided on; by default an orderly stop ends the node, and a halt the program.</summary>
    internal void Halt(HaltRequest request)
    {
        if (_options.OnHalt is { } decide)
            decide(request);
        else if (request.IsOrderly)
            _ = Task.Run(StopAsync); // not in the process that asks: it ends, too
        else
            Environment.Exit(request.Status);
    }
}
