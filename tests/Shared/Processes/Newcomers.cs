using CloudScale.Scheduling;

namespace CloudScale.Testing;

/// <summary>The processes that began after a moment, and live. A count of all says less: what a node has begun with may end meanwhile.</summary>
internal sealed class Newcomers(ProcessSystem system)
{
    private readonly HashSet<Pid> _known = [.. system.Processes()];

    public int Count => system.Processes().Count(pid => !_known.Contains(pid));
}
