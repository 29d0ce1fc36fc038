namespace CloudScale.Runtime.Behaviours;

/// <summary>Exit reasons: what an exception becomes, and which of them are a failure.</summary>
internal static class CrashReason
{
    /// <summary>The reason as it stands for an exit; <c>{exception, Type, Message, Stack}</c> for any other exception, as for every process.</summary>
    internal static object Of(Exception exception)
    {
        if (exception is ProcessExitException exit)
            return exit.Reason;
        if (exception is ErrorException error)
            return error.Reason;
        string type = exception.GetType().FullName ?? exception.GetType().Name;
        return Tuple.Of(
            Atoms.Exception,
            Atom.Of(type.Length <= Atom.MaxCharacters ? type : type[..Atom.MaxCharacters]),
            exception.Message,
            exception.StackTrace ?? ""
        );
    }

    /// <summary>Whether an exit is no failure, and not reported: <c>normal</c>, <c>shutdown</c>, <c>{shutdown, _}</c>.</summary>
    internal static bool IsOrderly(object reason) =>
        ReferenceEquals(reason, Atoms.Normal)
        || ReferenceEquals(reason, Atoms.Shutdown)
        || (reason is Tuple { Count: 2 } pair && ReferenceEquals(pair[0], Atoms.Shutdown));
}

/// <summary>An error that is a term, as <c>erlang:error/1</c> raises.</summary>
internal sealed class ErrorException(object reason) : Exception("An error that is a term.")
{
    internal object Reason { get; } = reason;
}
