using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace CloudScale.Runtime.Global;

/// <summary>What a node knows of global names and locks.</summary>
/// <remarks>Threads: read by any, written by the name server alone.</remarks>
internal sealed class GlobalTable
{
    private readonly ConcurrentDictionary<object, GlobalName> _names = new(TermComparer.Instance);
    private readonly ConcurrentDictionary<object, GlobalLock> _locks = new(TermComparer.Instance);

    internal IEnumerable<KeyValuePair<object, GlobalName>> Names => _names;

    internal bool TryGetName(object name, [NotNullWhen(true)] out GlobalName? entry) => _names.TryGetValue(name, out entry);

    internal void SetName(object name, GlobalName entry) => _names[name] = entry;

    internal void RemoveName(object name) => _names.TryRemove(name, out _);

    internal GlobalLock? LockOn(object resource) => _locks.GetValueOrDefault(resource);

    internal void SetLock(object resource, GlobalLock entry) => _locks[resource] = entry;

    internal void RemoveLock(object resource) => _locks.TryRemove(resource, out _);

    /// <summary>Whether a lock would be granted here, were it asked for now.</summary>
    internal bool MayLock(LockId id) => LockOn(id.Resource) is not { } held || Term.AreEqual(held.Requester, id.Requester);

    internal void Clear()
    {
        _names.Clear();
        _locks.Clear();
    }
}

/// <summary>Who bears a name.</summary>
/// <param name="Pid">The process.</param>
/// <param name="Method">The fun that decides when two have the name: as it came, for it goes on to other nodes.</param>
/// <param name="Monitor">The name server's monitor of the process.</param>
internal sealed record GlobalName(Pid Pid, object Method, Reference Monitor);

/// <summary>A lock that is held: for one requester, by the processes that have set it for him, each with the name server's monitor.</summary>
internal sealed record GlobalLock(object Requester, IReadOnlyList<(Pid Pid, Reference Monitor)> Holders);

/// <summary>What is locked, and for whom: <c>{ResourceId, LockRequesterId}</c>.</summary>
internal readonly record struct LockId(object Resource, object Requester)
{
    /// <summary>The resource that names are guarded by.</summary>
    internal static readonly Atom Global = Atom.Of("global");

    internal object ToTerm() => Tuple.Of(Resource, Requester);

    internal static bool TryFrom(object term, out LockId id)
    {
        id = term is Tuple and [var resource, var requester] ? new LockId(resource, requester) : default;
        return id.Resource is not null;
    }
}
