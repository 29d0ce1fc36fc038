namespace CloudScale;

/// <summary>What a handler of an event manager is called: a module, and an id where the module is installed several times. To Erlang: <c>Module</c> or <c>{Module, Id}</c>.</summary>
/// <param name="Module">The name of its kind.</param>
/// <param name="Id">Any term; null for none.</param>
public sealed record HandlerId(Atom Module, object? Id = null) : ITermConvertible
{
    /// <summary>A handler without an id.</summary>
    public static implicit operator HandlerId(Atom module) => new(module);

    /// <summary>A handler without an id.</summary>
    public static implicit operator HandlerId(string module) => new(module);

    /// <summary>A handler with an id.</summary>
    public static implicit operator HandlerId((Atom Module, object Id) name) => new(name.Module, name.Id);

    /// <summary>From the term, an atom or a pair that begins with one.</summary>
    public static bool TryFrom(object term, out HandlerId id)
    {
        id = term switch
        {
            HandlerId same => same,
            Atom module => new HandlerId(module),
            Tuple and [Atom module, var name] => new HandlerId(module, name),
            _ => null!,
        };
        return id is not null;
    }

    /// <inheritdoc/>
    public bool Equals(HandlerId? other) =>
        other is not null
        && ReferenceEquals(Module, other.Module)
        && (Id is null ? other.Id is null : other.Id is not null && Term.AreEqual(Id, other.Id));

    /// <inheritdoc/>
    public override int GetHashCode() => Module.GetHashCode();

    /// <inheritdoc/>
    public object ToTerm() => Id is null ? Module : Tuple.Of(Module, Id);

    /// <inheritdoc/>
    public override string ToString() => Term.Format(ToTerm());
}
