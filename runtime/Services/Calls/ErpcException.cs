namespace CloudScale;

/// <summary>A call of <see cref="Erpc"/> that brought no result: an <c>error</c> with reason <c>{erpc, Cause}</c>, as OTP's <c>erpc</c> raises it.</summary>
/// <remarks>
/// A function that fails raises an <see cref="ErlangException"/> instead: of class throw with its value; of class exit with <c>{exception, Reason}</c>, or <c>{signal, Reason}</c> where an exit signal
/// ended its process; of class error with <c>{exception, Reason, Stack}</c>.
/// </remarks>
public sealed class ErpcException : ErlangException
{
    internal static readonly Atom Tag = Atom.Of("erpc");

    /// <summary>Makes the exception.</summary>
    /// <param name="cause">Why.</param>
    public ErpcException(object cause)
        : base(ErlangClass.Error, Tuple.Of(Tag, cause)) => Cause = cause;

    /// <summary>
    /// <c>noconnection</c> or <c>timeout</c>, and then the function may run or not; <c>notsup</c> (the node knows no <c>erpc</c>), <c>system_limit</c>, <c>badopt</c>.
    /// </summary>
    public object Cause { get; }
}
