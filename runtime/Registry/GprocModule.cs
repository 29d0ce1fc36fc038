using CloudScale.Scheduling;

namespace CloudScale.Runtime.Registry;

/// <summary>What other nodes may ask of the registry, under the names of gproc: <c>rpc:call(Node, gproc, where, [{n, l, Name}])</c>.</summary>
/// <remarks>Nothing of it changes anything. Bad keys are <c>badarg</c>, as there.</remarks>
internal static class GprocModule
{
    private static readonly Atom s_module = Atom.Of("gproc");

    internal static void ExportQuestions(FunctionTable functions, Node node)
    {
        functions.Export(s_module, "where", (object key) => Where(node, key));
        functions.Export(s_module, "whereis_name", (object key) => Where(node, key));
        functions.Export(
            s_module,
            "lookup_pid",
            (object key) => Where(node, key) is Pid pid ? (object)pid : throw ErlangException.BadArgument()
        );
        functions.Export(s_module, "lookup_pids", (object key) => ListOf(node.Registry.Pids(KeyOf(key)).Select(static pid => (object)pid)));
        functions.Export(s_module, "lookup_value", (object key) => Value(() => node.Registry.GetValue(Unique(KeyOf(key)))));
        functions.Export(
            s_module,
            "lookup_values",
            (object key) => ListOf(node.Registry.Entries(KeyOf(key)).Select(static entry => (object)Tuple.Of(entry.Pid, entry.Value)))
        );
        functions.Export(s_module, "get_value", (object key, Pid owner) => Value(() => node.Registry.GetValue(KeyOf(key), owner)));
        functions.Export(s_module, "info", (Pid owner) => ListOf(node.Registry.EntriesOf(owner).Select(static entry => entry.ToTerm())));
        functions.Export(s_module, "select", (List specification) => ListOf(node.Registry.Select(Compiled(specification))));
        functions.Export(s_module, "select_count", (List specification) => (long)node.Registry.SelectCount(Compiled(specification)));
    }

    /// <summary>Waiting, in the process of the call: <c>await/1,2</c>, which gproc's <c>await/3</c> and <c>wide_await</c> ask for.</summary>
    internal static void ExportMessages(FunctionTable functions, Node node)
    {
        functions.Export(s_module, "await", 1, (self, arguments) => Await(node, self, arguments[0], Atom.Of("infinity")));
        functions.Export(s_module, "await", 2, (self, arguments) => Await(node, self, arguments[0], arguments[1]));
    }

    private static async ProcessTask<object> Await(Node node, Self self, object key, object timeout)
    {
        TimeSpan patience = Term.Normalize(timeout) switch
        {
            Atom { Name: "infinity" } => Timeout.InfiniteTimeSpan,
            long milliseconds and >= 0 and <= int.MaxValue => TimeSpan.FromMilliseconds(milliseconds),
            _ => throw ErlangException.BadArgument(),
        };
        Tuple entry = (Tuple)(await node.Registry.Await(self, Unique(KeyOf(key)), patience)).ToTerm();
        return Tuple.Of(entry[1], entry[2]);
    }

    private static object Where(Node node, object key) =>
        node.Registry.WhereIs(Unique(KeyOf(key))) is { IsNone: false } pid ? pid : Atoms.Undefined;

    private static RegistryKey KeyOf(object term) =>
        RegistryKey.TryFrom(term, out RegistryKey key) ? key : throw ErlangException.BadArgument();

    private static RegistryKey Unique(RegistryKey key) => key.IsUnique ? key : throw ErlangException.BadArgument();

    private static MatchSpec Compiled(List specification)
    {
        try
        {
            return MatchSpec.Compile(specification);
        }
        catch (EtsException)
        {
            throw ErlangException.BadArgument();
        }
    }

    private static object Value(Func<object> get)
    {
        try
        {
            return get();
        }
        catch (ArgumentException)
        {
            throw ErlangException.BadArgument();
        }
    }

    private static List ListOf(IEnumerable<object> terms) => List.Of([.. terms]);
}
