using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace CloudScale.Serialization.Etf;

/// <summary>What the readers of one connection share: limits, the identity of this node, and the identities met lately.</summary>
/// <remarks>Threads: any, also several readers at once.</remarks>
public sealed class EtfDecodeContext
{
    private const int RecentCount = 4; // power of two; untuned: a connection mostly speaks of its two ends

    private readonly NodeIdentity?[] _recent = new NodeIdentity?[RecentCount];
    private List<NodeIdentity>? _remembered; // only while a contract and a dynamic term are made from each other
    private int _nextRecent;
    private int _newAtoms;

    /// <summary>Makes a context.</summary>
    public EtfDecodeContext(EtfLimits limits, NodeIdentity? localNode = null)
    {
        ArgumentNullException.ThrowIfNull(limits);
        Limits = limits;
        LocalNode = localNode;
        TakesShort = limits.MaxBinaryBytes >= EtfSpan.MaxTakenText && limits.MaxIntegerBytes >= sizeof(long);
    }

    /// <summary>What readers accept.</summary>
    public EtfLimits Limits { get; }

    /// <summary>Whether short texts and integers of 64 bits are within the limits, whatever they are.</summary>
    internal bool TakesShort { get; }

    /// <summary>
    /// This node. Pids, references and ports that carry its name and creation get this very object, so that "is it mine?" is one reference comparison.
    /// </summary>
    public NodeIdentity? LocalNode { get; }

    /// <summary>
    /// Gives the atom at an index of the current distribution header, null for an index it lacks. Readers of messages that are kept for later get their atoms by
    /// the constructor of <see cref="EtfReader"/> instead, because the next header replaces these.
    /// </summary>
    public Func<int, Atom?>? AtomCache { get; init; }

    /// <summary>
    /// Told when a term that was kept in its bytes turns out to be none, with what was wrong: whoever gave the bytes is not to be trusted further. Any thread.
    /// </summary>
    public Action<string>? OnRefused { get; init; }

    /// <summary>Says that bytes of this context were no term.</summary>
    public void Refuse(string error) => OnRefused?.Invoke(error);

    /// <summary>How many atoms the readers of this context have made.</summary>
    public int NewAtoms => Volatile.Read(ref _newAtoms);

    /// <summary>For generated code: the bytes, if so many short texts and objects of so many bytes may be made of them whatever they are; else none.</summary>
    /// <param name="bytes">All that a reader of them would be made of.</param>
    /// <param name="texts">How many calls of <see cref="EtfSpan.TryTakeText(ReadOnlySpan{byte}, ref int, ref int, out string)"/> there are at most.</param>
    /// <param name="heap">How many bytes other objects take.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> BytesFor(ReadOnlySpan<byte> bytes, int texts, int heap) =>
        TakesShort && Limits.AllocationFor(bytes.Length) >= HeapSize.TakenTexts(texts) + heap ? bytes : default;

    /// <summary>Takes one atom from the budget. Returns false when it is used up.</summary>
    internal bool TryTakeNewAtom()
    {
        // Racing readers may overdraw by their number; the budget bounds memory, not arithmetic.
        if (Volatile.Read(ref _newAtoms) >= Limits.MaxNewAtomsPerContext)
            return false;
        Interlocked.Increment(ref _newAtoms);
        return true;
    }

    /// <summary>Makes the atom of a name that none has yet, if it is one and may be made.</summary>
    /// <param name="utf8">The name as it came.</param>
    /// <param name="newAtoms">How many atoms the reader has made.</param>
    /// <param name="allowance">How many bytes the reader may still allocate.</param>
    /// <param name="atom">The atom, null unless Ok.</param>
    /// <param name="error">What is wrong, empty if Ok.</param>
    internal DecodeStatus TryMakeAtom(
        scoped ReadOnlySpan<byte> utf8,
        ref int newAtoms,
        ref long allowance,
        out Atom? atom,
        out string error
    )
    {
        atom = null;
        error = "an atom of more than 255 characters";
        if (utf8.Length > Atom.MaxUtf8Bytes)
            return DecodeStatus.Malformed;
        if (!Utf8.IsValid(utf8))
        {
            error = "an atom that is no UTF-8";
            return DecodeStatus.Malformed;
        }

        int characters = 0;
        foreach (byte b in utf8)
            if ((b & 0xC0) != 0x80)
                characters++;
        if (characters > Atom.MaxCharacters)
            return DecodeStatus.Malformed;

        if (Limits.Atoms == AtomPolicy.ExistingOnly)
        {
            error = "a new atom where only existing ones are allowed";
            return DecodeStatus.LimitExceeded;
        }

        error = "more memory for its length than allowed (MaxAllocationPerByte)";
        if ((allowance -= HeapSize.Atom(utf8.Length)) < 0)
            return DecodeStatus.LimitExceeded;
        error = "more new atoms than allowed";
        if (newAtoms >= Limits.MaxNewAtoms || !TryTakeNewAtom())
            return DecodeStatus.LimitExceeded;
        newAtoms++;
        error = "a new atom while the atom table is full";
        return Atom.TryAdd(utf8, out atom) ? DecodeStatus.Ok : DecodeStatus.LimitExceeded;
    }

    /// <summary>Makes sure that an identity that was written is found by its own object when it is read again.</summary>
    internal void Remember(NodeIdentity identity)
    {
        if (_remembered is null)
            _remembered = [identity];
        else if (!_remembered.Contains(identity))
            _remembered.Add(identity);
    }

    /// <summary>Forgets what was remembered.</summary>
    internal void Forget() => _remembered?.Clear();

    /// <summary>The identity of a node, if one is at hand that need not be made.</summary>
    internal NodeIdentity? KnownIdentity(Atom name, uint creation)
    {
        if (_remembered is not null)
            foreach (NodeIdentity known in _remembered)
                if (ReferenceEquals(known.Name, name) && known.Creation == creation)
                    return known;
        if (LocalNode is { } local && ReferenceEquals(local.Name, name) && local.Creation == creation)
            return local;
        foreach (NodeIdentity? known in _recent)
            if (known is not null && ReferenceEquals(known.Name, name) && known.Creation == creation)
                return known;
        return null;
    }

    /// <summary>The same by the name's bytes: for identities met before, the table of atoms is not asked.</summary>
    internal NodeIdentity? KnownIdentity(ReadOnlySpan<byte> name, uint creation)
    {
        if (_remembered is not null)
            return null; // rare, and by the other way
        if (LocalNode is { } local && local.Creation == creation && name.SequenceEqual(local.Name.Utf8))
            return local;
        foreach (NodeIdentity? known in _recent)
            if (known is not null && known.Creation == creation && name.SequenceEqual(known.Name.Utf8))
                return known;
        return null;
    }

    internal NodeIdentity NewIdentity(Atom name, uint creation)
    {
        // Racing writers may lose an entry or double one; both only cost memory.
        NodeIdentity identity = new(name, creation);
        Volatile.Write(ref _recent[_nextRecent++ & (RecentCount - 1)], identity);
        return identity;
    }
}
