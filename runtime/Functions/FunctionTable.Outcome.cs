using Microsoft.Extensions.Logging;

namespace CloudScale;

/// <summary>What came of a call: what Erlang's <c>try … catch Class:Reason:Stack</c> tells.</summary>
/// <param name="Failure">How it failed; null if it returned.</param>
/// <param name="Value">What it returned, or why it failed.</param>
/// <param name="Stack">Erlang's stack trace of an error.</param>
public readonly record struct CallOutcome(ErlangClass? Failure, object Value, List Stack)
{
    /// <summary>The reason with which a process ends that does not catch it; the value if it returned.</summary>
    public object ToExitReason() =>
        Failure switch
        {
            ErlangClass.Error => Tuple.Of(Value, Stack),
            ErlangClass.Throw => Tuple.Of(Tuple.Of(FunctionAtoms.NoCatch, Value), Stack),
            _ => Value,
        };

    /// <summary>What Erlang's <c>catch</c> makes of it.</summary>
    public object ToCaught() =>
        Failure switch
        {
            ErlangClass.Error or ErlangClass.Exit => Tuple.Of(Atoms.Exit, ToExitReason()),
            _ => Value,
        };
}

public sealed partial class FunctionTable
{
    /// <summary>Calls a function in this process, and tells how it failed if it did. An exception that is not Erlang's is the error <c>{Type, Message}</c>, and is logged.</summary>
    /// <remarks>Threads: the process of the <see cref="Self"/>. A signal that ends the process meanwhile ends it all the same; its reason is then the value of the exit.</remarks>
    public async ProcessTask<CallOutcome> TryApply(Self self, Atom module, Atom function, List arguments)
    {
        try
        {
            return new CallOutcome(null, await Apply(self, module, function, arguments), List.Empty);
        }
        catch (ErlangException exception)
        {
            List stack = exception.Stack.Count > 0 ? exception.Stack : StackOf(module, function, arguments.Count);
            return new CallOutcome(exception.Class, exception.Reason, stack);
        }
        catch (ProcessExitException exit)
        {
            return new CallOutcome(ErlangClass.Exit, exit.Reason, List.Empty);
        }
        catch (Exception exception)
        {
            LogFault(_logger, module, function, arguments.Count, exception);
            return new CallOutcome(ErlangClass.Error, ReasonOf(exception), StackOf(module, function, arguments.Count));
        }
    }

    /// <summary>An exception of .NET as a reason: <c>{Type, Message}</c>.</summary>
    private static Tuple ReasonOf(Exception exception)
    {
        string type = exception.GetType().FullName ?? exception.GetType().Name;
        return Tuple.Of(Atom.Of(type.Length <= Atom.MaxCharacters ? type : type[..Atom.MaxCharacters]), exception.Message);
    }

    private static List StackOf(Atom module, Atom function, int arity) => List.Of(Tuple.Of(module, function, (long)arity, List.Empty));

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Module}:{Function}/{Arity} failed with an exception that is not Erlang's.")]
    private static partial void LogFault(ILogger logger, Atom module, Atom function, int arity, Exception exception);
}
