namespace CloudScale.Scheduling;

/// <summary>How a table keeps its objects.</summary>
public enum EtsType
{
    /// <summary>One object a key; keys are equal as <c>=:=</c> says; no order.</summary>
    Set,

    /// <summary>One object a key; keys are equal as <c>==</c> says (1 and 1.0 are one key), and in term order.</summary>
    OrderedSet,

    /// <summary>Any number of different objects a key.</summary>
    Bag,

    /// <summary>Any number of objects a key, equal ones too.</summary>
    DuplicateBag,
}

/// <summary>Who may use a table besides its owner.</summary>
public enum EtsAccess
{
    /// <summary>Others may read.</summary>
    Protected,

    /// <summary>Others may read and write, and delete the table itself.</summary>
    Public,

    /// <summary>Nobody else.</summary>
    Private,
}

/// <summary>The options of <c>ets:new/2</c>.</summary>
/// <remarks>Erlang's <c>read_concurrency</c>, <c>write_concurrency</c>, <c>decentralized_counters</c> and <c>compressed</c> have no counterpart: every table is concurrent, none is compressed.</remarks>
public sealed record EtsOptions
{
    /// <summary>How objects are kept; <see cref="EtsType.Set"/> by default.</summary>
    public EtsType Type { get; init; }

    /// <summary>Who may use the table; <see cref="EtsAccess.Protected"/> by default.</summary>
    public EtsAccess Access { get; init; }

    /// <summary>Which element of an object is its key, counted from 1. A typed table has no use for it.</summary>
    public int KeyPosition { get; init; } = 1;

    /// <summary>Whether the table is found by its name (<c>named_table</c>).</summary>
    public bool Named { get; init; }

    /// <summary>The local process that inherits the table when its owner exits; <c>default</c> for none.</summary>
    public Pid Heir { get; init; }

    /// <summary>What the heir is told in its <see cref="EtsTransfer"/>; null to tell it nothing, as <c>{heir, Pid}</c> of OTP 28.</summary>
    public object? HeirData { get; init; }
}

/// <summary>What <c>ets:info/1</c> says of a table.</summary>
public sealed record EtsInfo
{
    /// <summary>The table's identity.</summary>
    public required Reference Id { get; init; }

    /// <summary>Its name.</summary>
    public required Atom Name { get; init; }

    /// <summary>Whether it is found by its name.</summary>
    public required bool Named { get; init; }

    /// <summary>How it keeps objects.</summary>
    public required EtsType Type { get; init; }

    /// <summary>Who may use it.</summary>
    public required EtsAccess Protection { get; init; }

    /// <summary>Which element is the key, counted from 1.</summary>
    public required int KeyPosition { get; init; }

    /// <summary>How many objects it holds.</summary>
    public required long Size { get; init; }

    /// <summary>About how many bytes it and its objects take: estimated from a few of them. Erlang counts words.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Its owner; number 0 is the node itself.</summary>
    public required Pid Owner { get; init; }

    /// <summary>Its heir; <c>default</c> for none.</summary>
    public required Pid Heir { get; init; }

    /// <summary>The node it lives on.</summary>
    public required Atom Node { get; init; }

    /// <summary>Whether anybody holds a fixation of it.</summary>
    public required bool Fixed { get; init; }
}
