namespace CloudScale.Runtime.Registry;

/// <summary>A process that the registry knows: what it owns and what it waits for. Forgotten when the process has exited.</summary>
/// <remarks>Threads: the pid is read by any, all else under the registry's lock.</remarks>
internal sealed class Client(Pid pid)
{
    internal readonly Pid Pid = pid;
    internal readonly Dictionary<RegistryKey, Entry> Entries = [];
    private Dictionary<Reference, Watcher>? _watchers;

    internal Dictionary<Reference, Watcher> Watchers => _watchers ??= [];

    internal bool HasWatchers => _watchers is { Count: > 0 };
}

/// <summary>Who waits for a key, or monitors it.</summary>
internal sealed record Watcher(Client Client, Reference Reference, RegistryKey Key, WatcherKind Kind);

internal enum WatcherKind : byte
{
    /// <summary>Is told once, when the key is registered.</summary>
    Await,

    /// <summary>Is told until the key is free.</summary>
    Info,

    /// <summary>Is told always.</summary>
    Follow,

    /// <summary>Takes the key over from one that died.</summary>
    Standby,
}
