namespace CloudScale.Runtime.ProcessGroups;

/// <summary>The processes of a group as a reader sees them: some first places of an array that only ever grows behind them.</summary>
/// <remarks>
/// Threads: immutable, any. <see cref="Adding"/> is for the one process that writes the group: it puts the new process behind the last one in the same array, where no reader of this value looks. So a
/// join costs the same however large the group is; a removal copies.
/// </remarks>
internal readonly struct Members
{
    private readonly Pid[] _pids;

    private Members(Pid[] pids, int count)
    {
        _pids = pids;
        Count = count;
    }

    internal int Count { get; }

    internal ReadOnlySpan<Pid> Span => _pids.AsSpan(0, Count);

    internal IReadOnlyList<Pid> List => Count == 0 ? Array.Empty<Pid>() : new ArraySegment<Pid>(_pids, 0, Count);

    internal Members Adding(ReadOnlySpan<Pid> pids)
    {
        int count = Count + pids.Length;
        Pid[] room = _pids ?? [];
        if (count > room.Length)
            Array.Resize(ref room, Math.Max(count, room.Length * 2));
        pids.CopyTo(room.AsSpan(Count));
        return new Members(room, count);
    }

    /// <summary>Without one occurrence of each of the processes; those that are not there are passed over.</summary>
    internal Members Removing(ReadOnlySpan<Pid> pids)
    {
        Dictionary<Pid, int> leaving = new(pids.Length);
        foreach (Pid pid in pids)
            leaving[pid] = leaving.GetValueOrDefault(pid) + 1;
        Pid[] left = new Pid[Count];
        int count = 0;
        foreach (Pid pid in Span)
        {
            if (leaving.GetValueOrDefault(pid) > 0)
                leaving[pid]--;
            else
                left[count++] = pid;
        }

        return new Members(left, count);
    }
}
