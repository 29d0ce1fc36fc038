using System.Runtime.CompilerServices;
using System.Text;
using CloudScale.Serialization.Contracts;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.MessagePack;

/// <content>
/// What generated contracts read besides single values: heads, names and keys that are known beforehand. One comparison of bytes in the common case; behind it the long way,
/// which takes what other writers make of the same contract, our own for dynamic terms among them. None of them makes an atom.
/// </content>
public ref partial struct MessagePackReader
{
    /// <summary>Passes over these bytes if they are the next ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTake(scoped ReadOnlySpan<byte> encoded)
    {
        if (!_input[_position..].StartsWith(encoded))
            return false;
        _position += encoded.Length;
        return true;
    }

    /// <summary>Reads the head of an array that is a tuple of so many elements, whether it says that it is one or not; its elements are the next reads.</summary>
    /// <param name="arity">How many it must be.</param>
    /// <param name="wanted">What an error says it should be.</param>
    public DecodeStatus TryReadTupleHead(int arity, string wanted)
    {
        int at = _position;
        if (PeekType() != MessagePackType.Array)
            return Other(wanted, at);
        DecodeStatus status = TryReadArrayHeader(out int count);
        if (status != DecodeStatus.Ok)
            return status;
        if (TryTakeForm(count, out byte form))
        {
            if (form != MessagePackExtensions.TupleForm)
                return Back(at, Other(wanted, at));
            count--;
        }

        return count == arity ? DecodeStatus.Ok : Back(at, Other(wanted, at));
    }

    /// <summary>Reads the head of a tuple of so many elements and the name it begins with.</summary>
    /// <param name="arity">How many elements, the tag among them.</param>
    /// <param name="tag">The name in UTF-8: a text, or an atom.</param>
    /// <param name="wanted">What an error says it should be.</param>
    public DecodeStatus TryReadTupleHead(int arity, scoped ReadOnlySpan<byte> tag, string wanted)
    {
        int at = _position;
        DecodeStatus status = TryReadTupleHead(arity, wanted);
        if (status != DecodeStatus.Ok)
            return status;
        status = TryReadAtomText(out ReadOnlySpan<byte> name);
        if (status == DecodeStatus.Ok)
            return name.SequenceEqual(tag) ? status : Back(at, Other(wanted, at));
        return Back(at, status == DecodeStatus.Malformed ? Other(wanted, at) : status);
    }

    /// <summary>Passes over the next value if it is this atom: our extension, or MessagePack's own nil, true or false.</summary>
    public bool TryTakeAtom(scoped ReadOnlySpan<byte> utf8)
    {
        int at = _position;
        if (PeekType() is not (MessagePackType.Extension or MessagePackType.Nil or MessagePackType.Boolean))
            return false;
        if (TryReadAtomText(out ReadOnlySpan<byte> name) == DecodeStatus.Ok && name.SequenceEqual(utf8))
            return true;
        _position = at;
        return false;
    }

    /// <summary>Passes over nil, or over the atom that stands for null in the term.</summary>
    public bool TryTakeNull(scoped ReadOnlySpan<byte> utf8) => TryTakeNil() || TryTakeAtom(utf8);

    /// <summary>Reads the name of this text.</summary>
    public DecodeStatus TryReadAtomOf(scoped ReadOnlySpan<byte> utf8, string wanted)
    {
        int at = _position;
        DecodeStatus status = TryReadAtomText(out ReadOnlySpan<byte> name);
        if (status == DecodeStatus.Ok)
            return name.SequenceEqual(utf8) ? status : Back(at, Other(wanted, at));
        return status == DecodeStatus.Malformed ? Other(wanted, at) : status;
    }

    /// <summary>Reads a name without making an atom: contracts write texts where terms have atoms, other writers atoms.</summary>
    public DecodeStatus TryReadAtomText(out ReadOnlySpan<byte> utf8)
    {
        int at = _position;
        utf8 = default;
        switch (PeekType())
        {
            case MessagePackType.String:
                return TryReadUtf8(out utf8);
            case MessagePackType.Nil:
                utf8 = "nil"u8;
                _position++;
                return DecodeStatus.Ok;
            case MessagePackType.Boolean:
                utf8 = Code == MessagePackCode.True ? "true"u8 : "false"u8;
                _position++;
                return DecodeStatus.Ok;
            case MessagePackType.Extension:
                DecodeStatus status = TryReadExtension(out sbyte type, out utf8);
                return status != DecodeStatus.Ok || type == MessagePackExtensions.Atom ? status : Back(at, Other("a name", at));
            default:
                return Other("a name", at);
        }
    }

    /// <summary>Reads the key of a map's entry: its text if it is of a kind that the contract has, else nothing, and passes over it.</summary>
    public DecodeStatus TryReadKey(TermKeys kind, out ReadOnlySpan<byte> text)
    {
        text = default;
        switch (PeekType())
        {
            case MessagePackType.String:
                return TryReadUtf8(out text);
            case MessagePackType.Binary when kind == TermKeys.Binary:
                return TryReadBinary(out text);
            case MessagePackType.Extension or MessagePackType.Nil or MessagePackType.Boolean when kind == TermKeys.Atom:
                // Extensions that are no atoms are keys of others.
                return TryReadAtomText(out text) == DecodeStatus.Ok ? DecodeStatus.Ok : TrySkipTerm();
            case MessagePackType.Array when kind == TermKeys.Charlist:
                // As terms have them: rare, so at the price of two objects.
                if (TryReadCharlist(out string characters) != DecodeStatus.Ok)
                    return TrySkipTerm();
                if (!TryTake(HeapSize.Text(characters.Length)))
                    return OverAllowance(_position);
                text = Encoding.UTF8.GetBytes(characters);
                return DecodeStatus.Ok;
            default:
                return TrySkipTerm();
        }
    }

    /// <summary>Reads the head of a keyword list: a map, as contracts write it, or an array of pairs and names, as terms have it.</summary>
    public DecodeStatus TryReadKeywordsStart(out int count, out bool isMap)
    {
        isMap = PeekType() == MessagePackType.Map;
        if (isMap)
            return TryReadMapStart(2, out count);
        count = 0;
        return PeekType() == MessagePackType.Array ? TryReadListStart(1, out count) : Other("a list", _position);
    }

    /// <summary>
    /// Reads the head of an element of a keyword list. With a value: the name, and the value is the next read. A bare name: no value follows. Anything else is passed over
    /// and has no name.
    /// </summary>
    public DecodeStatus TryReadKeyword(bool isMap, out ReadOnlySpan<byte> key, out bool hasValue)
    {
        int at = _position;
        hasValue = isMap;
        if (isMap)
            return TryReadKey(TermKeys.Atom, out key);
        key = default;
        if (PeekType() == MessagePackType.Array)
        {
            DecodeStatus status = TryReadArrayHeader(out int count);
            if (status != DecodeStatus.Ok)
                return status;
            if (TryTakeForm(count, out _))
                count--;
            hasValue = count == 2 && TryReadAtomText(out key) == DecodeStatus.Ok;
            if (hasValue)
                return DecodeStatus.Ok;
            _position = at;
            key = default;
        }
        else if (PeekType() is MessagePackType.String or MessagePackType.Extension && TryReadAtomText(out key) == DecodeStatus.Ok)
        {
            return DecodeStatus.Ok;
        }

        return TrySkipTerm();
    }

    /// <summary>
    /// What a closed set of contracts is told apart by; does not move. A tuple: the name it begins with, and its arity. A name alone: it and 0. A map with
    /// <c>__struct__</c>: the name under it and -1.
    /// </summary>
    /// <param name="wanted">What an error says it should be.</param>
    /// <param name="tag">The name.</param>
    /// <param name="arity">The arity.</param>
    public DecodeStatus TryPeekHead(string wanted, out ReadOnlySpan<byte> tag, out int arity)
    {
        int at = _position;
        DecodeStatus status;
        tag = default;
        arity = 0;
        switch (PeekType())
        {
            case MessagePackType.Array:
                status = TryReadArrayHeader(out arity);
                if (status != DecodeStatus.Ok)
                    return status;
                if (TryTakeForm(arity, out _))
                    arity--;
                status = TryReadAtomText(out tag);
                break;
            case MessagePackType.Map:
                arity = -1;
                status = TryFindStruct(wanted, at, out tag);
                break;
            default:
                status = TryReadAtomText(out tag);
                break;
        }

        if (status == DecodeStatus.Malformed)
            Other(wanted, at);
        _position = at;
        return status;
    }

    /// <summary>Passes over one value; <see cref="TrySkip"/>.</summary>
    public DecodeStatus TrySkipTerm() => TrySkip();

    /// <summary>Before a contract that may contain itself: counts how deep it is, within <see cref="EtfLimits.MaxDepth"/> and what the stack has room for.</summary>
    public DecodeStatus TryEnter()
    {
        if (_depth >= _context.Limits.MaxDepth)
            return Limit("nested deeper than allowed", _position);
        if (_depth % EtfReader.LevelsPerStackCheck == 0 && !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            return Limit("nested deeper than the stack has room for", _position);
        _depth++;
        return DecodeStatus.Ok;
    }

    /// <summary>Behind a contract that may contain itself.</summary>
    public void Leave() => _depth--;

    private DecodeStatus TryFindStruct(string wanted, int at, out ReadOnlySpan<byte> name)
    {
        name = default;
        DecodeStatus status = TryReadMapHeader(out int count);
        for (int i = 0; i < count && status == DecodeStatus.Ok; i++)
        {
            status = TryReadKey(TermKeys.Atom, out ReadOnlySpan<byte> key);
            if (status == DecodeStatus.Ok && key.SequenceEqual("__struct__"u8))
                return TryReadAtomText(out name);
            if (status == DecodeStatus.Ok)
                status = TrySkipTerm();
        }

        return status == DecodeStatus.Ok ? Other(wanted, at) : status;
    }

    readonly bool ITermReader.IsAtMap => PeekType() == MessagePackType.Map;

    DecodeStatus ITermReader.Back(int start, DecodeStatus status) => Back(start, status);

    DecodeStatus ITermReader.BackExpected(int start, string wanted) => BackExpected(start, wanted);
}
