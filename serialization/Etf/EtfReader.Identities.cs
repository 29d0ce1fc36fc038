using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace CloudScale.Serialization.Etf;

/// <content>Atoms, and what carries the name of a node.</content>
public ref partial struct EtfReader
{
    // The old forms of references had 18 bits in their first word; BEAM refuses more.
    private const uint MaxOldFirstWord = (1 << 18) - 1;
    private const string TooLongForOldForm = "a first word of more than 18 bits in an old form of reference";

    /// <summary>Reads an atom, old form or new, or one of the distribution header.</summary>
    /// <remarks>
    /// Wire: <c>119 | length:u8 | UTF-8</c>, <c>118 | length:u16 | UTF-8</c>, <c>115 | length:u8 | Latin-1</c>, <c>100 | length:u16 | Latin-1</c>, <c>82 | index:u8</c>.
    /// LimitExceeded: the atom is new and may not be made.
    /// </remarks>
    public DecodeStatus TryReadAtom(out Atom atom)
    {
        int at = _position;
        DecodeStatus status;
        int width;
        switch (PeekTag())
        {
            case EtfTag.SmallAtomUtf8:
            case EtfTag.SmallAtom:
                width = 1;
                break;
            case EtfTag.AtomUtf8:
            case EtfTag.Atom:
                width = 2;
                break;
            case EtfTag.AtomCacheRef:
                return TryReadCachedAtom(at, out atom);
            default:
                atom = null!;
                return Other("an atom", at);
        }

        atom = null!;
        status = TryReadLength(at, at + 1, width, int.MaxValue, out int length);
        if (status != DecodeStatus.Ok)
            return status;
        ReadOnlySpan<byte> name = _input.Slice(at + 1 + width, length);
        bool isUtf8 = (EtfTag)_input[at] is EtfTag.SmallAtomUtf8 or EtfTag.AtomUtf8;
        if (isUtf8 || Ascii.IsValid(name))
        {
            if (!Atom.TryGetExisting(name, out Atom? known))
            {
                status = TryMakeAtom(at, name, out known);
                if (status != DecodeStatus.Ok)
                    return status;
            }

            atom = known!;
        }
        else
        {
            status = TryReadLatin1Atom(at, name, out atom);
            if (status != DecodeStatus.Ok)
                return status;
        }

        _position = at + 1 + width + length;
        return DecodeStatus.Ok;
    }

    /// <summary>Reads a pid, old form or new.</summary>
    /// <remarks>Wire: <c>88 | node | id:u32 | serial:u32 | creation:u32</c>, or <c>103 | node | id:u32 | serial:u32 | creation:u8</c>.</remarks>
    public DecodeStatus TryReadPid(out Pid pid)
    {
        int at = _position;
        pid = default;
        EtfTag tag = PeekTag();
        if (tag is not (EtfTag.NewPid or EtfTag.Pid))
            return Other("a pid", at);
        if (tag == EtfTag.NewPid && TryTakeKnownPid(out pid))
            return DecodeStatus.Ok;

        int creationWidth = tag == EtfTag.NewPid ? 4 : 1;
        DecodeStatus status = TryReadNode(at, 8, creationWidth, out ReadOnlySpan<byte> numbers, out NodeIdentity? node);
        if (status == DecodeStatus.Ok)
        {
            uint id = BinaryPrimitives.ReadUInt32BigEndian(numbers);
            uint serial = BinaryPrimitives.ReadUInt32BigEndian(numbers[4..]);
            pid = new Pid(node!, ((ulong)serial << 32) | id);
        }

        return Finish(at, status);
    }

    private bool TryTakeKnownPid(out Pid pid)
    {
        bool isKnown = TryTakeKnownNode(1, 8, 12, out NodeIdentity? known, out ReadOnlySpan<byte> fields);
        pid = isKnown ? new Pid(known!, ((ulong)ReadWord(fields, 1) << 32) | ReadWord(fields, 0)) : default;
        return isKnown;
    }

    /// <summary>Reads a port of any form.</summary>
    /// <remarks>
    /// Wire: <c>120 | node | id:u64 | creation:u32</c>, <c>89 | node | id:u32 | creation:u32</c>, or <c>102 | node | id:u32 | creation:u8</c>.
    /// </remarks>
    public DecodeStatus TryReadPort(out Port port)
    {
        int at = _position;
        port = default;
        EtfTag tag = PeekTag();
        if (tag is not (EtfTag.V4Port or EtfTag.NewPort or EtfTag.Port))
            return Other("a port", at);
        int idWidth = tag == EtfTag.V4Port ? 8 : 4;
        int creationWidth = tag == EtfTag.Port ? 1 : 4;
        DecodeStatus status = TryReadNode(at, idWidth, creationWidth, out ReadOnlySpan<byte> id, out NodeIdentity? node);
        if (status == DecodeStatus.Ok)
            port = new Port(node!, idWidth == 8 ? BinaryPrimitives.ReadUInt64BigEndian(id) : BinaryPrimitives.ReadUInt32BigEndian(id));
        return Finish(at, status);
    }

    /// <summary>Reads a reference of any form.</summary>
    /// <remarks>
    /// Wire: <c>90 | words:u16 | node | creation:u32 | word:u32 × words</c>, <c>114 | words:u16 | node | creation:u8 | word:u32 × words</c>, or
    /// <c>101 | node | word:u32 | creation:u8</c>.
    /// </remarks>
    public DecodeStatus TryReadReference(out Reference reference)
    {
        int at = _position;
        reference = default;
        switch (PeekTag())
        {
            // Three words, as BEAM makes them for all but aliases.
            case EtfTag.NewerReference
                when Remaining > 2
                    && _input[at + 2] == 3
                    && _input[at + 1] == 0
                    && TryTakeKnownNode(3, 0, 16, out NodeIdentity? known, out ReadOnlySpan<byte> fields):
                return Finish(at, MakeReference(at, known, [ReadWord(fields, 1), ReadWord(fields, 2), ReadWord(fields, 3)], out reference));
            case EtfTag.NewerReference:
                return Finish(at, TryReadWords(at, 4, out reference));
            case EtfTag.NewReference:
                return Finish(at, TryReadWords(at, 1, out reference));
            case EtfTag.Reference:
                DecodeStatus status = TryReadNode(at, 4, 1, out ReadOnlySpan<byte> word, out NodeIdentity? node);
                if (status == DecodeStatus.Ok && BinaryPrimitives.ReadUInt32BigEndian(word) > MaxOldFirstWord)
                    status = Malformed(TooLongForOldForm, at);
                if (status == DecodeStatus.Ok)
                    status = MakeReference(at, node!, [BinaryPrimitives.ReadUInt32BigEndian(word)], out reference);
                return Finish(at, status);
            default:
                return Other("a reference", at);
        }
    }

    private DecodeStatus TryReadWords(int at, int creationWidth, out Reference reference)
    {
        reference = default;
        if (Remaining < 3)
            return More("a reference", at);
        int count = BinaryPrimitives.ReadUInt16BigEndian(_input[(at + 1)..]);
        if (count is 0 or > Reference.MaxWords)
            return Malformed("a reference of no or more than five words", at);
        _position = at + 3;
        DecodeStatus status = TryReadAtom(out Atom name);
        if (status != DecodeStatus.Ok)
            return status;
        if (Remaining < creationWidth + (4 * count))
            return More("the end of a reference", at);
        if (!TryReadCreation(_position, creationWidth, out uint creation))
            return Malformed("a creation of more than two bits in an old form", at);
        _position += creationWidth;
        Span<uint> words = stackalloc uint[Reference.MaxWords];
        for (int i = 0; i < count; i++, _position += 4)
            words[i] = BinaryPrimitives.ReadUInt32BigEndian(_input[_position..]);
        if (creationWidth == 1 && words[0] > MaxOldFirstWord)
            return Malformed(TooLongForOldForm, at);
        status = TryGetIdentity(at, name, creation, out NodeIdentity? node);
        return status == DecodeStatus.Ok ? MakeReference(at, node!, words[..count], out reference) : status;
    }

    private DecodeStatus MakeReference(int at, NodeIdentity node, scoped ReadOnlySpan<uint> words, out Reference reference)
    {
        reference = default;
        if (!TryTake(HeapSize.ReferenceOrigin(words)))
            return OverAllowance(at);
        reference = Reference.FromWords(node, words);
        return DecodeStatus.Ok;
    }

    private DecodeStatus TryGetIdentity(int at, Atom name, uint creation, out NodeIdentity? node)
    {
        node = _context.KnownIdentity(name, creation);
        if (node is null)
        {
            if (!TryTake(HeapSize.NodeIdentity))
                return OverAllowance(at);
            node = _context.NewIdentity(name, creation);
        }

        return DecodeStatus.Ok;
    }

    /// <summary>
    /// Passes over an identity whose node was met before: <c>head | 119 | length:u8 | name | fields</c>, with the creation among the fields. The usual case, without a look at
    /// the table of atoms.
    /// </summary>
    private bool TryTakeKnownNode(
        int head,
        int creationAt,
        int width,
        [NotNullWhen(true)] out NodeIdentity? node,
        out ReadOnlySpan<byte> fields
    )
    {
        node = null;
        fields = default;
        ReadOnlySpan<byte> rest = _input[(_position + head)..];
        if (rest.Length < 2 || (EtfTag)rest[0] != EtfTag.SmallAtomUtf8 || rest.Length < 2 + rest[1] + width)
            return false;
        fields = rest.Slice(2 + rest[1], width);
        node = _context.KnownIdentity(rest.Slice(2, rest[1]), BinaryPrimitives.ReadUInt32BigEndian(fields[creationAt..]));
        if (node is null)
            return false;
        _position += head + 2 + rest[1] + width;
        return true;
    }

    /// <summary>Reads <c>tag | node | numbers | creation</c>.</summary>
    private DecodeStatus TryReadNode(int at, int numbersWidth, int creationWidth, out ReadOnlySpan<byte> numbers, out NodeIdentity? node)
    {
        numbers = default;
        node = null;
        _position = at + 1;
        DecodeStatus status = TryReadAtom(out Atom name);
        if (status != DecodeStatus.Ok)
            return status;
        if (Remaining < numbersWidth + creationWidth)
            return More("the end of an identity", at);
        numbers = _input.Slice(_position, numbersWidth);
        if (!TryReadCreation(_position + numbersWidth, creationWidth, out uint creation))
            return Malformed("a creation of more than two bits in an old form", at);
        status = TryGetIdentity(at, name, creation, out node);
        _position += numbersWidth + creationWidth;
        return status;
    }

    // The old forms have a byte for it, of which two bits count; BEAM refuses others.
    private readonly bool TryReadCreation(int offset, int width, out uint creation)
    {
        creation = width == 1 ? _input[offset] : BinaryPrimitives.ReadUInt32BigEndian(_input[offset..]);
        return width != 1 || creation <= 3;
    }

    private DecodeStatus TryReadCachedAtom(int at, out Atom atom)
    {
        atom = null!;
        if (Remaining < 2)
            return More("an atom", at);
        int index = _input[at + 1];
        Atom? cached;
        if (_headerAtoms.IsEmpty)
            cached = _context.AtomCache?.Invoke(index);
        else
            cached = index < _headerAtoms.Length ? _headerAtoms[index] : null;
        if (cached is null)
            return Malformed("a reference to an atom that the distribution header lacks", at);
        atom = cached;
        _position = at + 2;
        return DecodeStatus.Ok;
    }

    private DecodeStatus TryReadLatin1Atom(int at, scoped ReadOnlySpan<byte> name, out Atom atom)
    {
        atom = null!;
        if (name.Length > Atom.MaxCharacters)
            return Malformed("an atom of more than 255 characters", at);
        Span<byte> utf8 = stackalloc byte[2 * Atom.MaxCharacters];
        utf8 = utf8[..WidenLatin1(name, utf8)];
        if (Atom.TryGetExisting(utf8, out Atom? known))
        {
            atom = known;
            return DecodeStatus.Ok;
        }

        DecodeStatus status = TryMakeAtom(at, utf8, out known);
        atom = known!;
        return status;
    }

    private static int WidenLatin1(scoped ReadOnlySpan<byte> latin1, scoped Span<byte> utf8)
    {
        int length = 0;
        foreach (byte character in latin1)
        {
            if (character < 0x80)
            {
                utf8[length++] = character;
                continue;
            }

            utf8[length++] = (byte)(0xC0 | (character >> 6));
            utf8[length++] = (byte)(0x80 | (character & 0x3F));
        }

        return length;
    }

    private DecodeStatus TryMakeAtom(int at, scoped ReadOnlySpan<byte> utf8, out Atom? atom)
    {
        DecodeStatus status = _context.TryMakeAtom(utf8, ref _newAtoms, ref _allowance, out atom, out string error);
        return status == DecodeStatus.Ok ? status : Fail(status, ErrorKind.Text, error, at);
    }
}
