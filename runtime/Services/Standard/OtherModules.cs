namespace CloudScale.Runtime.Services.Standard;

/// <summary>What other modules of OTP are asked from afar: nodes, applications, code, the system, and the few functions of libraries that peers use to try a node out.</summary>
internal static class OtherModules
{
    private static readonly Tuple s_noFile = Tuple.Of(Atoms.Error, Atom.Of("nofile"));

    internal static void ExportQuestions(FunctionTable functions, Node node)
    {
        Atom adm = "net_adm";
        functions.Export(adm, "ping", 1, (_, arguments) => Ping(node, FunctionArguments.Take<Atom>(arguments, 0)));
        functions.Export(adm, "localhost", () => List.FromString(HostOf(node.Name)));
        NetKernelModule.ExportQuestions(functions, node);
        functions.Export("os", "getpid", () => List.FromString(Environment.ProcessId.ToString()));
        functions.Export(
            "os",
            "type",
            () => OperatingSystem.IsWindows() ? Tuple.Of((Atom)"win32", (Atom)"nt") : Tuple.Of((Atom)"unix", (Atom)"linux")
        );
        functions.Export("init", "get_status", () => Tuple.Of((Atom)"started", (Atom)"started"));
        functions.Export("init", "get_arguments", () => List.Empty);
        functions.Export("init", "get_argument", (Atom _) => Atoms.Error);
        ExportCode(functions);
        ExportLogging(functions);
    }

    internal static void ExportMessages(FunctionTable functions, Node node)
    {
        functions.Export("timer", "sleep", 1, static (self, arguments) => Sleep(self, arguments[0]));
        functions.Export(
            "lists",
            "reverse",
            (object list) => list is List { IsProper: true } proper ? List.Of([.. proper.Reverse()]) : throw NotReversible(list)
        );
        NetKernelModule.ExportMessages(functions, node);
    }

    /// <summary>OTP's function takes lists of one and two elements apart by itself, and leaves the rest to one that checks its arguments.</summary>
    private static ErlangException NotReversible(object list) =>
        list is List { Count: > 1 } ? ErlangException.BadArgument() : ErlangException.Error(Atom.Of("function_clause"));

    private static async ProcessTask<object> Ping(Node node, Atom other) => Atom.Of(await node.PingAsync(other) ? "pong" : "pang");

    private static async ProcessTask<object> Sleep(Self self, object time)
    {
        switch (Term.Normalize(time))
        {
            case Atom { Name: "infinity" }:
                await self.Sleep(Timeout.InfiniteTimeSpan);
                break;
            case long milliseconds and >= 0 and <= int.MaxValue:
                await self.Sleep(TimeSpan.FromMilliseconds(milliseconds));
                break;
            default:
                throw ErlangException.Error(Atom.Of("timeout_value"));
        }

        return Atoms.Ok;
    }

    internal static string HostOf(Atom node) => node.Name[(node.Name.IndexOf('@', StringComparison.Ordinal) + 1)..];

    /// <summary>A module is what has functions here; none has a file.</summary>
    private static void ExportCode(FunctionTable functions)
    {
        Atom code = "code";
        Atom preloaded = "preloaded";
        functions.Export(code, "which", (Atom module) => Has(functions, module) ? preloaded : (Atom)"non_existing");
        functions.Export(
            code,
            "is_loaded",
            (Atom module) => Has(functions, module) ? Tuple.Of((Atom)"file", preloaded) : (object)Atoms.False
        );
        functions.Export(code, "ensure_loaded", (Atom module) => Has(functions, module) ? Tuple.Of((Atom)"module", module) : s_noFile);
        functions.Export(code, "load_file", (Atom _) => s_noFile);
        functions.Export(code, "get_object_code", (Atom _) => Atoms.Error);
        functions.Export(code, "all_loaded", () => List.Of([.. functions.Modules.Select(module => (object)Tuple.Of(module, preloaded))]));
        functions.Export(code, "module_status", (Atom module) => Has(functions, module) ? (Atom)"loaded" : (Atom)"not_loaded");
        functions.Export(code, "get_mode", () => (Atom)"embedded");
        functions.Export(code, "get_path", () => List.Empty);
        functions.Export(code, "lib_dir", (Atom _) => Tuple.Of(Atoms.Error, (Atom)"bad_name"));
    }

    private static bool Has(FunctionTable functions, Atom module) => functions.Modules.Contains(module);

    private static void ExportLogging(FunctionTable functions)
    {
        functions.Export("logger", "get_primary_config", () => Map.Of(((Atom)"level", (Atom)"notice"), ((Atom)"filters", List.Empty)));
        functions.Export("logger", "get_handler_ids", () => List.Empty);
    }
}
