using CloudScale.Scheduling;

namespace CloudScale.Runtime.Services.Standard;

/// <summary>The functions of module <c>erlang</c> that only answer.</summary>
internal static class ErlangQuestions
{
    private static readonly Atom s_erlang = Atom.Of("erlang");

    internal static void Export(FunctionTable functions, Node node, SystemInfoTerms system)
    {
        ExportNodes(functions, node);
        ExportProcesses(functions, node);
        ExportSystem(functions, node, system);
        ExportTime(functions, node);
    }

    private static void ExportNodes(FunctionTable functions, Node node)
    {
        functions.Export(s_erlang, "node", () => node.Name);
        functions.Export(s_erlang, "node", (object of) => NodeOf(of));
        functions.Export(s_erlang, "nodes", () => NodesOf(node, "visible"));
        functions.Export(s_erlang, "nodes", (object which) => NodesOf(node, which));
        functions.Export(s_erlang, "is_alive", () => node.Identity.Creation != 0);
    }

    private static Atom NodeOf(object of) =>
        of switch
        {
            Pid pid => pid.Node.Name,
            Reference reference => reference.Node.Name,
            Port port => port.Node.Name,
            _ => throw ErlangException.BadArgument(),
        };

    private static List NodesOf(Node node, object which)
    {
        if (which is string alone)
            which = Atom.Of(alone);
        HashSet<Atom> names = [];
        foreach (object kind in which is List several ? several : List.Of(which))
        {
            IEnumerable<Atom> some = kind is not Atom atom
                ? throw ErlangException.BadArgument()
                : atom.Name switch
                {
                    "visible" => node.Nodes.Where(static info => !info.IsHidden).Select(static info => info.Name),
                    "hidden" => node.Nodes.Where(static info => info.IsHidden).Select(static info => info.Name),
                    "connected" => node.Nodes.Select(static info => info.Name),
                    "this" => [node.Name],
                    "known" => node.Nodes.Select(static info => info.Name).Append(node.Name),
                    _ => throw ErlangException.BadArgument(),
                };
            names.UnionWith(some);
        }

        return List.Of([.. names]);
    }

    private static void ExportProcesses(FunctionTable functions, Node node)
    {
        functions.Export(s_erlang, "processes", () => ProcessesOf(node.Processes));
        functions.Export(s_erlang, "is_process_alive", (Pid pid) => IsAlive(node.Processes, pid));
        functions.Export(s_erlang, "registered", () => List.Of([.. node.Processes.RegisteredNames]));
        functions.Export(s_erlang, "whereis", (Atom name) => WhereIs(node.Processes, name));
        functions.Export(
            s_erlang,
            "process_info",
            1,
            (_, arguments) => ProcessInfoTerms.All(node.Processes, Local(node, FunctionArguments.Take<Pid>(arguments, 0)))
        );
        functions.Export(
            s_erlang,
            "process_info",
            2,
            (_, arguments) => ProcessInfoTerms.Some(node.Processes, Local(node, FunctionArguments.Take<Pid>(arguments, 0)), arguments[1])
        );
        functions.Export(s_erlang, "ports", () => List.Empty);
        functions.Export(s_erlang, "port_info", (object _) => Atoms.Undefined);
    }

    internal static List ProcessesOf(ProcessSystem processes) => List.Of([.. processes.Processes().Select(static pid => (object)pid)]);

    private static object WhereIs(ProcessSystem processes, Atom name) =>
        processes.WhereIs(name) is { IsNone: false } pid ? pid : Atoms.Undefined;

    private static bool IsAlive(ProcessSystem processes, Pid pid) =>
        ReferenceEquals(pid.Node.Name, processes.Identity.Name) ? processes.IsAlive(pid) : throw ErlangException.BadArgument();

    /// <summary>A pid of this node.</summary>
    private static Pid Local(Node node, Pid pid) => ReferenceEquals(pid.Node.Name, node.Name) ? pid : throw ErlangException.BadArgument();

