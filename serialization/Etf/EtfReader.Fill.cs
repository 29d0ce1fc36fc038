using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CloudScale.Serialization.Etf;

/// <content>
/// The short way of whole terms: leaves of the frequent kinds go straight into their container, without a turn through the stack each. What is rare, broken, over a limit
/// or a container itself is left to the long way, which also has the words for what is wrong.
/// </content>
public ref partial struct EtfReader
{
    /// <summary>Reads what comes next into the innermost container, as many leaves and tuples of leaves as it still takes.</summary>
    private void Fill(DecodeStack stack)
    {
        int depth;
        do
        {
            depth = stack.Depth;
            ref DecodeStack.Frame top = ref stack.Top;
            switch (top.Kind)
            {
                case DecodeStack.Kind.Tuple:
                    FillElements(stack, ref top, Unsafe.As<Tuple>(top.Parts).Unfinished);
                    break;
                case DecodeStack.Kind.List:
                    FillElements(stack, ref top, Unsafe.As<object[]>(top.Parts).AsSpan(0, top.Count - 1)); // the tail is no element
                    break;
                case DecodeStack.Kind.NativeRecord:
                    FillElements(stack, ref top, Unsafe.As<NativeRecord>(top.Parts).Unfinished);
                    break;
                case DecodeStack.Kind.Map:
                    FillEntries(stack, ref top, Unsafe.As<Map.Entry[]>(top.Parts));
                    break;
            }
        } while (stack.Depth > depth); // what was opened meanwhile is the innermost now
    }

    private void FillElements(DecodeStack stack, ref DecodeStack.Frame top, Span<object> elements)
    {
        while (top.Next < elements.Length)
        {
            bool isLeaf = PeekTag() is not (EtfTag.SmallTuple or EtfTag.Map);
            if (isLeaf && ReadLeaves(elements[top.Next..]) is > 0 and var read)
            {
                top.Next += read;
                continue;
            }

            if (ReadFlat(stack) is not { } part)
                return;
            elements[top.Next++] = part;
        }
    }

    /// <summary>The next term if it is a leaf, or a tuple or map of leaves.</summary>
    private object? ReadFlat(DecodeStack stack) =>
        PeekTag() switch
        {
            EtfTag.SmallTuple => ReadFlatTuple(stack),
            EtfTag.Map => ReadFlatMap(stack),
            _ => ReadLeaf(),
        };

    /// <summary>The next term if it is a tuple of leaves, within the limits. A tuple that holds more is opened with the leaves it begins with: it is the innermost container then.</summary>
    private Tuple? ReadFlatTuple(DecodeStack stack)
    {
        int at = _position;
        if (Remaining < 3 || (EtfTag)_input[at] != EtfTag.SmallTuple)
            return null;
        int count = _input[at + 1];
        if (
            count == 0
            || count > _context.Limits.MaxElements
            || stack.Growth > 0
            || stack.Depth >= _context.Limits.MaxDepth - _depth
            || stack.BehindNext() + count > Remaining - 2
            || count > _context.Limits.MaxTotalTerms - _terms
            || !Affords(HeapSize.WholeTuple(count))
        )
            return null;
        _terms += count;
        _position = at + 2;
        Tuple tuple = Tuple.OfLength(count);
        Span<object> elements = tuple.Unfinished;
        for (int i = ReadLeaves(elements); i < elements.Length; i += ReadLeaves(elements[i..]))
        {
            if (PeekTag() is not (EtfTag.SmallTuple or EtfTag.List or EtfTag.Map) && ReadLeaf() is { } leaf)
            {
                elements[i++] = leaf;
                continue;
            }

            stack.Open(DecodeStack.Kind.Tuple, tuple, count, at);
            stack.Top.Next = i;
            return null;
        }

        return tuple;
    }

    /// <summary>
    /// Reads as many as come next of the leaves that messages are mostly made of, and returns how many. Where the reader stands stays in a register meanwhile.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // into a caller, whose variables would take the registers
    private int ReadLeaves(Span<object> elements)
    {
        if (!_context.TakesShort)
            return 0;
        ReadOnlySpan<byte> input = _input;
        int at = _position;
        int i = 0;
        for (; i < elements.Length; i++)
        {
            int left = input.Length - at; // never negative: nothing is passed over that is not there
            if (left < 2)
                break;
            ref byte start = ref Unsafe.Add(ref MemoryMarshal.GetReference(input), at); // what is read from it is within what is left
            EtfTag tag = (EtfTag)start;
            if (tag == EtfTag.Binary && left > BinaryHeadBytes)
            {
                uint length = BinaryPrimitives.ReadUInt32BigEndian(
                    MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref start, 1), sizeof(uint))
                );
                if (length - 1 >= Binary.InlineLength || length > (uint)(left - BinaryHeadBytes) || !Affords(HeapSize.Binary))
                    break;
                at += BinaryHeadBytes + (int)length;
                elements[i] = Binary.CopyOfFew(MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref start, BinaryHeadBytes), (int)length));
            }
            else if (tag == EtfTag.SmallInteger)
            {
                elements[i] = SmallIntegers.Box(Unsafe.Add(ref start, 1));
                at += 2;
            }
            else if (tag == EtfTag.SmallAtomUtf8)
            {
                int characters = Unsafe.Add(ref start, 1);
                if (
                    characters > left - 2
                    || !Atom.TryGetExisting(MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref start, 2), characters), out Atom? atom)
                )
                    break;
                elements[i] = atom;
                at += 2 + characters;
            }
            else if (tag == EtfTag.NewFloat && left >= EtfSpan.DoubleBytes)
            {
                double real = BinaryPrimitives.ReadDoubleBigEndian(
                    MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref start, 1), sizeof(double))
                );
                if (!double.IsFinite(real) || !Affords(HeapSize.Number))
                    break;
                at += EtfSpan.DoubleBytes;
                elements[i] = real;
            }
            else if (tag == EtfTag.Integer && left >= EtfSpan.MaxIntBytes)
            {
                long number = BinaryPrimitives.ReadInt32BigEndian(
                    MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref start, 1), sizeof(int))
                );
                if (!SmallIntegers.HasBox(number) && !Affords(HeapSize.Number))
                    break;
                at += EtfSpan.MaxIntBytes;
                elements[i] = SmallIntegers.Box(number);
            }
            else
            {
                break;
            }
        }

        _position = at;
        return i;
    }

    /// <summary>The next term if it is a leaf of the frequent kinds, complete, and within the limits; else nothing is read.</summary>
    private object? ReadLeaf()
    {
        int at = _position;
        ReadOnlySpan<byte> rest = _input[at..];
        if (rest.Length < 2)
            return null;
        switch ((EtfTag)rest[0])
        {
            case EtfTag.SmallInteger:
                _position = at + 2;
                return SmallIntegers.Box(rest[1]);
            case EtfTag.Integer when rest.Length >= EtfSpan.MaxIntBytes:
                long number = BinaryPrimitives.ReadInt32BigEndian(rest[1..]);
                if (SmallIntegers.HasBox(number))
                {
                    _position = at + EtfSpan.MaxIntBytes;
                    return SmallIntegers.Box(number);
                }

                if (!Affords(HeapSize.Number))
                    return null;
                _position = at + EtfSpan.MaxIntBytes;
                return number;
            case EtfTag.NewFloat when rest.Length >= EtfSpan.DoubleBytes:
                double real = BinaryPrimitives.ReadDoubleBigEndian(rest[1..]);
                if (!double.IsFinite(real) || !Affords(HeapSize.Number))
                    return null;
                _position = at + EtfSpan.DoubleBytes;
                return real;
            case EtfTag.SmallAtomUtf8:
                int characters = rest[1];
                if (characters > rest.Length - 2 || !Atom.TryGetExisting(rest.Slice(2, characters), out Atom? atom))
                    return null;
                _position = at + 2 + characters;
                return atom;
            case EtfTag.Binary when rest.Length > BinaryHeadBytes:
                uint length = BinaryPrimitives.ReadUInt32BigEndian(rest[1..]);
                if (
                    length - 1 >= (uint)(rest.Length - BinaryHeadBytes) // the empty one is rare
                    || length > (uint)_context.Limits.MaxBinaryBytes
                    || !Affords(HeapSize.WholeBinary(length))
                )
                    return null;
                _position = at + BinaryHeadBytes + (int)length;
                return TryLend((int)length, out ReadOnlyMemory<byte> lent)
                    ? new Binary(lent)
                    : Binary.CopyOf(rest.Slice(BinaryHeadBytes, (int)length));
            case EtfTag.NewPid:
                return TryTakePidLeaf(out Pid pid) ? pid : null;
            case EtfTag.NewerReference when rest.Length > 2 && rest[2] == 3 && rest[1] == 0:
                return TryTakeReferenceLeaf(at, out Reference reference) ? reference : null;
            case EtfTag.SmallBig:
                return ReadBigLeaf(rest);
            case EtfTag.Nil:
                _position = at + 1;
                return List.Empty;
            default:
                return null;
        }
    }

    private const int BinaryHeadBytes = 5;

    // Milliseconds since 1970 and the like: so many bytes of the eight that can be loaded at once.
    private object? ReadBigLeaf(ReadOnlySpan<byte> rest)
    {
        if (
            rest.Length < EtfSpan.MaxLongBytes
            || (uint)rest[1] - 1 >= sizeof(long) - 1
            || rest[1] > _context.Limits.MaxIntegerBytes
            || !Affords(HeapSize.Number)
        )
            return null;
        int unused = 8 * (sizeof(long) - rest[1]);
        long magnitude = (long)(BinaryPrimitives.ReadUInt64LittleEndian(rest[3..]) << unused >> unused);
        _position += 3 + rest[1];
        return SmallIntegers.Box(rest[2] == 0 ? magnitude : -magnitude);
    }

    // Identities of a node that was met before: nothing but the box is made.
    private bool TryTakePidLeaf(out Pid pid)
    {
        pid = default;
        return _allowance >= HeapSize.Identity && TryTakeKnownPid(out pid) && Affords(HeapSize.Identity);
    }

    private bool TryTakeReferenceLeaf(int at, out Reference reference)
    {
        reference = default;
        if (_allowance < HeapSize.Identity || !TryTakeKnownNode(3, 0, 16, out NodeIdentity? node, out ReadOnlySpan<byte> fields))
            return false;
        ReadOnlySpan<uint> words = [ReadWord(fields, 1), ReadWord(fields, 2), ReadWord(fields, 3)];
        if (!Reference.HasOurLayout(words))
        {
            _position = at;
            return false;
        }

        _allowance -= HeapSize.Identity;
        reference = Reference.FromWords(node, words);
        return true;
    }

    private static uint ReadWord(ReadOnlySpan<byte> fields, int index) => BinaryPrimitives.ReadUInt32BigEndian(fields[(4 * index)..]);

    private bool Affords(long bytes)
    {
        if (_allowance < bytes)
            return false;
        _allowance -= bytes;
        return true;
    }
}
