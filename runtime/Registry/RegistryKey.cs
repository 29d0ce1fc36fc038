using System.Diagnostics.CodeAnalysis;

namespace CloudScale;

/// <summary>What an entry of a <see cref="ProcessRegistry"/> is.</summary>
public enum RegistryKind : byte
{
    /// <summary>A name that one process bears: <c>n</c>.</summary>
    Name,

    /// <summary>A property that any number of processes have, each with a value of its own: <c>p</c>.</summary>
    Property,

    /// <summary>A counter of a process, of which others may have one of the same name: <c>c</c>.</summary>
    Counter,

    /// <summary>The sum of all counters of one name, borne by one process: <c>a</c>.</summary>
    AggregatedCounter,

    /// <summary>A resource that any number of processes hold: <c>r</c>.</summary>
    Resource,

    /// <summary>How many processes hold a resource, borne by one process: <c>rc</c>.</summary>
    ResourceCounter,
}

/// <summary>Where an entry is known.</summary>
public enum RegistryScope : byte
{
    /// <summary>On its node: <c>l</c>.</summary>
    Local,
}

/// <summary>The key of an entry in a <see cref="ProcessRegistry"/>: kind, scope and name. To Erlang <c>{n, l, Name}</c>, as gproc writes it.</summary>
/// <remarks>Two keys are equal if their names match as <c>=:=</c> does. Made without an allocation.</remarks>
public readonly struct RegistryKey : IEquatable<RegistryKey>, ITermConvertible
{
    private static readonly Atom[] s_kinds = ["n", "p", "c", "a", "r", "rc"];
    private static readonly Atom s_local = Atom.Of("l");

    private readonly object? _name;

    /// <summary>A key of this node.</summary>
    /// <param name="kind">What the entry is.</param>
    /// <param name="name">Any term.</param>
    public RegistryKey(RegistryKind kind, object name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (kind > RegistryKind.ResourceCounter)
            throw new ArgumentOutOfRangeException(nameof(kind));
        Kind = kind;
        _name = name;
    }

    /// <summary>What the entry is.</summary>
    public RegistryKind Kind { get; }

    /// <summary>Where it is known.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "A part of the key: one scope today, another for the cluster.")]
    public RegistryScope Scope => RegistryScope.Local;

    /// <summary>Any term.</summary>
    public object Name => _name ?? Atoms.Undefined;

    /// <summary>Whether one process at most bears it: names, and the counters that sum up others.</summary>
    public bool IsUnique => Kind is RegistryKind.Name or RegistryKind.AggregatedCounter or RegistryKind.ResourceCounter;

    /// <summary>A name: <c>{n, l, Name}</c>.</summary>
    public static RegistryKey OfName(object name) => new(RegistryKind.Name, name);

    /// <summary>A property: <c>{p, l, Name}</c>.</summary>
    public static RegistryKey OfProperty(object name) => new(RegistryKind.Property, name);

    /// <summary>A counter: <c>{c, l, Name}</c>.</summary>
    public static RegistryKey OfCounter(object name) => new(RegistryKind.Counter, name);

    /// <summary>An aggregated counter: <c>{a, l, Name}</c>.</summary>
    public static RegistryKey OfAggregatedCounter(object name) => new(RegistryKind.AggregatedCounter, name);

    /// <summary>A resource: <c>{r, l, Name}</c>.</summary>
    public static RegistryKey OfResource(object name) => new(RegistryKind.Resource, name);

    /// <summary>A resource counter: <c>{rc, l, Name}</c>.</summary>
    public static RegistryKey OfResourceCounter(object name) => new(RegistryKind.ResourceCounter, name);

    /// <summary>From a term as Erlang writes a key.</summary>
    /// <returns>Whether it is one.</returns>
    public static bool TryFrom(object term, out RegistryKey key)
    {
        key = default;
        if (term is not (Tuple and [Atom kind, Atom scope, var name]) || !ReferenceEquals(scope, s_local))
            return false;
        int index = Array.IndexOf(s_kinds, kind);
        if (index < 0)
            return false;
        key = new RegistryKey((RegistryKind)index, name);
        return true;
    }

    /// <inheritdoc/>
    public object ToTerm() => Tuple.Of(s_kinds[(int)Kind], s_local, Name);

    /// <inheritdoc/>
    public bool Equals(RegistryKey other) => Kind == other.Kind && (ReferenceEquals(_name, other._name) || Term.AreEqual(Name, other.Name));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RegistryKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Hash(_name) + (int)Kind;

    /// <summary>Most names are atoms, whose place in their table is hash enough; a bool is one that looks like something else.</summary>
    private static int Hash(object? name) =>
        name switch
        {
            Atom atom => Hash(atom),
            bool value => Hash(value ? Atoms.True : Atoms.False),
            null => Hash(Atoms.Undefined),
            _ => Term.Hash(name),
        };

    private static int Hash(Atom atom) => atom.Index * unchecked((int)0x9E3779B1); // spreads neighbours

    /// <summary>Whether both are one key.</summary>
    public static bool operator ==(RegistryKey left, RegistryKey right) => left.Equals(right);

    /// <summary>Whether they are two.</summary>
    public static bool operator !=(RegistryKey left, RegistryKey right) => !left.Equals(right);

    /// <summary>As Erlang prints it.</summary>
    public override string ToString() => Term.Format(ToTerm());
}
