namespace CloudScale;

/// <summary>Whom a call is to be answered: <c>{Pid, Tag}</c> to Erlang. May be kept, or sent to another process that answers in the place of the server.</summary>
/// <remarks>A value of five words. The tag is mostly <c>[alias | Ref]</c>, and then the answer goes to the alias, which drops it where it comes too late.</remarks>
public readonly struct From : IEquatable<From>, ITermConvertible
{
    private static readonly List s_aliasTag = List.Of(Atom.Of("alias"));

    private readonly object? _tag; // null where it is [alias | Alias]

    internal From(Pid caller, Reference alias)
    {
        Caller = caller;
        Alias = alias;
    }

    /// <summary>Whoever awaits an answer behind an alias.</summary>
    /// <param name="caller">Whose alias it is.</param>
    /// <param name="alias">See <see cref="Self.PrepareMonitor"/>.</param>
    public static From Behind(Pid caller, Reference alias)
    {
        if (alias.IsNone)
            throw new ArgumentException("default(Reference) is no alias.", nameof(alias));
        return new(caller, alias);
    }

    private From(Pid caller, object tag)
    {
        Caller = caller;
        if (tag is List { Count: 1, Tail: Reference alias } head && ReferenceEquals(head[0], s_aliasTag[0]))
            Alias = alias;
        else
            _tag = tag;
    }

    /// <summary>The process that called.</summary>
    public Pid Caller { get; }

    /// <summary>What the answer must carry, so that the caller knows which call it is about.</summary>
    public object Tag => _tag ?? AliasTag(Alias);

    /// <summary>Where the answer goes; none if it goes to the caller.</summary>
    internal Reference Alias { get; }

    /// <summary>From the term that stands in a call.</summary>
    /// <returns>Whether it is of the form <c>{Pid, Tag}</c>.</returns>
    public static bool TryFrom(object term, out From from)
    {
        switch (term)
        {
            case From same:
                from = same;
                return true;
            case Tuple { Count: 2 } pair when pair[0] is Pid caller:
                from = new From(caller, pair[1]);
                return true;
            default:
                from = default;
                return false;
        }
    }

    /// <inheritdoc/>
    public object ToTerm() => Tuple.Of(Caller, Tag);

    /// <inheritdoc/>
    public bool Equals(From other) =>
        Caller == other.Caller
        && Alias == other.Alias
        && (_tag is null ? other._tag is null : other._tag is not null && Term.AreEqual(_tag, other._tag));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is From other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Caller, Alias);

    /// <summary>Whether both are answered the same way.</summary>
    public static bool operator ==(From left, From right) => left.Equals(right);

    /// <summary>Whether they are answered differently.</summary>
    public static bool operator !=(From left, From right) => !left.Equals(right);

    /// <summary>As Erlang prints it.</summary>
    public override string ToString() => Term.Format(ToTerm());

    internal static List AliasTag(Reference alias) => s_aliasTag.WithTail(alias);
}
