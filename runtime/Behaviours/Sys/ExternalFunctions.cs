using System.Runtime.CompilerServices;
using CloudScale.Scheduling;

namespace CloudScale.Runtime.Behaviours;

/// <summary>Which functions a process's node exports: <c>fun Module:Function/Arity</c> in a system message is one of these, or unknown.</summary>
internal static class ExternalFunctions
{
    private static readonly ConditionalWeakTable<ProcessSystem, FunctionTable> s_tables = [];

    internal static void Set(ProcessSystem processes, FunctionTable functions) => s_tables.AddOrUpdate(processes, functions);

    /// <summary>Calls a function in the process of the <see cref="Self"/>.</summary>
    /// <exception cref="ErlangException"><c>undef</c>, or it fails in Erlang's way.</exception>
    internal static ProcessTask<object> Call(Self self, ExternalFun function, object argument) =>
        function.Arity != 1 ? throw ErlangException.Error(Tuple.Of(Atom.Of("badarity"), Tuple.Of(function, List.Of(argument))))
        : s_tables.TryGetValue(self.System, out FunctionTable? functions)
            ? functions.Apply(self, function.Module, function.Function, List.Of(argument))
        : throw ErlangException.Error(Atom.Of("undef"));

    /// <summary>Calls a function with its arguments in the process of the <see cref="Self"/>.</summary>
    /// <exception cref="ErlangException"><c>undef</c>, or it fails in Erlang's way.</exception>
    internal static ProcessTask<object> Call(Self self, Atom module, Atom function, List arguments) =>
        s_tables.TryGetValue(self.System, out FunctionTable? functions)
            ? functions.Apply(self, module, function, arguments)
            : throw ErlangException.Error(Atom.Of("undef"));

    /// <summary>What is no function, or one whose code is on another node: <c>{badfun, Function}</c>.</summary>
    internal static ErlangException BadFunction(object function) => ErlangException.Error(Tuple.Of(Atom.Of("badfun"), function));
}
