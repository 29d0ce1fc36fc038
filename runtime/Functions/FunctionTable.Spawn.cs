using System.Diagnostics.CodeAnalysis;
using CloudScale.Runtime;

namespace CloudScale;

/// <content>Functions as bodies of processes: what <c>spawn</c>, and with it <c>erpc</c> and the newer <c>rpc</c> of other nodes, come in by.</content>
/// <remarks>
/// <c>erpc:execute_call(Ref, M, F, A)</c> ends its process with the result as exit reason, <c>{Ref, return, Value}</c>, <c>{Ref, throw, Value}</c>, <c>{Ref, exit, Reason}</c> or
/// <c>{Ref, error, Reason, Stack}</c>, which the caller's monitor brings home. Source: OTP kernel, <c>erpc</c>.
/// </remarks>
public sealed partial class FunctionTable : IRemoteSpawn
{
    private static readonly Atom s_erpc = Atom.Of("erpc");
    private static readonly Atom s_executeCall = Atom.Of("execute_call");
    private static readonly Atom s_executeCast = Atom.Of("execute_cast");

    /// <summary>Any function: one that is not here lets its process exit with <c>undef</c>.</summary>
    bool IRemoteSpawn.TryFind(Atom module, Atom function, int arity, [NotNullWhen(true)] out Func<Self, List, ProcessTask>? body)
    {
        body = (self, arguments) => RunAsBody(self, module, function, arguments);
        return true;
    }

    /// <summary>Calls a function as the body of a process, which ends with the reason that Erlang's would.</summary>
    internal ProcessTask RunAsBody(Self self, Atom module, Atom function, List arguments)
    {
        if (ReferenceEquals(module, s_erpc))
        {
            if (ReferenceEquals(function, s_executeCall) && arguments is [var reference, Atom called, Atom name, List values])
                return ExecuteCall(self, reference, called, name, values);
            if (ReferenceEquals(function, s_executeCast) && arguments is [Atom cast, Atom by, List with])
                return RunAsBody(self, cast, by, with);
        }

        return Run(self, module, function, arguments);
    }

    private async ProcessTask Run(Self self, Atom module, Atom function, List arguments)
    {
        CallOutcome outcome = await TryApply(self, module, function, arguments);
        if (outcome.Failure is not null)
            End(self, outcome, outcome.ToExitReason());
    }

    private async ProcessTask ExecuteCall(Self self, object reference, Atom module, Atom function, List arguments)
    {
        CallOutcome outcome = await TryApply(self, module, function, arguments);
        End(
            self,
            outcome,
            outcome.Failure switch
            {
                null => Tuple.Of(reference, FunctionAtoms.Return, outcome.Value),
                ErlangClass.Error => Tuple.Of(reference, FunctionAtoms.Error, outcome.Value, outcome.Stack),
                { } failure => Tuple.Of(reference, FunctionAtoms.Of(failure), outcome.Value),
            }
        );
    }

    /// <summary>
    /// Ends the process with a reason. What came out as an exit may be a signal that has been accepted, whose reason stands: then, and only then, an exception has to tell; else
    /// it would cost more than all the rest of the call.
    /// </summary>
    private static void End(Self self, CallOutcome outcome, object reason)
    {
        if (outcome.Failure == ErlangClass.Exit)
            throw new ProcessExitException(reason);
        Ending.With(self, reason);
    }

    /// <summary>Ends a process when its body returns.</summary>
    private abstract class Ending : ProcessHandler
    {
        internal static void With(Self self, object reason) => End(self, reason);
    }
}
