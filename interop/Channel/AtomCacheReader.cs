using System.Buffers.Binary;
using CloudScale.Serialization.Etf;

namespace CloudScale.Interop.Channel;

/// <summary>The receiving half of the atom cache: reads the atoms of distribution headers.</summary>
/// <remarks>
/// Wire, after the packet's type: <c>count:u8 | flags:u4 × (count + 1), padded | entry × count</c>, an entry being <c>slot:u8</c> or, new, <c>slot:u8 | length:u8 or u16 |
/// UTF-8</c>; the four flags of an entry are "new" and the slot's three high bits, those of the last half byte say whether lengths are u16. Limit: 2,048 slots, and the
/// atoms of the peer are counted like all others it makes. Threads: the read loop. Source: ERTS User's Guide, External Term Format, Distribution Header.
/// </remarks>
internal sealed class AtomCacheReader
{
    /// <summary>8 segments of 256.</summary>
    public const int Slots = 2048;

    private const int RememberedLists = 4; // power of two; a pair of processes mostly repeats itself

    private readonly Atom?[] _slots = new Atom?[Slots];
    private readonly Atom[] _current = new Atom[byte.MaxValue];
    private readonly Atom[]?[] _lists = new Atom[]?[RememberedLists];
    private int _nextList;

    /// <summary>Whether the peer has sent atoms so.</summary>
    public bool IsUsed { get; private set; }

    /// <summary>Reads the atoms of a header and passes over it.</summary>
    /// <param name="input">Begins behind the packet's type, and the fragment's numbers if it has them.</param>
    /// <param name="context">Limits of the connection.</param>
    /// <param name="atoms">The atoms by number; the array is shared and never changed.</param>
    /// <param name="error">What was wrong.</param>
    public bool TryRead(ref ReadOnlySpan<byte> input, EtfDecodeContext context, out Atom[] atoms, out string? error)
    {
        atoms = [];
        error = null;
        if (input.IsEmpty)
            return Refuse("a distribution header without its number of atoms", out error);
        int count = input[0];
        input = input[1..];
        if (count == 0)
            return true;

        int flagBytes = (count / 2) + 1;
        if (input.Length < flagBytes)
            return Refuse("a distribution header whose flags end too early", out error);
        ReadOnlySpan<byte> flags = input[..flagBytes];
        input = input[flagBytes..];
        bool areLong = (HalfByte(flags, count) & 1) != 0;
        for (int i = 0; i < count; i++)
        {
            int flag = HalfByte(flags, i);
            if (input.IsEmpty)
                return Refuse("a distribution header whose atoms end too early", out error);
            int slot = ((flag & 7) << 8) | input[0];
            input = input[1..];
            if ((flag & 8) != 0)
            {
                if (!TryReadNew(ref input, areLong, context, out Atom? added, out error))
                    return false;
                _slots[slot] = added;
            }

            if (_slots[slot] is not { } atom)
                return Refuse($"a reference to slot {slot} of the atom cache, which is empty", out error);
            _current[i] = atom;
        }

        IsUsed = true;
        atoms = Shared(_current.AsSpan(0, count));
        return true;
    }

    private static int HalfByte(ReadOnlySpan<byte> flags, int index) => (flags[index / 2] >> (4 * (index & 1))) & 0xF;

    private static bool TryReadNew(ref ReadOnlySpan<byte> input, bool areLong, EtfDecodeContext context, out Atom? atom, out string? error)
    {
        atom = null;
        int width = areLong ? 2 : 1;
        if (input.Length < width)
            return Refuse("a new atom of the cache without its length", out error);
        int length = areLong ? BinaryPrimitives.ReadUInt16BigEndian(input) : input[0];
        input = input[width..];
        if (input.Length < length)
            return Refuse("a new atom of the cache that ends too early", out error);
        if (length > 4 * Atom.MaxCharacters)
            return Refuse($"a new atom of the cache of {length} bytes", out error);

        // As a term of its own it meets every check that an atom in a message meets.
        Span<byte> term = stackalloc byte[3 + length];
        term[0] = (byte)EtfTag.AtomUtf8;
        BinaryPrimitives.WriteUInt16BigEndian(term[1..], (ushort)length);
        input[..length].CopyTo(term[3..]);
        input = input[length..];
        EtfReader reader = new(term, context);
        if (reader.TryReadAtom(out Atom read) != DecodeStatus.Ok)
            return Refuse($"a new atom of the cache that is none ({reader.Error})", out error);
        atom = read;
        error = null;
        return true;
    }

    /// <summary>An array that lives on with the message: mostly one that another message has already.</summary>
    private Atom[] Shared(ReadOnlySpan<Atom> atoms)
    {
        foreach (Atom[]? list in _lists)
        {
            if (list is not null && Same(list, atoms))
                return list;
        }

        Atom[] made = atoms.ToArray();
        _lists[_nextList++ & (RememberedLists - 1)] = made;
        return made;
    }

    private static bool Same(Atom[] list, ReadOnlySpan<Atom> atoms)
    {
        if (list.Length != atoms.Length)
            return false;
        for (int i = 0; i < list.Length; i++)
        {
            if (!ReferenceEquals(list[i], atoms[i]))
                return false;
        }

        return true;
    }

    private static bool Refuse(string text, out string? error)
    {
        error = text;
        return false;
    }
}
