namespace CloudScale;

/// <summary>An entry of a <see cref="ProcessRegistry"/> as it was when it was looked at. To Erlang: <c>{Key, Pid, Value}</c>, with <c>shared</c> for the pid of an entry that no process owns.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Pid">Who owns it; none if it is shared.</param>
/// <param name="Value">Its value; <c>undefined</c> unless one was given, an integer for counters.</param>
public readonly record struct RegistryEntry(RegistryKey Key, Pid Pid, object Value) : ITermConvertible
{
    private static readonly Atom s_shared = Atom.Of("shared");

    /// <summary>Whether no process owns it.</summary>
    public bool IsShared => Pid.IsNone;

    /// <inheritdoc/>
    public object ToTerm() => Tuple.Of(Key.ToTerm(), Pid.IsNone ? s_shared : Pid, Value);

    /// <summary>As Erlang prints it.</summary>
    public override string ToString() => Term.Format(ToTerm());
}
