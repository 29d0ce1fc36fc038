namespace CloudScale.Runtime.ProcessGroups;

/// <summary>The functions of Erlang's module <c>pg</c> that a node exports, for the scopes that it has.</summary>
internal static class PgModule
{
    private static readonly Atom s_module = Atom.Of("pg");
    private static readonly Atom s_notJoined = Atom.Of("not_joined");
    private static readonly Atom s_noLocal = Atom.Of("nolocal");

    internal static void ExportQuestions(FunctionTable functions, Node node)
    {
        Ask(functions, node, "get_members", 1, (scope, arguments) => ListOf(scope.Members(arguments[0])));
        Ask(functions, node, "get_local_members", 1, (scope, arguments) => ListOf(scope.LocalMembers(arguments[0])));
        Ask(functions, node, "which_groups", 0, (scope, _) => List.Of([.. scope.Groups]));
    }

    internal static void ExportMessages(FunctionTable functions, Node node)
    {
        Act(
            functions,
            node,
            "join",
            2,
            async (scope, self, arguments) =>
            {
                await scope.Join(self, arguments[0], PidsOf(node, arguments[1]));
                return Atoms.Ok;
            }
        );
        Act(
            functions,
            node,
            "leave",
            2,
            async (scope, self, arguments) => await scope.Leave(self, arguments[0], PidsOf(node, arguments[1])) ? Atoms.Ok : s_notJoined
        );
        Act(
            functions,
            node,
            "monitor",
            1,
            async (scope, self, arguments) =>
            {
                (Reference reference, IReadOnlyList<Pid> members) = await scope.Monitor(self, arguments[0]);
                return Tuple.Of(reference, ListOf(members));
            }
        );
        Act(
            functions,
            node,
            "demonitor",
            1,
            async (scope, self, arguments) =>
                await scope.Demonitor(self, FunctionArguments.Take<Reference>(arguments, 0)) ? Atoms.Ok : Atoms.False
        );
    }

    // Each function has a form with the scope before its arguments, and one for the default scope.
    private static void Ask(FunctionTable functions, Node node, Atom name, int arity, Func<PgScope, List, object> body) =>
        Act(functions, node, name, arity, (scope, _, arguments) => new ProcessTask<object>(body(scope, arguments)));

    private static void Act(FunctionTable functions, Node node, Atom name, int arity, Func<PgScope, Self, List, ProcessTask<object>> body)
    {
        functions.Export(s_module, name, arity, (self, arguments) => body(node.Groups, self, arguments));
        functions.Export(
            s_module,
            name,
            arity + 1,
            (self, arguments) => body(node.GroupsOf(FunctionArguments.Take<Atom>(arguments, 0)), self, arguments.Slice(1, arity))
        );
    }

    private static Pid[] PidsOf(Node node, object term)
    {
        Pid[] pids = term switch
        {
            Pid pid => [pid],
            List { IsProper: true } list when list.All(element => element is Pid) => [.. list.Cast<Pid>()],
            _ => throw ErlangException.BadArgument(),
        };
        return pids.All(pid => ReferenceEquals(pid.Node, node.Identity)) ? pids : throw ErlangException.Error(Tuple.Of(s_noLocal, term));
    }

    private static List ListOf(IReadOnlyList<Pid> pids) => List.Of([.. pids.Select(pid => (object)pid)]);
}
