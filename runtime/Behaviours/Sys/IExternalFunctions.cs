using System.Runtime.CompilerServices;
using CloudScale.Scheduling;

namespace CloudScale.Runtime.Behaviours;

/// <summary>The functions that a node exports by module, name and arity, as behaviours need them: <c>fun Module:Function/Arity</c> in a system message is one of these or unknown.</summary>
/// <remarks>Threads: the process that calls.</remarks>
public interface IExternalFunctions
{
    /// <summary>Calls a function in the process of the <see cref="Self"/>, if the node exports it.</summary>
    /// <param name="self">The process.</param>
    /// <param name="function">Which.</param>
    /// <param name="arguments">As many as its arity says.</param>
    /// <param name="result">What it returns; an exception is its failure.</param>
    /// <returns>Whether there is such a function.</returns>
    bool TryCall(Self self, ExternalFun function, IReadOnlyList<object> arguments, out ProcessTask<object> result);
}

/// <summary>Which functions the processes of a node know.</summary>
public static class ExternalFunctions
{
    private static readonly ConditionalWeakTable<ProcessSystem, IExternalFunctions> s_functions = [];

    /// <summary>Sets the functions of a node.</summary>
    public static void Set(ProcessSystem processes, IExternalFunctions functions) => s_functions.AddOrUpdate(processes, functions);

    /// <summary>The functions of a node; null while it exports none.</summary>
    public static IExternalFunctions? Of(ProcessSystem processes) =>
        s_functions.TryGetValue(processes, out IExternalFunctions? functions) ? functions : null;
}
