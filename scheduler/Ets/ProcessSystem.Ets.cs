namespace CloudScale.Scheduling;

/// <summary>The tables of a node.</summary>
public sealed partial class ProcessSystem
{
    private EtsTables? _ets;

    /// <summary>The tables of this node: Erlang's <c>ets</c>.</summary>
    public EtsTables Ets => Volatile.Read(ref _ets) ?? LazyInitializer.EnsureInitialized(ref _ets, () => new EtsTables(this));

    /// <summary>The process of a local pid; null if it is gone, or another node's.</summary>
    internal Process? FindLocal(Pid pid) => Find(pid);
}
