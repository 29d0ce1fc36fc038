using System.Buffers.Binary;

namespace CloudScale.Serialization.Etf;

/// <content>The short way of maps: leaves go straight into their entries, and a map of leaves is made without a turn through the stack.</content>
public ref partial struct EtfReader
{
    private const int MapHeadBytes = 5;
    private const int MostFlatEntries = 32; // as many as BEAM keeps in a row; untuned

    private void FillEntries(DecodeStack stack, ref DecodeStack.Frame top, Map.Entry[] entries)
    {
        while (top.Next < top.Count)
        {
            int next = top.Next;
            if ((next & 1) == 0)
            {
                top.Next += ReadEntries(entries.AsSpan(next >> 1));
                if (top.Next != next)
                    continue;
            }

            if (ReadFlat(stack) is not { } part)
                return;
            ref Map.Entry entry = ref entries[next >> 1];
            if ((next & 1) == 0)
                entry.SetKey(part);
            else
                entry.Value = part;
            top.Next++;
        }
    }

    /// <summary>Reads as many keys and values as come next that are leaves, and returns how many.</summary>
    private int ReadEntries(Span<Map.Entry> entries)
    {
        for (int i = 0; i < entries.Length; i++)
        {
            ref Map.Entry entry = ref entries[i];
            if (!TryReadAtomKey(ref entry))
            {
                if (ReadLeaf() is not { } key)
                    return 2 * i;
                entry.SetKey(key);
            }

            if (ReadLeaf() is not { } value)
                return (2 * i) + 1;
            entry.Value = value;
        }

        return 2 * entries.Length;
    }

    private bool TryReadAtomKey(ref Map.Entry entry)
    {
        ReadOnlySpan<byte> rest = _input[_position..];
        if (rest.Length < 2 || (EtfTag)rest[0] != EtfTag.SmallAtomUtf8 || rest[1] > rest.Length - 2)
            return false;
        if (!Atom.TryGetRecent(rest.Slice(2, rest[1]), out Atom? atom))
            return false;
        entry.Key = atom;
        entry.KeyHash = atom.HashBits;
        _position += 2 + rest[1];
        return true;
    }

    /// <summary>The next term if it is a map of leaves, within the limits. A map that holds more, or two equal keys, is opened with what it begins with.</summary>
    private Map? ReadFlatMap(DecodeStack stack)
    {
        int at = _position;
        if (Remaining < MapHeadBytes)
            return null;
        uint count = BinaryPrimitives.ReadUInt32BigEndian(_input[(at + 1)..]);
        if (
            count - 1 >= MostFlatEntries
            || count > (uint)_context.Limits.MaxElements
            || stack.Growth > 0
            || stack.Depth >= _context.Limits.MaxDepth - _depth
            || stack.BehindNext() + (2 * count) > Remaining - MapHeadBytes
            || 2 * count > _context.Limits.MaxTotalTerms - _terms
            || !Affords(HeapSize.WholeMap(count))
        )
            return null;
        _terms += 2 * (int)count;
        _position = at + MapHeadBytes;
        Map.Entry[] entries = new Map.Entry[count];
        int read = ReadEntries(entries);
        if (read == 2 * entries.Length && Map.Adopt(entries) is { } map)
            return map;
        stack.Open(DecodeStack.Kind.Map, entries, 2 * entries.Length, at);
        stack.Top.Next = read;
        return null;
    }
}
