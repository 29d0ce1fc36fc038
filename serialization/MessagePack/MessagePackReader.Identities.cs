using System.Buffers.Binary;
using System.Numerics;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.MessagePack;

/// <content>What terms say by our extension types; their layouts are those of <see cref="MessagePackExtensions"/>.</content>
public ref partial struct MessagePackReader
{
    /// <summary>Reads an atom; nil, true and false are atoms.</summary>
    /// <remarks>LimitExceeded: the atom is new and may not be made.</remarks>
    public DecodeStatus TryReadAtom(out Atom atom)
    {
        int at = _position;
        atom = null!;
        switch (PeekType())
        {
            case MessagePackType.Nil:
                atom = MessagePackTerm.NilAtom;
                _position++;
                return DecodeStatus.Ok;
            case MessagePackType.Boolean:
                atom = Code == MessagePackCode.True ? Atoms.True : Atoms.False;
                _position++;
                return DecodeStatus.Ok;
            default:
                DecodeStatus status = TryReadOwn(MessagePackExtensions.Atom, "an atom", out ReadOnlySpan<byte> utf8);
                return status == DecodeStatus.Ok ? Back(at, TryGetAtom(at, utf8, out atom)) : status;
        }
    }

    /// <summary>Reads a pid.</summary>
    public DecodeStatus TryReadPid(out Pid pid)
    {
        int at = _position;
        pid = default;
        DecodeStatus status = TryReadOwn(MessagePackExtensions.Pid, "a pid", out ReadOnlySpan<byte> data);
        if (status == DecodeStatus.Ok)
            status = Back(at, MakePid(at, data, out pid));
        return status;
    }

    /// <summary>Reads a port.</summary>
    public DecodeStatus TryReadPort(out Port port)
    {
        int at = _position;
        port = default;
        DecodeStatus status = TryReadOwn(MessagePackExtensions.Port, "a port", out ReadOnlySpan<byte> data);
        if (status == DecodeStatus.Ok)
            status = Back(at, MakePort(at, data, out port));
        return status;
    }

    /// <summary>Reads a reference.</summary>
    public DecodeStatus TryReadReference(out Reference reference)
    {
        int at = _position;
        reference = default;
        DecodeStatus status = TryReadOwn(MessagePackExtensions.Reference, "a reference", out ReadOnlySpan<byte> data);
        if (status == DecodeStatus.Ok)
            status = Back(at, MakeReference(at, data, out reference));
        return status;
    }

    /// <summary>Reads an integer of any size.</summary>
    public DecodeStatus TryReadBigInteger(out BigInteger value)
    {
        int at = _position;
        value = default;
        if (PeekType() == MessagePackType.Integer)
        {
            DecodeStatus number = TryReadWhole(out ulong bits, out bool isNegative);
            value = isNegative ? (long)bits : bits;
            return number;
        }

        DecodeStatus status = TryReadOwn(MessagePackExtensions.Integer, "an integer", out ReadOnlySpan<byte> data);
        if (status == DecodeStatus.Ok)
            status = Back(at, MakeInteger(at, data, out value));
        return status;
    }

    /// <summary>Reads the head of a tuple; <paramref name="arity"/> values are the next reads.</summary>
    public DecodeStatus TryReadTupleHeader(out int arity)
    {
        int at = _position;
        arity = 0;
        if (PeekType() != MessagePackType.Array)
            return Other("a tuple", at);
        DecodeStatus status = TryReadArrayHeader(out int count);
        if (status != DecodeStatus.Ok)
            return status;
        if (!TryTakeForm(count, out byte form) || form != MessagePackExtensions.TupleForm)
            return Back(at, Other("a tuple", at));
        arity = count - 1;
        return DecodeStatus.Ok;
    }

    /// <summary>Takes the first element of an array if it says what the array is.</summary>
    internal bool TryTakeForm(int count, out byte form)
    {
        form = 0;
        if (
            count == 0
            || Remaining < 3
            || Code != MessagePackCode.FixExtension1
            || (sbyte)_input[_position + 1] != MessagePackExtensions.Form
        )
            return false;
        form = _input[_position + 2];
        _position += 3;
        return true;
    }

    private DecodeStatus TryGetAtom(int at, ReadOnlySpan<byte> utf8, out Atom atom)
    {
        atom = null!;
        if (Atom.TryGetExisting(utf8, out Atom? known))
        {
            atom = known;
            return DecodeStatus.Ok;
        }

        DecodeStatus status = _context.TryMakeAtom(utf8, ref _newAtoms, ref _allowance, out known, out string error);
        atom = known!;
        return status == DecodeStatus.Ok ? status : Fail(status, ErrorKind.Text, error, at);
    }

    private DecodeStatus MakePid(int at, ReadOnlySpan<byte> data, out Pid pid)
    {
        pid = default;
        DecodeStatus status = TryGetNode(at, data, 12, out NodeIdentity? node);
        if (status == DecodeStatus.Ok)
        {
            uint id = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
            uint serial = BinaryPrimitives.ReadUInt32BigEndian(data[8..]);
            pid = new Pid(node!, ((ulong)serial << 32) | id);
        }

        return status;
    }

    private DecodeStatus MakePort(int at, ReadOnlySpan<byte> data, out Port port)
    {
        port = default;
        DecodeStatus status = TryGetNode(at, data, 12, out NodeIdentity? node);
        if (status == DecodeStatus.Ok)
            port = new Port(node!, BinaryPrimitives.ReadUInt64BigEndian(data[4..]));
        return status;
    }

    private DecodeStatus MakeReference(int at, ReadOnlySpan<byte> data, out Reference reference)
    {
        reference = default;
        int count = data.Length > 4 ? data[4] : 0;
        if (count is 0 or > Reference.MaxWords)
            return Malformed("a reference of no or more than five words", at);
        DecodeStatus status = TryGetNode(at, data, 5 + (4 * count), out NodeIdentity? node);
        if (status != DecodeStatus.Ok)
            return status;
        Span<uint> words = stackalloc uint[Reference.MaxWords];
        for (int i = 0; i < count; i++)
            words[i] = BinaryPrimitives.ReadUInt32BigEndian(data[(5 + (4 * i))..]);
        if (!TryTake(HeapSize.ReferenceOrigin(words[..count])))
            return OverAllowance(at);
        reference = Reference.FromWords(node!, words[..count]);
        return DecodeStatus.Ok;
    }

    private DecodeStatus MakeInteger(int at, ReadOnlySpan<byte> data, out BigInteger value)
    {
        value = default;
        if (data.IsEmpty || data[0] > 1)
            return Malformed("an integer without a sign", at);
        ReadOnlySpan<byte> magnitude = data[1..];
        if (magnitude.Length > _context.Limits.MaxIntegerBytes)
            return Limit("an integer longer than allowed", at);
        if (!TryTake(HeapSize.Array(magnitude.Length + 3, 1)))
            return OverAllowance(at);
        value = new BigInteger(magnitude, isUnsigned: true, isBigEndian: true);
        if (data[0] == 1)
            value = -value;
        return DecodeStatus.Ok;
    }

    /// <summary>The node of <c>creation:u32 | … | node UTF-8</c>.</summary>
    private DecodeStatus TryGetNode(int at, ReadOnlySpan<byte> data, int numbers, out NodeIdentity? node)
    {
        node = null;
        if (data.Length < numbers)
            return Malformed("an identity that is too short", at);
        DecodeStatus status = TryGetAtom(at, data[numbers..], out Atom name);
        if (status != DecodeStatus.Ok)
            return status;
        uint creation = BinaryPrimitives.ReadUInt32BigEndian(data);
        node = _context.KnownIdentity(name, creation);
        if (node is not null)
            return DecodeStatus.Ok;
        if (!TryTake(HeapSize.NodeIdentity))
            return OverAllowance(at);
        node = _context.NewIdentity(name, creation);
        return DecodeStatus.Ok;
    }
}
