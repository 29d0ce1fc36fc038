namespace CloudScale.Runtime.Services.Standard;

/// <summary>Functions that change a node, and those that end it.</summary>
internal static class ErlangControl
{
    private static readonly Atom s_erlang = Atom.Of("erlang");

    internal static void Export(FunctionTable functions, Node node)
    {
        ErlangMessages.Export(
            functions,
            s_erlang,
            "register",
            2,
            static (self, arguments) =>
            {
                Register(self, FunctionArguments.Take<Atom>(arguments, 0), FunctionArguments.Take<Pid>(arguments, 1));
                return Atoms.True;
            }
        );
        ErlangMessages.Export(
            functions,
            s_erlang,
            "unregister",
            1,
            static (self, arguments) =>
                self.System.Unregister(FunctionArguments.Take<Atom>(arguments, 0)) ? Atoms.True : throw ErlangException.BadArgument()
        );
        functions.Export(s_erlang, "disconnect_node", (Atom other) => node.Disconnect(other));
        NetKernelModule.ExportControl(functions, node);
    }

    private static void Register(Self self, Atom name, Pid pid)
    {
        try
        {
            self.Register(name, pid);
        }
        catch (ArgumentException)
        {
            throw ErlangException.BadArgument();
        }
    }

    internal static void ExportHalt(FunctionTable functions, Node node)
    {
        functions.Export(s_erlang, "halt", () => Halt(node, 0L));
        functions.Export(s_erlang, "halt", (object status) => Halt(node, status));
        functions.Export(s_erlang, "halt", (object status, List _) => Halt(node, status));
        functions.Export("init", "stop", () => Stop(node, 0L));
        functions.Export("init", "stop", (object status) => Stop(node, status));
    }

    /// <summary>A status, or a slogan or <c>abort</c>, which stand for failure.</summary>
    private static int StatusOf(object status) =>
        Term.Normalize(status) switch
        {
            long code and >= 0 and <= int.MaxValue => (int)code,
            List or Atom { Name: "abort" } => 1,
            _ => throw ErlangException.BadArgument(),
        };

    private static Atom Halt(Node node, object status)
    {
        node.Halt(new HaltRequest(StatusOf(status), IsOrderly: false));
        return Atoms.True;
    }

    private static Atom Stop(Node node, object status)
    {
        node.Halt(new HaltRequest(StatusOf(status), IsOrderly: true));
        return Atoms.Ok;
    }
}
