namespace CloudScale.Runtime.Registry;

/// <summary>A place in a pool: whoever bears its key works there.</summary>
internal sealed class PoolSlot(object pool, int position, object name)
{
    private static readonly Atom s_pool = Atom.Of("gproc_pool");

    internal readonly object Name = name;
    internal readonly int Position = position; // from 1
    internal readonly RegistryKey Key = RegistryKey.OfName(List.Of(s_pool, pool, (long)position, name));

    private volatile Entry? _connected;

    /// <summary>By what the process that was connected last bears the key: nearer than to look the key up at each pick.</summary>
    internal Entry? Connected
    {
        get => _connected;
        set => _connected = value;
    }

    /// <summary>Who has claimed it; null for nobody. Under the pool's lock.</summary>
    internal PoolLease? Claimer;

    internal long Count;
}