    private static void ExportSystem(FunctionTable functions, Node node, SystemInfoTerms system)
    {
        functions.Export(s_erlang, "system_info", (object item) => system.SystemInfo(item));
        functions.Export(s_erlang, "memory", SystemInfoTerms.Memory);
        functions.Export(s_erlang, "memory", (object items) => SystemInfoTerms.Memory(items));
        functions.Export(s_erlang, "statistics", (Atom item) => system.Statistics(item));
        functions.Export(s_erlang, "system_flag", (Atom flag, object value) => SystemFlag(flag, value));
        functions.Export(
            s_erlang,
            "function_exported",
            (Atom module, Atom function, int arity) => functions.Contains(module, function, arity)
        );
        functions.Export(s_erlang, "module_loaded", (Atom module) => functions.Modules.Contains(module));
        functions.Export(s_erlang, "loaded", () => List.Of([.. functions.Modules]));
        functions.Export(s_erlang, "get_module_info", (Atom module, Atom item) => ModuleInfo(functions, module, item));
        functions.Export(s_erlang, "make_ref", () => node.Processes.MakeReference());
        functions.Export(s_erlang, "unique_integer", () => node.Processes.UniqueInteger());
        functions.Export(s_erlang, "unique_integer", (List options) => UniqueInteger(node.Processes, options));
    }

    private static List ModuleInfo(FunctionTable functions, Atom module, Atom item)
    {
        IReadOnlyList<(Atom Function, int Arity)> exported = functions.FunctionsOf(module);
        return exported.Count > 0 && item.Name is ("exports" or "functions")
            ? List.Of([.. exported.Select(static entry => (object)Tuple.Of(entry.Function, (long)entry.Arity))])
            : throw ErlangException.BadArgument();
    }

    /// <summary>What tools switch on before they ask is always on; anything else is not for other nodes to set.</summary>
    private static Atom SystemFlag(Atom flag, object value) =>
        flag.Name == "scheduler_wall_time" && value is Atom ? Atoms.True : throw ErlangException.BadArgument();

    private static long UniqueInteger(ProcessSystem processes, List options)
    {
        long value = processes.UniqueInteger(options.Contains(Atom.Of("monotonic")));
        return options.Contains(Atom.Of("positive")) ? value & long.MaxValue : value;
    }

    private static void ExportTime(FunctionTable functions, Node node)
    {
        functions.Export(s_erlang, "system_time", () => Nanoseconds(node.Clock));
        functions.Export(s_erlang, "system_time", (object unit) => Nanoseconds(node.Clock) / NanosecondsIn(unit));
        functions.Export(s_erlang, "monotonic_time", () => Monotonic(node.Clock));
        functions.Export(s_erlang, "monotonic_time", (object unit) => Monotonic(node.Clock) / NanosecondsIn(unit));
        functions.Export(s_erlang, "timestamp", () => Timestamp(node.Clock));
        functions.Export(Atom.Of("os"), "timestamp", () => Timestamp(node.Clock));
        functions.Export(Atom.Of("os"), "system_time", () => Nanoseconds(node.Clock));
        functions.Export(Atom.Of("os"), "system_time", (object unit) => Nanoseconds(node.Clock) / NanosecondsIn(unit));
        functions.Export(s_erlang, "universaltime", () => Calendar(node.Clock.GetUtcNow()));
        functions.Export(s_erlang, "localtime", () => Calendar(node.Clock.GetLocalNow()));
    }

    internal static Tuple Timestamp(TimeProvider clock)
    {
        long micros = Nanoseconds(clock) / 1_000;
        return Tuple.Of(micros / 1_000_000_000_000, micros / 1_000_000 % 1_000_000, micros % 1_000_000);
    }

    private static long Nanoseconds(TimeProvider clock) => (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    private static long Monotonic(TimeProvider clock) => (long)clock.GetElapsedTime(0).TotalNanoseconds;

    private static long NanosecondsIn(object unit) =>
        Term.Normalize(unit) switch
        {
            Atom { Name: "second" or "seconds" } => 1_000_000_000,
            Atom { Name: "millisecond" or "milli_seconds" } => 1_000_000,
            Atom { Name: "microsecond" or "micro_seconds" } => 1_000,
            Atom { Name: "nanosecond" or "nano_seconds" or "native" } => 1,
            long perSecond and > 0 and <= 1_000_000_000 => 1_000_000_000 / perSecond,
            _ => throw ErlangException.BadArgument(),
        };

    private static Tuple Calendar(DateTimeOffset time) =>
        Tuple.Of(
            Tuple.Of((long)time.Year, (long)time.Month, (long)time.Day),
            Tuple.Of((long)time.Hour, (long)time.Minute, (long)time.Second)
        );
}
