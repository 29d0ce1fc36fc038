using System.Runtime.CompilerServices;
using System.Text;
using CloudScale.Serialization.Contracts;

namespace CloudScale.Serialization.Etf;

/// <content>
/// What generated contracts read besides single terms: heads and keys that are known beforehand. One comparison of bytes in the common case; behind it the long way, which
/// takes every encoding of the same term. None of them makes an atom.
/// </content>
public ref partial struct EtfReader
{
    // What a check promises (64 KB at least) is room for more levels than these.
    internal const int LevelsPerStackCheck = 16;

    private static ReadOnlySpan<byte> StructKey => "__struct__"u8;

    /// <summary>Passes over these bytes if they are the next ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTake(scoped ReadOnlySpan<byte> encoded)
    {
        if (!_input[_position..].StartsWith(encoded))
            return false;
        _position += encoded.Length;
        return true;
    }

    /// <summary>Passes over bytes of <see cref="RemainingBytes"/> that were read there: see <see cref="EtfSpan"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bytes, (uint)Remaining, nameof(bytes));
        _position += bytes;
    }

    /// <summary>The bytes that have not been read, if so many short texts and objects of so many bytes may be made of them whatever they are; else none.</summary>
    /// <param name="texts">How many calls of <see cref="EtfSpan.TryTakeText(ReadOnlySpan{byte}, ref int, ref int, out string)"/> there are at most.</param>
    /// <param name="heap">How many bytes other objects take.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ReadOnlySpan<byte> BytesFor(int texts, int heap = 0)
    {
        return _context.TakesShort && _allowance >= HeapSize.TakenTexts(texts) + heap ? _input[_position..] : default;
    }

    /// <summary>As <see cref="BytesFor(int, int)"/>, for elements of one kind behind each other.</summary>
    /// <param name="texts">How many texts there are in an element at most.</param>
    /// <param name="heap">How many bytes its other objects take.</param>
    /// <param name="most">How much may have been allocated when a further element is begun.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ReadOnlySpan<byte> BytesFor(int texts, int heap, out int most)
    {
        const int MostAtOnce = 1 << 30; // what has been allocated is counted in 32 bits
        most = (int)Math.Min(MostAtOnce, _allowance - (HeapSize.TakenTexts(texts) + heap));
        return _context.TakesShort && most >= 0 ? _input[_position..] : default;
    }

    /// <summary>Reads so many contracts, one behind the other.</summary>
    /// <param name="values">Where they go.</param>
    /// <param name="read">How many were read: which of them was wrong.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // then the contract is known, and its method called without a look-up
    public DecodeStatus TryReadTerms<T>(Span<T> values, out int read)
        where T : ITermContract<T> => T.TryReadTerms(ref this, values, out read);

    /// <summary>Passes over bytes of <see cref="BytesFor(int, int)"/> that were read there, and counts what was allocated for them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AdvanceOver(int bytes, int heap)
    {
        Advance(bytes);
        _allowance -= heap;
    }

    /// <summary>Reads the head of a tuple of so many elements; its elements are the next reads.</summary>
    /// <param name="arity">How many it must be.</param>
    /// <param name="wanted">What an error says it should be.</param>
    public DecodeStatus TryReadTupleHead(int arity, string wanted)
    {
        int at = _position;
        if (PeekTag() is not (EtfTag.SmallTuple or EtfTag.LargeTuple))
            return Other(wanted, at);
        DecodeStatus status = TryReadTupleHeader(out int actual);
        if (status != DecodeStatus.Ok || actual == arity)
            return status;
        _position = at;
        return Other(wanted, at);
    }

    /// <summary>Reads the head of a tuple of so many elements and the atom it begins with.</summary>
    /// <param name="arity">How many elements, the tag among them.</param>
    /// <param name="tag">The atom's text in UTF-8.</param>
    /// <param name="wanted">What an error says it should be.</param>
    public DecodeStatus TryReadTupleHead(int arity, scoped ReadOnlySpan<byte> tag, string wanted)
    {
        int at = _position;
        DecodeStatus status = TryReadTupleHead(arity, wanted);
        if (status != DecodeStatus.Ok || TryTakeAtom(tag))
            return status;
        bool ends = EndsInAtom();
        _position = at;
        return ends ? More("the tag of a tuple", at) : Other(wanted, at);
    }

    /// <summary>Passes over the next term if it is the atom of this text, in any encoding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTakeAtom(scoped ReadOnlySpan<byte> utf8)
    {
        ReadOnlySpan<byte> rest = _input[_position..];
        if (rest.IsEmpty || !IsAtomTag((EtfTag)rest[0]))
            return false;
        if ((EtfTag)rest[0] != EtfTag.SmallAtomUtf8)
            return TryTakeAtomSlowly(utf8);
        if (rest.Length < utf8.Length + 2 || rest[1] != utf8.Length || !rest.Slice(2, utf8.Length).SequenceEqual(utf8))
            return false;
        _position += 2 + utf8.Length;
        return true;
    }

    /// <summary>Reads the atom of this text.</summary>
    public DecodeStatus TryReadAtomOf(scoped ReadOnlySpan<byte> utf8, string wanted) =>
        TryTakeAtom(utf8) ? DecodeStatus.Ok
        : EndsInAtom() ? More(wanted, _position)
        : Other(wanted, _position);

    // Whether the input ends before the next term, or in it if it is an atom.
    private bool EndsInAtom()
    {
        int at = _position;
        bool ends = Remaining == 0 || (IsAtomTag(PeekTag()) && TryReadAtomText(out ReadOnlySpan<byte> _) == DecodeStatus.NeedMoreData);
        _position = at;
        return ends;
    }

    /// <summary>Reads the text of an atom, in any encoding, without making the atom.</summary>
    /// <remarks>Owner of the bytes: the input, the atom of a distribution header, or nobody.</remarks>
    public DecodeStatus TryReadAtomText(out ReadOnlySpan<byte> utf8)
    {
        int at = _position;
        EtfTag tag = PeekTag();
        utf8 = default;
        if (tag == EtfTag.AtomCacheRef)
        {
            DecodeStatus cached = TryReadCachedAtom(at, out Atom atom);
            if (cached == DecodeStatus.Ok)
                utf8 = atom.Utf8;
            return cached;
        }

        if (!IsAtomTag(tag))
            return Other("an atom", at);
        int width = tag is EtfTag.SmallAtomUtf8 or EtfTag.SmallAtom ? 1 : 2;
        DecodeStatus status = TryReadLength(at, at + 1, width, int.MaxValue, out int length);
        if (status != DecodeStatus.Ok)
            return status;
        utf8 = _input.Slice(at + 1 + width, length);
        if (tag is EtfTag.SmallAtom or EtfTag.Atom && !Ascii.IsValid(utf8))
        {
            status = TryConvertLatin1(at, utf8, out byte[] converted);
            utf8 = converted;
            if (status != DecodeStatus.Ok)
                return status;
        }

        _position = at + 1 + width + length;
        return DecodeStatus.Ok;
    }

    // Only old peers write such atoms in Latin-1.
    private DecodeStatus TryConvertLatin1(int at, scoped ReadOnlySpan<byte> name, out byte[] converted)
    {
        converted = [];
        if (name.Length > Atom.MaxCharacters)
            return Malformed("an atom of more than 255 characters", at);
        Span<byte> utf8 = stackalloc byte[2 * Atom.MaxCharacters];
        utf8 = utf8[..WidenLatin1(name, utf8)];
        if (!TryTake(HeapSize.Array(utf8.Length, 1)))
            return OverAllowance(at);
        converted = utf8.ToArray();
        return DecodeStatus.Ok;
    }

    /// <summary>Reads the key of a map's entry: its text if it is of the kind that the contract has, else nothing, and passes over it.</summary>
    public DecodeStatus TryReadKey(TermKeys kind, out ReadOnlySpan<byte> text)
    {
        int at = _position;
        EtfTag tag = PeekTag();
        text = default;
        DecodeStatus status;
        switch (kind)
        {
            case TermKeys.Atom when IsAtomTag(tag):
                return TryReadAtomText(out text);
            case TermKeys.Binary when tag == EtfTag.Binary:
                return TryReadBinary(out text);
            case TermKeys.Charlist when tag == EtfTag.String:
                status = TryReadLength(at, at + 1, 2, _context.Limits.MaxElements, out int length);
                if (status != DecodeStatus.Ok)
                    return status;
                text = _input.Slice(at + 3, length);
                _position = at + 3 + length;
                return DecodeStatus.Ok;
            default:
                return TrySkipTerm();
        }
    }

    /// <summary>
    /// Reads the head of an element of a keyword list. A pair of an atom and a value: the atom's text, and the value is the next read. A bare atom: its text, and no
    /// value follows. Anything else is passed over and has no text.
    /// </summary>
    public DecodeStatus TryReadKeyword(out ReadOnlySpan<byte> key, out bool hasValue)
    {
        int at = _position;
        key = default;
        hasValue = false;
        if (IsAtomTag(PeekTag()))
            return TryReadAtomText(out key);
        if (PeekTag() is EtfTag.SmallTuple or EtfTag.LargeTuple)
        {
            DecodeStatus status = TryReadTupleHeader(out int arity);
            if (status != DecodeStatus.Ok)
                return status;
            if (arity == 2 && IsAtomTag(PeekTag()))
            {
                hasValue = true;
                return Finish(at, TryReadAtomText(out key));
            }

            _position = at;
        }

        return TrySkipTerm();
    }

    /// <summary>
    /// What a closed set of contracts is told apart by; does not move. A tuple: the text of its first element, an atom, and its arity. An atom: its text and 0. A map with
    /// <c>__struct__</c>: the text of its value and -1.
    /// </summary>
    /// <param name="wanted">What an error says it should be.</param>
    /// <param name="tag">The text.</param>
    /// <param name="arity">The arity.</param>
    public DecodeStatus TryPeekHead(string wanted, out ReadOnlySpan<byte> tag, out int arity)
    {
        int at = _position;
        DecodeStatus status = TryFindHead(out bool has, out tag, out arity);
        _position = at;
        return status == DecodeStatus.Ok && !has ? Other(wanted, at) : status;
    }

    /// <summary>The same for whoever does not mind a term without: then nothing is said of it, and nothing allocated.</summary>
    internal bool TryPeekHead(out ReadOnlySpan<byte> tag, out int arity)
    {
        int at = _position;
        DecodeStatus status = TryFindHead(out bool has, out tag, out arity);
        _position = at;
        return status == DecodeStatus.Ok && has;
    }

    private DecodeStatus TryFindHead(out bool has, out ReadOnlySpan<byte> tag, out int arity)
    {
        has = false;
        tag = default;
        arity = 0;
        switch (PeekTag())
        {
            case EtfTag.SmallTuple or EtfTag.LargeTuple:
                DecodeStatus status = TryReadTupleHeader(out arity);
                if (status != DecodeStatus.Ok)
                    return status;
                break;
            case EtfTag.Map:
                arity = -1;
                return TryFindStruct(out has, out tag);
        }

        has = IsAtomTag(PeekTag());
        return has ? TryReadAtomText(out tag) : DecodeStatus.Ok;
    }

    /// <summary>Before a contract that may contain itself: counts how deep it is, within <see cref="EtfLimits.MaxDepth"/> and what the stack has room for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public DecodeStatus TryEnter()
    {
        if (_depth >= _context.Limits.MaxDepth || _depth % LevelsPerStackCheck == 0)
            return TryEnterSlowly();
        _depth++;
        return DecodeStatus.Ok;
    }

    private DecodeStatus TryEnterSlowly()
    {
        if (_depth >= _context.Limits.MaxDepth)
            return Limit("nested deeper than allowed", _position);
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            return Limit("nested deeper than the stack has room for", _position);
        _depth++;
        return DecodeStatus.Ok;
    }

    /// <summary>Behind a contract that may contain itself.</summary>
    public void Leave() => _depth--;

    private static bool IsAtomTag(EtfTag tag) =>
        tag is EtfTag.SmallAtomUtf8 or EtfTag.AtomUtf8 or EtfTag.SmallAtom or EtfTag.Atom or EtfTag.AtomCacheRef;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryTakeAtomSlowly(scoped ReadOnlySpan<byte> utf8)
    {
        int at = _position;
        if (TryReadAtomText(out ReadOnlySpan<byte> name) == DecodeStatus.Ok && name.SequenceEqual(utf8))
            return true;
        _position = at;
        return false;
    }

    private DecodeStatus TryFindStruct(out bool has, out ReadOnlySpan<byte> name)
    {
        has = false;
        name = default;
        DecodeStatus status = TryReadMapHeader(out int count);
        for (int i = 0; i < count && status == DecodeStatus.Ok; i++)
        {
            status = TryReadKey(TermKeys.Atom, out ReadOnlySpan<byte> key);
            has = status == DecodeStatus.Ok && key.SequenceEqual(StructKey);
            if (has)
                return TryReadAtomText(out name);
            if (status == DecodeStatus.Ok)
                status = TrySkipTerm();
        }

        return status;
    }

    readonly bool ITermReader.IsAtMap => PeekTag() == EtfTag.Map;

    DecodeStatus ITermReader.Back(int start, DecodeStatus status) => Back(start, status);

    DecodeStatus ITermReader.BackExpected(int start, string wanted) => BackExpected(start, wanted);
}
