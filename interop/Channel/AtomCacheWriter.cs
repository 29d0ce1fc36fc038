using CloudScale.Serialization.Etf;

namespace CloudScale.Interop.Channel;

/// <summary>The sending half of the atom cache: numbers the atoms of a packet, and writes the header that says what the numbers stand for.</summary>
/// <remarks>
/// As in BEAM the slot of an atom follows from its index, so there is no search: the atom that came last has it. Only <see cref="WriteHeader"/> changes what the peer knows, so a
/// packet that is dropped before it has no effect. Threads: one, under the connection's lock. Allocates nothing.
/// </remarks>
internal sealed class AtomCacheWriter : IAtomReferences
{
    private const int UsedSlots = 2039; // a prime, as BEAM: neighbours among atoms do not collide in a pattern
    private const int MaxAtoms = byte.MaxValue;

    private readonly Atom?[] _known = new Atom?[AtomCacheReader.Slots]; // by the peer
    private readonly int[] _packetOf = new int[AtomCacheReader.Slots]; // in which packet a slot was used last
    private readonly byte[] _indexOf = new byte[AtomCacheReader.Slots]; // and under which number
    private readonly Atom[] _atoms = new Atom[MaxAtoms];
    private readonly ushort[] _slots = new ushort[MaxAtoms];
    private int _packet;
    private int _count;

    /// <summary>Begins a packet.</summary>
    public void Begin()
    {
        _packet++;
        _count = 0;
    }

    public bool TryReference(Atom atom, out byte index)
    {
        int slot = atom.Index % UsedSlots;
        index = _indexOf[slot];
        if (_packetOf[slot] == _packet)
            return ReferenceEquals(_atoms[index], atom);
        if (_count == MaxAtoms || atom.Utf8.Length > byte.MaxValue)
            return false;
        index = (byte)_count++;
        _packetOf[slot] = _packet;
        _indexOf[slot] = index;
        _atoms[index] = atom;
        _slots[index] = (ushort)slot;
        return true;
    }

    /// <summary>Writes the atoms of the packet: <c>count:u8 | flags | entry × count</c>.</summary>
    public void WriteHeader(OutputBuffer output)
    {
        int count = _count;
        output.WriteByte((byte)count);
        if (count == 0)
            return;
        int flagBytes = (count / 2) + 1;
        Span<byte> flags = output.GetSpan(flagBytes)[..flagBytes];
        flags.Clear();
        for (int i = 0; i < count; i++)
        {
            int slot = _slots[i];
            int flag = (slot >> 8) | (ReferenceEquals(_known[slot], _atoms[i]) ? 0 : 8);
            flags[i / 2] |= (byte)(flag << (4 * (i & 1)));
        }

        output.Advance(flagBytes);
        for (int i = 0; i < count; i++)
            WriteEntry(output, _slots[i], _atoms[i]);
    }

    private void WriteEntry(OutputBuffer output, int slot, Atom atom)
    {
        if (ReferenceEquals(_known[slot], atom))
        {
            output.WriteByte((byte)slot);
            return;
        }

        _known[slot] = atom;
        ReadOnlySpan<byte> utf8 = atom.Utf8;
        Span<byte> entry = output.GetSpan(2 + utf8.Length);
        entry[0] = (byte)slot;
        entry[1] = (byte)utf8.Length;
        utf8.CopyTo(entry[2..]);
        output.Advance(2 + utf8.Length);
    }
}
