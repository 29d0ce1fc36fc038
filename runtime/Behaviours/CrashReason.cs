namespace CloudScale.Runtime.Behaviours;

/// <summary>Exit reasons: what an exception becomes, and which of them are a failure.</summary>
internal static class CrashReason
{
    private static readonly Atom s_badReturn = Atom.Of("bad_return_value");

    /// <summary>The reason as it stands for an exit; <c>{exception, Type, Message, Stack}</c> for any other exception, as for every process.</summary>
    internal static object Of(Exception exception)
    {
        if (exception is ProcessExitException exit)
            return exit.Reason;
        if (exception is ErlangException erlang)
            return erlang.Class switch
            {
                ErlangClass.Exit => erlang.Reason,
                ErlangClass.Error => Tuple.Of(erlang.Reason, erlang.Stack),
                _ => Tuple.Of(s_badReturn, erlang.Reason), // a thrown value counts as what the callback returns
            };
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
