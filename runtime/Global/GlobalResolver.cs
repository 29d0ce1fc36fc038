namespace CloudScale.Runtime.Global;

/// <summary>Compares the names of another partition with ours, and lets the methods decide about those that both have.</summary>
/// <remarks>
/// Of two nodes that join the lesser decides, so each conflict is decided once. The method is called on the node of the process that our side has under the name: <c>global:resolve_it(Method, Name, His, Ours)</c>.
/// </remarks>
internal sealed class GlobalResolver(Node node, GlobalTable table, Atom peer)
{
    private static readonly Atom s_insert = Atom.Of("insert");
    private static readonly Atom s_delete = Atom.Of("delete");
    private static readonly Atom s_resolveIt = Atom.Of("resolve_it");

    /// <returns>What our side has to do, and what the other.</returns>
    internal async ProcessTask<(List Ours, List Theirs)> Compare(Self self, List hisNames)
    {
        List<object> ours = [];
        List<object> theirs = [];
        bool weDecide = Term.Compare(node.Name, peer) < 0;
        foreach (object entry in hisNames)
        {
            if (entry is not (Tuple and [var name, Pid his, var method]))
                continue;
            if (!table.TryGetName(name, out GlobalName? known))
            {
                ours.Add(Tuple.Of(s_insert, entry));
                continue;
            }

            if (known.Pid == his || !weDecide)
                continue;
            object winner = await Resolve(self, known.Method, name, his, known.Pid);
            if (winner is Pid pid && pid == his)
                ours.Add(Tuple.Of(s_insert, entry));
            else if (winner is Pid kept && kept == known.Pid)
                theirs.Add(Tuple.Of(s_insert, Tuple.Of(name, known.Pid, known.Method)));
            else
            {
                ours.Add(Tuple.Of(s_delete, name));
                theirs.Add(Tuple.Of(s_delete, name));
            }
        }

        return (List.Of([.. ours]), List.Of([.. theirs]));
    }

    private async ProcessTask<object> Resolve(Self self, object method, object name, Pid his, Pid our)
    {
        if (ReferenceEquals(our.Node, node.Identity))
            return await ResolveMethods.Call(self, node, method, name, his, our);
        try
        {
            return await Rpc.Call(self, our.Node.Name, GlobalNames.Module, s_resolveIt, [method, name, his, our]);
        }
        catch (Exception exception) when (exception is ErlangException or RpcException or ProcessExitException)
        {
            GlobalNameServer.LogUnresolved(node.Logger, Term.Format(name), Term.Format(method), exception.Message);
            return his; // as OTP, when it cannot ask
        }
    }
}
