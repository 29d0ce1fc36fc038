namespace CloudScale.Serialization.Etf;

/// <summary>What a decoder does with the name of an atom that does not exist yet.</summary>
public enum AtomPolicy
{
    /// <summary>Make it, within <see cref="EtfLimits.MaxNewAtoms"/> and <see cref="EtfLimits.MaxNewAtomsPerContext"/>.</summary>
    AllowNew,

    /// <summary>Refuse the term, as <c>binary_to_term(B, [safe])</c> does.</summary>
    ExistingOnly,
}

/// <summary>How much of a peer's bytes a decoder accepts. All are checked before anything is allocated for them.</summary>
/// <remarks>Threads: any; immutable. Even without limits the work and the memory are bounded by the length of the input times a constant; see the README.</remarks>
public sealed class EtfLimits
{
    /// <summary>For peers that have shown the cookie: what BEAM itself would accept, but for a cap on inflation.</summary>
    public static readonly EtfLimits Trusted = new();

    /// <summary>For bytes from anyone.</summary>
    public static readonly EtfLimits Untrusted = new()
    {
        MaxDepth = 512,
        MaxElements = 1 << 20,
        MaxBinaryBytes = 16 << 20,
        MaxIntegerBytes = 1024,
        MaxTotalTerms = 1 << 20,
        MaxUncompressedBytes = 16 << 20,
        MaxNewAtoms = 64,
        MaxNewAtomsPerContext = 4096,
        MaxAllocationPerByte = 8,
    };

    /// <summary>How deep terms may be nested; a flat tuple is 1 deep.</summary>
    public int MaxDepth { get; init; } = int.MaxValue;

    /// <summary>Most elements of one tuple, list or map (a map's entry counts once).</summary>
    public int MaxElements { get; init; } = int.MaxValue;

    /// <summary>Longest binary or bit string, in bytes.</summary>
    public int MaxBinaryBytes { get; init; } = int.MaxValue;

    /// <summary>Longest magnitude of an integer, in bytes.</summary>
    public int MaxIntegerBytes { get; init; } = int.MaxValue;

    /// <summary>Most terms that the calls of <see cref="EtfReader.TryReadTerm"/> on one reader read together: every leaf, container, key and tail.</summary>
    public int MaxTotalTerms { get; init; } = int.MaxValue;

    /// <summary>Most bytes that a compressed term may inflate to.</summary>
    public int MaxUncompressedBytes { get; init; } = 512 << 20;

    /// <summary>
    /// Most bytes of memory that one reader allocates for a byte of its input, <see cref="AllocationAllowance"/> on top; <see cref="int.MaxValue"/> is no bound. Objects are counted with the size they
    /// have in a 64-bit process, what a compressed term inflates to counts too, and the input is what came, not what it inflates to.
    /// </summary>
    /// <remarks>
    /// With 8, small things in great number are refused once the allowance is used up, for example more than 8,000 pairs of small integers alone: see the README for
    /// what costs how much. 32 refuses nothing but compressed terms and swarms of new atoms.
    /// </remarks>
    public int MaxAllocationPerByte { get; init; } = int.MaxValue;

    /// <summary>How many bytes a reader may allocate whatever the length of its input; counts only beside <see cref="MaxAllocationPerByte"/>.</summary>
    public int AllocationAllowance { get; init; } = 64 << 10;

    /// <summary>What to do with unknown atoms.</summary>
    public AtomPolicy Atoms { get; init; } = AtomPolicy.AllowNew;

    /// <summary>Most atoms that one reader makes.</summary>
    public int MaxNewAtoms { get; init; } = int.MaxValue;

    /// <summary>Most atoms that all readers of one <see cref="EtfDecodeContext"/> make together: the budget of a connection.</summary>
    public int MaxNewAtomsPerContext { get; init; } = int.MaxValue;

    /// <summary>How many bytes a reader of so much input may allocate.</summary>
    internal long AllocationFor(int inputBytes) =>
        MaxAllocationPerByte == int.MaxValue ? long.MaxValue : ((long)MaxAllocationPerByte * inputBytes) + AllocationAllowance;
}
