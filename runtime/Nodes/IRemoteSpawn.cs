using System.Diagnostics.CodeAnalysis;

namespace CloudScale.Runtime;

/// <summary>The functions that processes of other nodes may begin with: what <c>spawn(Node, Module, Function, Arguments)</c> and all that is built on it can reach.</summary>
internal interface IRemoteSpawn
{
    /// <summary>Finds the body of a process that begins with a function.</summary>
    /// <remarks>Threads: any; called in the new process, so it may take its time.</remarks>
    /// <param name="module">The module.</param>
    /// <param name="function">The function.</param>
    /// <param name="arity">How many arguments there are.</param>
    /// <param name="body">What to run with the arguments, a proper list of that many terms.</param>
    /// <returns>False for a function that is not there or not exported: the process exits with <c>undef</c>, as in OTP.</returns>
    bool TryFind(Atom module, Atom function, int arity, [NotNullWhen(true)] out Func<Self, List, ProcessTask>? body);
}

/// <summary>The table of a node that exports nothing.</summary>
internal sealed class NothingExported : IRemoteSpawn
{
    internal static readonly NothingExported Instance = new();

    public bool TryFind(Atom module, Atom function, int arity, [NotNullWhen(true)] out Func<Self, List, ProcessTask>? body)
    {
        body = null;
        return false;
    }
}
