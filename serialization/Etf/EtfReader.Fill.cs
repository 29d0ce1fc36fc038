using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace CloudScale.Serialization.Etf;

/// <content>
/// The short way of whole terms: leaves of the frequent kinds go straight into their container, without a turn through the stack each. What is rare, broken, over a limit
/// or a container itself is left to the long way, which also has the words for what is wrong.
/// </content>
public ref partial struct EtfReader
{
    /// <summary>Reads the leaves that come next into the innermost container, as many as it still takes.</summary>
    private void Fill(ref DecodeStack.Frame top)
    {
        switch (top.Kind)
        {
            case DecodeStack.Kind.Tuple:
                FillElements(ref top, Unsafe.As<Tuple>(top.Parts).Unfinished);
                break;
            case DecodeStack.Kind.List:
                FillElements(ref top, Unsafe.As<object[]>(top.Parts).AsSpan(0, top.Count - 1)); // the tail is no element
                break;
            case DecodeStack.Kind.Map:
                FillEntries(ref top, Unsafe.As<Map.Entry[]>(top.Parts));
                break;
        }
    }

    private void FillElements(ref DecodeStack.Frame top, Span<object> elements)
    {
        int next = top.Next;
        while (next < elements.Length && ReadLeaf() is { } leaf)
            elements[next++] = leaf;
        top.Next = next;
    }

    private void FillEntries(ref DecodeStack.Frame top, Map.Entry[] entries)
    {
        int next = top.Next;
        while (next < top.Count && ReadLeaf() is { } leaf)
        {
            ref Map.Entry entry = ref entries[next >> 1];
            if ((next++ & 1) == 0)
                entry.SetKey(leaf);
            else
                entry.Value = leaf;
        }

        top.Next = next;
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
                    || !Affords(HeapSize.Binary + HeapSize.Array(length, 1))
                )
                    return null;
                _position = at + BinaryHeadBytes + (int)length;
                return TryLend((int)length, out ReadOnlyMemory<byte> lent)
                    ? new Binary(lent)
                    : Binary.CopyOf(rest.Slice(BinaryHeadBytes, (int)length));
            default:
                return null;
        }
    }

    private const int BinaryHeadBytes = 5;

    private bool Affords(long bytes)
    {
        if (_allowance < bytes)
            return false;
        _allowance -= bytes;
        return true;
    }
}
