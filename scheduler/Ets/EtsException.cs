using System.Diagnostics.CodeAnalysis;

namespace CloudScale.Scheduling;

/// <summary>A call on a table that Erlang's <c>ets</c> would have answered with an error.</summary>
public sealed class EtsException : ArgumentException
{
    /// <summary>An error of reason <c>badarg</c>.</summary>
    public EtsException(string message)
        : base(message) { }

    /// <summary>An error of reason <c>badarg</c>, with what caused it.</summary>
    public EtsException(string message, Exception innerException)
        : base(message, innerException) { }

    /// <summary>An error of reason <c>badarg</c>.</summary>
    public EtsException() { }

    /// <summary>The error reason in Erlang: <c>badarg</c>.</summary>
    public Atom Reason { get; } = Atom.Of("badarg");

    [DoesNotReturn]
    internal static void Throw(string message) => throw new EtsException(message);
}
