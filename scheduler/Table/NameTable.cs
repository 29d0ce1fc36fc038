namespace CloudScale.Scheduling;

/// <summary>Registered names: an atom each, at most one a process.</summary>
/// <remarks>
/// Threads: any, no lock. A name is a slot under the atom's index; the process knows its own name. The process's side is taken first and given back last, so an exit that sees
/// no name has no slot to empty, and a slot always leads to a process that says the same or is just about to let go.
/// </remarks>
internal sealed class NameTable
{
    private const int SegmentBits = 10;
    private const int SegmentSize = 1 << SegmentBits;

    // The atom table bounds its size only up to the number of threads that race at the limit.
    private readonly Process?[]?[] _segments = new Process?[(2 * Atom.MaxCount) >> SegmentBits][];

    internal Process? Find(Atom name)
    {
        Process?[]? segment = Volatile.Read(ref _segments[name.Index >> SegmentBits]);
        return segment is null ? null : Volatile.Read(ref segment[name.Index & (SegmentSize - 1)]);
    }

    /// <summary>Binds a name to a process. False if the name is taken, the process has a name, or has just exited.</summary>
    internal bool TryAdd(Atom name, Process process)
    {
        Interleaving.Point();
        if (Interlocked.CompareExchange(ref process.Name, name, null) is not null)
            return false;
        ref Process? slot = ref Slot(name);
        Interleaving.Point();
        if (Interlocked.CompareExchange(ref slot, process, null) is not null)
        {
            Volatile.Write(ref process.Name, null);
            return false;
        }

        Interleaving.Point();
#if EXPLORATION
        if (Mutations.Is(Mutation.RegisterWithoutSecondLook))
            return true;
#endif
        if (!process.IsExited)
            return true;
        Withdraw(ref slot, process);
        return false;
    }

    /// <summary>Frees a name; false if nobody bears it.</summary>
    internal bool Remove(Atom name)
    {
        ref Process? slot = ref Slot(name);
        while (Volatile.Read(ref slot) is { } process)
        {
            Interleaving.Point();
            if (Interlocked.CompareExchange(ref slot, null, process) != process)
                continue;
            Interleaving.Point();
            Volatile.Write(ref process.Name, null);
            return true;
        }

        return false;
    }

    /// <summary>
    /// Moves a name to another process in one step: nobody ever finds it free. <paramref name="previous"/> is who bore it, null for nobody. False as <see cref="TryAdd"/>, but for a name that
    /// is taken.
    /// </summary>
    internal bool TryReplace(Atom name, Process process, out Process? previous)
    {
        previous = null;
        if (ReferenceEquals(Find(name), process))
        {
            previous = process;
            return !process.IsExited;
        }

        if (Interlocked.CompareExchange(ref process.Name, name, null) is not null)
            return false;
        ref Process? slot = ref Slot(name);
        Interleaving.Point();
        previous = Interlocked.Exchange(ref slot, process);
        Interleaving.Point();
        if (previous is not null)
            Volatile.Write(ref previous.Name, null);
        if (!process.IsExited)
            return true;
        Withdraw(ref slot, process);
        return false;
    }

    /// <summary>
    /// The process exited while it got its name. It may have let go of its side before the slot was filled: then nobody but us would empty that, so both go, each by itself.
    /// </summary>
    private static void Withdraw(ref Process? slot, Process process)
    {
        Interlocked.CompareExchange(ref slot, null, process);
        Volatile.Write(ref process.Name, null);
    }

    /// <summary>Frees the name of a process, if it has one and still bears it.</summary>
    internal void Release(Process process)
    {
        if (Volatile.Read(ref process.Name) is not { } name)
            return;
        Interleaving.Point();
#if EXPLORATION
        if (Mutations.Is(Mutation.NameRemovedByKey))
            Volatile.Write(ref Slot(name), null);
#endif
        Interlocked.CompareExchange(ref Slot(name), null, process);
        Interleaving.Point();
        Volatile.Write(ref process.Name, null);
    }

    /// <summary>All names now. A walk over the table: for tools.</summary>
    internal List<Atom> Names()
    {
        List<Atom> names = [];
        foreach (Process?[]? segment in _segments)
        {
            if (segment is null)
                continue;
            foreach (Process? process in segment)
            {
                if (process?.Name is { } name && !process.IsExited)
                    names.Add(name);
            }
        }

        return names;
    }

    private ref Process? Slot(Atom name)
    {
        ref Process?[]? segment = ref _segments[name.Index >> SegmentBits];
        if (Volatile.Read(ref segment) is null)
            Interlocked.CompareExchange(ref segment, new Process?[SegmentSize], null);
        return ref segment![name.Index & (SegmentSize - 1)];
    }
}
