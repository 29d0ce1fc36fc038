namespace CloudScale;

/// <summary>A fun of an Erlang node. It cannot be called here; it can be kept, compared and sent back as it came.</summary>
/// <remarks>
/// Immutable. Two funs are equal when module, indexes, uniques, arity and free variables are; as on BEAM, the process that made it does not count.
/// Wire: <c>112 | size:u32 | arity:u8 | uniq:16 | index:u32 | free:u32 | module:atom | oldIndex:int | oldUniq:int | creator:pid | term × free</c> (NEW_FUN_EXT).
/// </remarks>
public sealed class Fun : IEquatable<Fun>
{
    private readonly object[] _freeVariables;

    /// <summary>Makes a fun from the fields of its wire form.</summary>
    /// <exception cref="ArgumentException">A free variable is null.</exception>
    public Fun(
        Atom module,
        byte arity,
        UInt128 uniq,
        uint index,
        int oldIndex,
        int oldUniq,
        Pid creator,
        ReadOnlySpan<object> freeVariables
    )
        : this(module, arity, uniq, index, oldIndex, oldUniq, creator, Term.CheckedCopy(freeVariables)) { }

    /// <summary>As the public constructor. Owner: the fun; the caller must not touch the array again.</summary>
    internal Fun(Atom module, byte arity, UInt128 uniq, uint index, int oldIndex, int oldUniq, Pid creator, object[] freeVariables)
    {
        ArgumentNullException.ThrowIfNull(module);
        Module = module;
        Arity = arity;
        Uniq = uniq;
        Index = index;
        OldIndex = oldIndex;
        OldUniq = oldUniq;
        Creator = creator;
        _freeVariables = freeVariables;
    }

    /// <summary>The module that holds the code.</summary>
    public Atom Module { get; }

    /// <summary>How many arguments the fun takes.</summary>
    public byte Arity { get; }

    /// <summary>The MD5 of the significant parts of the module's code, as a big-endian number.</summary>
    public UInt128 Uniq { get; }

    /// <summary>The number of the fun within its module.</summary>
    public uint Index { get; }

    /// <summary>The <c>OldIndex</c> field of the wire form.</summary>
    public int OldIndex { get; }

    /// <summary>The <c>OldUniq</c> field of the wire form.</summary>
    public int OldUniq { get; }

    /// <summary>The process that made the fun.</summary>
    public Pid Creator { get; }

    /// <summary>The values that the fun closes over.</summary>
    public ReadOnlySpan<object> FreeVariables => _freeVariables;

    /// <inheritdoc/>
    public bool Equals(Fun? other) => other is not null && Term.AreEqual(this, other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Fun other && Term.AreEqual(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => Term.Hash(this);

    /// <summary>The fun as Erlang prints it: <c>#Fun&lt;module.index.uniq&gt;</c>.</summary>
    public override string ToString() => Term.Format(this);

    /// <summary>Where a decoder puts the free variables, before anybody else sees the fun.</summary>
    internal object[] Unfinished => _freeVariables;

    /// <summary>Whether both name one function; says nothing about the free variables but their number.</summary>
    internal bool SameFunction(Fun other) =>
        ReferenceEquals(Module, other.Module)
        && Arity == other.Arity
        && Uniq == other.Uniq
        && Index == other.Index
        && OldIndex == other.OldIndex
        && OldUniq == other.OldUniq
        && _freeVariables.Length == other._freeVariables.Length;
}
