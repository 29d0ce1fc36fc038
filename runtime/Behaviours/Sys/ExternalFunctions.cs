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
        function.Arity == 1 && s_tables.TryGetValue(self.System, out FunctionTable? functions)
            ? functions.Apply(self, function.Module, function.Function, List.Of(argument))
            : throw Undefined(function);

    /// <summary>Calls a function with its arguments in the process of the <see cref="Self"/>.</summary>
    /// <exception cref="ErlangException"><c>undef</c>, or it fails in Erlang's way.</exception>
    internal static ProcessTask<object> Call(Self self, Atom module, Atom function, List arguments) =>
        s_tables.TryGetValue(self.System, out FunctionTable? functions)
            ? functions.Apply(self, module, function, arguments)
            : throw Undefined(Tuple.Of(module, function, arguments));

    internal static ErlangException Undefined(object function) => ErlangException.Error(Tuple.Of(Atom.Of("undef"), function));
}
