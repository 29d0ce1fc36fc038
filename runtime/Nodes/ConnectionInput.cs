using CloudScale.Interop.Connections;
using CloudScale.Scheduling;

namespace CloudScale.Runtime;

/// <summary>What comes over a node's connections, for its schedulers to look at.</summary>
internal sealed class ConnectionInput(IPolledInput input) : IInputSource
{
    public int Descriptor => input.Descriptor;

    public int Poll() => input.Poll();

    public bool Arm() => input.Arm();

    public void OnStopped() => input.PollAlone();
}
