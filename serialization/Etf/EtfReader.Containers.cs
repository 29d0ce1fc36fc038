using System.Runtime.CompilerServices;

namespace CloudScale.Serialization.Etf;

/// <content>Containers: opened with all the room they need, filled part by part, closed when complete.</content>
public ref partial struct EtfReader
{
    /// <summary>Puts a value into the innermost container; what comes back is that container when it is complete, else null.</summary>
    private DecodeStatus Put(DecodeStack stack, ref object? value)
    {
        ref DecodeStack.Frame top = ref stack.Top;
        int index = top.Next++;
        switch (top.Kind)
        {
            case DecodeStack.Kind.Tuple:
                Unsafe.As<Tuple>(top.Parts).Unfinished[index] = value!;
                break;
            case DecodeStack.Kind.List when top.Next == top.Count:
                value = List.Adopt(Unsafe.As<object[]>(top.Parts), index, value!);
                stack.Close();
                return DecodeStatus.Ok;
            case DecodeStack.Kind.List:
                Unsafe.As<object[]>(top.Parts)[index] = value!;
                break;
            case DecodeStack.Kind.Map:
                ref Map.Entry entry = ref Unsafe.As<Map.Entry[]>(top.Parts)[index >> 1];
                if ((index & 1) == 0)
                    entry.SetKey(value!);
                else
                    entry.Value = value!;
                break;
            case DecodeStack.Kind.NativeRecord:
                Unsafe.As<NativeRecord>(top.Parts).Unfinished[index] = value!;
                break;
            default:
                Unsafe.As<Fun>(top.Parts).Unfinished[index] = value!;
                break;
        }

        value = null;
        return top.Next == top.Count ? Complete(stack, out value) : DecodeStatus.Ok;
    }

    /// <summary>Takes the innermost container, which has all its parts; of a list that is what <see cref="Put"/> does with its tail.</summary>
    private DecodeStatus Complete(DecodeStack stack, out object? value)
    {
        ref DecodeStack.Frame top = ref stack.Top;
        value = top.Kind == DecodeStack.Kind.Map ? Map.Adopt(Unsafe.As<Map.Entry[]>(top.Parts)) : top.Parts;
        if (value is null)
            return Malformed("a map with two equal keys", top.Offset);
        stack.Close();
        return DecodeStatus.Ok;
    }

    private DecodeStatus OpenTuple(DecodeStack stack, int count, int at)
    {
        DecodeStatus status = MayOpen(stack, count, at, HeapSize.WholeTuple(count));
        if (status == DecodeStatus.Ok)
            stack.Open(DecodeStack.Kind.Tuple, Tuple.OfLength(count), count, at);
        return status;
    }

    private DecodeStatus OpenMap(DecodeStack stack, int count, int at)
    {
        DecodeStatus status = MayOpen(stack, 2L * count, at, HeapSize.WholeMap(count));
        if (status == DecodeStatus.Ok)
            stack.Open(DecodeStack.Kind.Map, new Map.Entry[count], 2 * count, at);
        return status;
    }

    // The array of a container is made when its head is read. That is safe because a term needs a byte: what all open heads together promise must still come.
    private DecodeStatus MayOpen(DecodeStack stack, long parts, int at, long bytes)
    {
        if (stack.Depth >= _context.Limits.MaxDepth - _depth)
            return Limit("nested deeper than allowed", at);
        if (stack.BehindNext() + parts > Remaining)
            return More("as many terms as declared", at);
        if (!TryTake(bytes + stack.Growth))
            return OverAllowance(at);
        return TryCount(parts, at);
    }

    private DecodeStatus TryCount(long terms, int at)
    {
        if (terms > _context.Limits.MaxTotalTerms - _terms)
            return Limit("more terms than allowed", at);
        _terms += (int)terms;
        return DecodeStatus.Ok;
    }

    // The tail of a list is often another list on the wire. Its elements are simply further ones of the first, so a chain of cells costs neither depth nor copies.
    private DecodeStatus TryOpenList(DecodeStack stack, int at, out object? value)
    {
        value = null;
        DecodeStatus status = TryReadListHeader(out int count);
        if (status != DecodeStatus.Ok)
            return status;
        if (count >= FewNumbers && !stack.AtTail && TryReadNumbers(stack, count, out value))
            return DecodeStatus.Ok;
        if (stack.AtTail)
            return Lengthen(stack, count, count, at);
        // Without elements it is its tail, and no list will be made.
        status = MayOpen(stack, count + 1L, at, count == 0 ? 0 : HeapSize.List + HeapSize.References(count));
        if (status == DecodeStatus.Ok)
            stack.Open(DecodeStack.Kind.List, count == 0 ? System.Array.Empty<object>() : new object[count], count + 1, at);
        return status;
    }

    /// <summary>Makes room for more elements in the innermost container, a list that goes on.</summary>
    private DecodeStatus Lengthen(DecodeStack stack, int count, int terms, int at)
    {
        ref DecodeStack.Frame top = ref stack.Top;
        if (top.Next + (long)count > _context.Limits.MaxElements)
            return Limit("more elements than allowed", at);
        if (stack.Behind + count + 1 > Remaining)
            return More("as many terms as declared", at);
        DecodeStatus status = TryCount(terms, at);
        if (status != DecodeStatus.Ok)
            return status;
        object[] elements = Unsafe.As<object[]>(top.Parts);
        int needed = top.Next + count;
        if (needed > elements.Length)
        {
            // At least half as many again: copies stay linear. No more than can come.
            long wanted = Math.Max(needed, Math.Min(elements.Length + (elements.Length / 2L), needed + (long)Remaining));
            if (!TryTake(HeapSize.References(wanted) + (elements.Length == 0 ? HeapSize.List : 0)))
                return OverAllowance(at);
            System.Array.Resize(ref elements, (int)Math.Min(wanted, System.Array.MaxLength));
            top.Parts = elements;
        }

        top.Count += count;
        return DecodeStatus.Ok;
    }
}
