namespace CloudScale.Scheduling;

/// <summary>The tables of a node.</summary>
public sealed partial class ProcessSystem
{
    private EtsTables? _ets;

    /// <summary>The tables of this node: Erlang's <c>ets</c>.</summary>
    public EtsTables Ets => Volatile.Read(ref _ets) ?? LazyInitializer.EnsureInitialized(ref _ets, () => new EtsTables(this));

    private PersistentTerms? _persistentTerms;

    /// <summary>Terms of this node that are read often and seldom change: Erlang's <c>persistent_term</c>.</summary>
    public PersistentTerms PersistentTerms =>
        Volatile.Read(ref _persistentTerms) ?? LazyInitializer.EnsureInitialized(ref _persistentTerms, () => new PersistentTerms());

    /// <summary>The process of a local pid; null if it is gone, or another node's.</summary>
    internal Process? FindLocal(Pid pid) => Find(pid);
}
