using CloudScale.Runtime.Services.Standard;

namespace CloudScale.Runtime.Global;

/// <summary>The functions of Erlang's module <c>global</c> that a node exports.</summary>
/// <remarks>Those that change names or locks give a peer nothing that the protocol of <c>global_name_server</c> would not.</remarks>
internal static class GlobalModule
{
    private static readonly Atom s_module = GlobalNames.Module;
    private static readonly Atom s_yes = Atom.Of("yes");
    private static readonly Atom s_no = Atom.Of("no");
    private static readonly Atom s_infinity = Atom.Of("infinity");

    internal static void ExportQuestions(FunctionTable functions, Node node)
    {
        functions.Export(
            s_module,
            "whereis_name",
            (object name) => node.Global.WhereIs(name) is { IsNone: false } pid ? (object)pid : Atoms.Undefined
        );
        functions.Export(s_module, "registered_names", () => List.Of([.. node.Global.Names]));
    }

    internal static void ExportMessages(FunctionTable functions, Node node)
    {
        ExportNames(functions, node.Global);
        ExportLocks(functions, node.Global);
        ExportMethods(functions, node);
    }

    private static void ExportNames(FunctionTable functions, GlobalNames global)
    {
        functions.Export(s_module, "register_name", 2, (self, arguments) => Register(global, self, arguments));
        functions.Export(s_module, "register_name", 3, (self, arguments) => Register(global, self, arguments));
        functions.Export(s_module, "re_register_name", 2, (self, arguments) => ReRegister(global, self, arguments));
        functions.Export(s_module, "re_register_name", 3, (self, arguments) => ReRegister(global, self, arguments));
        functions.Export(s_module, "register_name_external", 2, (self, arguments) => RegisterExternal(global, self, arguments));
        functions.Export(s_module, "register_name_external", 3, (self, arguments) => RegisterExternal(global, self, arguments));
        foreach (string unregister in (string[])["unregister_name", "unregister_name_external"])
            functions.Export(
                s_module,
                unregister,
                1,
                async (self, arguments) =>
                {
                    await global.Unregister(self, arguments[0]);
                    return Atoms.Ok;
                }
            );
        ErlangMessages.Export(functions, s_module, "send", 2, (self, arguments) => global.Send(self, arguments[0], arguments[1]));
        functions.Export(
            s_module,
            "sync",
            0,
            async (self, _) =>
            {
                await global.Sync(self);
                return Atoms.Ok;
            }
        );
    }

    private static void ExportLocks(FunctionTable functions, GlobalNames global)
    {
        for (int arity = 1; arity <= 3; arity++)
            functions.Export(s_module, "set_lock", arity, (self, arguments) => SetLock(global, self, arguments));
        for (int arity = 1; arity <= 2; arity++)
            functions.Export(
                s_module,
                "del_lock",
                arity,
                async (self, arguments) =>
                {
                    LockId id = IdOf(arguments[0]);
                    await global.DeleteLock(self, id.Resource, id.Requester, NodesOf(arguments));
                    return Atoms.True;
                }
            );
    }

    private static void ExportMethods(FunctionTable functions, Node node)
    {
        functions.Export(
            s_module,
            "resolve_it",
            4,
            (self, arguments) =>
                ResolveMethods.Call(
                    self,
                    node,
                    arguments[0],
                    arguments[1],
                    FunctionArguments.Take<Pid>(arguments, 2),
                    FunctionArguments.Take<Pid>(arguments, 3)
                )
        );
        ExportMethod(
            functions,
            ResolveMethods.RandomExit,
            (self, name, one, other) => ResolveMethods.RandomExitName(self, node, name, one, other)
        );
        ExportMethod(
            functions,
            ResolveMethods.RandomNotify,
            (self, name, one, other) => ResolveMethods.RandomNotifyName(self, name, one, other)
        );
        ExportMethod(functions, ResolveMethods.NotifyAll, ResolveMethods.NotifyAllName);
    }

    private static void ExportMethod(FunctionTable functions, ExternalFun fun, Func<Self, object, Pid, Pid, object> body) =>
        ErlangMessages.Export(
            functions,
            fun.Module,
            fun.Function,
            fun.Arity,
            (self, arguments) =>
                body(self, arguments[0], FunctionArguments.Take<Pid>(arguments, 1), FunctionArguments.Take<Pid>(arguments, 2))
        );

    private static async ProcessTask<object> Register(GlobalNames global, Self self, List arguments) =>
        await global.Register(self, arguments[0], FunctionArguments.Take<Pid>(arguments, 1), MethodOf(arguments)) ? s_yes : s_no;

    private static async ProcessTask<object> RegisterExternal(GlobalNames global, Self self, List arguments) =>
        await global.RegisterExternal(self, arguments[0], FunctionArguments.Take<Pid>(arguments, 1), MethodOf(arguments)) ? s_yes : s_no;

    private static async ProcessTask<object> ReRegister(GlobalNames global, Self self, List arguments)
    {
        await global.ReRegister(self, arguments[0], FunctionArguments.Take<Pid>(arguments, 1), MethodOf(arguments));
        return s_yes;
    }

    private static async ProcessTask<object> SetLock(GlobalNames global, Self self, List arguments)
    {
        LockId id = IdOf(arguments[0]);
        int? retries = arguments.Count < 3 || ReferenceEquals(arguments[2], s_infinity) ? null : FunctionArguments.Take<int>(arguments, 2);
        return await global.SetLock(self, id.Resource, id.Requester, NodesOf(arguments), retries) ? Atoms.True : Atoms.False;
    }

    private static LockId IdOf(object term) => LockId.TryFrom(term, out LockId id) ? id : throw ErlangException.BadArgument();

    private static Atom[]? NodesOf(List arguments) =>
        arguments.Count < 2 ? null
        : arguments[1] is List { IsProper: true } nodes && nodes.All(entry => entry is Atom) ? [.. nodes.Cast<Atom>()]
        : throw ErlangException.BadArgument();

    private static ExternalFun? MethodOf(List arguments) =>
        arguments.Count < 3
            ? null
            : arguments[2] switch
            {
                ExternalFun { Arity: 3 } fun => fun,
                Tuple and [Atom module, Atom function] => new ExternalFun(module, function, 3),
                _ => throw ErlangException.BadArgument(),
            };
}
