namespace CloudScale.Scheduling;

/// <summary>The active aliases of a process.</summary>
/// <remarks>Threads: the owner of the process.</remarks>
internal sealed class AliasTable(Pid owner)
{
    private readonly AliasOrigin _origin = new(owner.Node, owner.Number);
    private SmallMap<Reference, Alias>? _active;

    /// <summary>For the one call the process may be waiting for.</summary>
    internal ReplyMatcher? ReplyMatcher;

    /// <summary>A reference that may become an alias of the process.</summary>
    internal Reference NewReference(ulong number) => new(_origin, number);

    internal void Add(Reference reference, AliasMode mode, bool priority) => (_active ??= new()).Set(reference, new Alias(mode, priority));

    internal bool TryGet(Reference reference, out Alias alias)
    {
        if (_active is not null)
            return _active.TryGet(reference, out alias);
        alias = default;
        return false;
    }

    internal bool Remove(Reference reference)
    {
#if EXPLORATION
        if (Mutations.Is(Mutation.AliasKept))
            return true;
#endif
        return _active?.Remove(reference, out _) ?? false;
    }

    internal Reference[] ToArray() => _active?.ToArray().Select(entry => entry.Key).ToArray() ?? [];
}

/// <summary>An active alias.</summary>
/// <param name="Mode">When it ends.</param>
/// <param name="Priority">Whether senders may ask that their messages go first.</param>
internal readonly record struct Alias(AliasMode Mode, bool Priority);
