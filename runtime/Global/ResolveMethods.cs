using Microsoft.Extensions.Logging;

namespace CloudScale.Runtime.Global;

/// <summary>The methods that decide which of two processes keeps a name, as funs: <c>fun Module:Function/3</c> of name and the two pids, which gives one of them, or <c>none</c>.</summary>
/// <remarks>Those of module <c>global</c> are here; others are functions that the node exports. A local fun of another node can only be called there. Source: OTP kernel, global.</remarks>
internal static partial class ResolveMethods
{
    internal static readonly ExternalFun RandomExit = new(GlobalNames.Module, "random_exit_name", 3);
    internal static readonly ExternalFun RandomNotify = new(GlobalNames.Module, "random_notify_name", 3);
    internal static readonly ExternalFun NotifyAll = new(GlobalNames.Module, "notify_all_name", 3);
    private static readonly Atom s_none = Atom.Of("none");
    private static readonly Atom s_conflict = Atom.Of("global_name_conflict");
    private static readonly Atom s_kill = Atom.Of("kill");

    /// <summary>Calls a method in this process. What it throws counts as a value, and so as no decision.</summary>
    internal static async ProcessTask<object> Call(Self self, Node node, object method, object name, Pid one, Pid other)
    {
        ExternalFun? fun = method switch
        {
            ExternalFun external => external,
            Tuple and [Atom module, Atom function] => new ExternalFun(module, function, 3),
            _ => null,
        };
        if (fun is not { Arity: 3 })
        {
            GlobalNameServer.LogUnresolved(node.Logger, Term.Format(name), Term.Format(method), "it is no fun of this node");
            return s_none;
        }

        try
        {
            return await node.Functions.Apply(self, fun.Module, fun.Function, List.Of(name, one, other));
        }
        catch (ErlangException exception)
        {
            GlobalNameServer.LogUnresolved(node.Logger, Term.Format(name), Term.Format(method), exception.Message);
            return s_none;
        }
    }

    internal static Pid RandomExitName(Self self, Node node, object name, Pid one, Pid other)
    {
        (Pid kept, Pid lost) = ByNode(one, other);
        LogTerminating(node.Logger, Term.Format(name), lost);
        self.Exit(lost, s_kill);
        return kept;
    }

    internal static Pid RandomNotifyName(Self self, object name, Pid one, Pid other)
    {
        (Pid kept, Pid lost) = ByNode(one, other);
        self.Send(lost, Tuple.Of(s_conflict, name));
        return kept;
    }

    internal static Atom NotifyAllName(Self self, object name, Pid one, Pid other)
    {
        self.Send(one, Tuple.Of(s_conflict, name, other));
        self.Send(other, Tuple.Of(s_conflict, name, one));
        return s_none;
    }

    private static (Pid Kept, Pid Lost) ByNode(Pid one, Pid other) =>
        Term.Compare(one.Node.Name, other.Node.Name) < 0 ? (one, other) : (other, one);

    [LoggerMessage(Level = LogLevel.Information, Message = "global: name conflict over {Name}, terminating {Pid}.")]
    private static partial void LogTerminating(ILogger logger, string name, Pid pid);
}
