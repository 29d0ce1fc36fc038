namespace CloudScale.Tool.Nodes.Top;

/// <summary>A process as a node tells of it.</summary>
/// <param name="Pid">The process.</param>
/// <param name="Name">Its registered name, or what it was started with.</param>
/// <param name="MemoryBytes">What it holds.</param>
/// <param name="Reductions">What it has used since it began.</param>
/// <param name="Current">What it is at.</param>
/// <param name="Queued">Messages in its mailbox.</param>
internal sealed record TopProcess(Pid Pid, string Name, long MemoryBytes, long Reductions, string Current, long Queued)
{
    /// <summary>Reads an <c>#etop_proc_info{}</c>; null for anything else.</summary>
    public static TopProcess? Read(object record) =>
        record is Tuple and [Atom { Name: "etop_proc_info" }, Pid pid, long memory, long reductions, var name, _, var current, long queued]
            ? new TopProcess(pid, Describe(name), memory, reductions, Describe(current), queued)
            : null;

    private static string Describe(object term) =>
        term switch
        {
            Tuple and [Atom module, Atom function, long arity] => $"{Term.Format(module)}:{Term.Format(function)}/{arity}",
            Atom atom => atom.Name,
            _ => IoLib.Format("~tP", term, 8L),
        };
}
