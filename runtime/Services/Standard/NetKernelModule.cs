using CloudScale.Interop.Connections;

namespace CloudScale.Runtime.Services.Standard;

/// <summary>The functions of <c>net_kernel</c>: tick time, allowed nodes, connections, and who is told of nodes.</summary>
/// <remarks>Answers and errors are those of OTP 25, tried there.</remarks>
internal static class NetKernelModule
{
    private static readonly Atom s_module = Atom.Of("net_kernel");
    private static readonly Atom s_ignored = Atom.Of("ignored");
    private static readonly Atom s_ongoing = Atom.Of("ongoing_change_to");
    private static readonly Atom s_unchanged = Atom.Of("unchanged");
    private static readonly Atom s_initiated = Atom.Of("change_initiated");

    internal static void ExportQuestions(FunctionTable functions, Node node)
    {
        functions.Export(s_module, "get_net_ticktime", () => TickTime(node));
        functions.Export(s_module, "longnames", () => OtherModules.HostOf(node.Name).Contains('.', StringComparison.Ordinal));
    }

    internal static void ExportMessages(FunctionTable functions, Node node)
    {
        ErlangMessages.Export(
            functions,
            s_module,
            "monitor_nodes",
            1,
            (self, arguments) => MonitorNodes(node, self, arguments[0], List.Empty)
        );
        ErlangMessages.Export(
            functions,
            s_module,
            "monitor_nodes",
            2,
            (self, arguments) => MonitorNodes(node, self, arguments[0], arguments[1])
        );
    }

    internal static void ExportControl(FunctionTable functions, Node node)
    {
        functions.Export(s_module, "set_net_ticktime", (object time) => SetTickTime(node, time, 60L));
        functions.Export(s_module, "set_net_ticktime", (object time, object transition) => SetTickTime(node, time, transition));
        functions.Export(s_module, "allow", (object nodes) => Allow(node, nodes));
        functions.Export(s_module, "disconnect", (Atom other) => node.Disconnect(other));
        functions.Export(s_module, "connect_node", 1, async (_, arguments) => await ConnectAsync(node, arguments[0]));
    }

    private static object TickTime(Node node)
    {
        if (node.Distribution is null)
            return s_ignored;
        NetTickTime time = node.NetTickTime;
        return time.ChangingTo is { } next ? Tuple.Of(s_ongoing, (long)next.TotalSeconds) : (long)time.Current.TotalSeconds;
    }

    private static object SetTickTime(Node node, object time, object transition)
    {
        if (
            Term.Normalize(time) is not (long seconds and >= 1 and <= 2_592_000)
            || Term.Normalize(transition) is not (long transitionSeconds and >= 0 and <= 2_592_000)
        )
            throw ErlangException.Error(Atom.Of("function_clause"));
        if (node.Distribution is null)
            return s_ignored;
        while (true)
        {
            switch (node.SetNetTickTime(TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(transitionSeconds)))
            {
                case TickTimeChange.Unchanged:
                    return s_unchanged;
                case TickTimeChange.Initiated:
                    return s_initiated;
                default:
                    if (node.NetTickTime.ChangingTo is { } next)
                        return Tuple.Of(s_ongoing, (long)next.TotalSeconds);
                    break; // it has ended in between
            }
        }
    }

    private static Atom Allow(Node node, object nodes)
    {
        if (node.Distribution is null)
            return s_ignored;
        if (nodes is not List { IsProper: true } list || list.Any(name => name is not Atom))
            return Atoms.Error;
        node.Allow(list.Cast<Atom>());
        return Atoms.Ok;
    }

    private static async ProcessTask<object> ConnectAsync(Node node, object other)
    {
        if (other is not Atom name)
            return Atoms.False;
        if (node.Distribution is null)
            return s_ignored;
        return await node.ConnectAsync(name);
    }

    private static object MonitorNodes(Node node, Self self, object on, object options)
    {
        if (Term.Normalize(on) is not Atom { Name: "true" or "false" } flag)
            return Atoms.Error;
        if (!NodeMonitorTerms.TryParse(options, out NodeMonitorOptions? parsed, out Tuple? error))
            return Tuple.Of(Atoms.Error, error);
        if (ReferenceEquals(flag, Atoms.True))
            node.MonitorNodes(self.Pid, parsed);
        else
            node.DemonitorNodes(self.Pid, parsed);
        return Atoms.Ok;
    }
}
