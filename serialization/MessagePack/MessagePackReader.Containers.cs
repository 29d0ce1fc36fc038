using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.MessagePack;

/// <content>Arrays and maps as terms: opened with all the room they need, filled part by part, closed when complete.</content>
public ref partial struct MessagePackReader
{
    /// <summary>Opens what an array is: a list, or what its first element says.</summary>
    private DecodeStatus OpenArray(DecodeStack stack, int at, out object? value)
    {
        value = null;
        DecodeStatus status = TryReadArrayHeader(out int count);
        if (status != DecodeStatus.Ok)
            return status;
        if (!TryTakeForm(count, out byte form))
        {
            if (count > 0)
                return Open(stack, DecodeStack.Kind.Array, count, HeapSize.List + HeapSize.References(count), at);
            value = List.Empty;
            return DecodeStatus.Ok;
        }

        count--;
        switch (form)
        {
            case MessagePackExtensions.TupleForm when count == 0:
                value = Tuple.Empty;
                return DecodeStatus.Ok;
            case MessagePackExtensions.TupleForm:
                return Open(stack, DecodeStack.Kind.Tuple, count, HeapSize.WholeTuple(count), at);
            case MessagePackExtensions.ImproperListForm when count >= 2:
                return Open(stack, DecodeStack.Kind.ImproperArray, count, HeapSize.List + HeapSize.References(count), at);
            case MessagePackExtensions.ExternalFunForm when count == 3:
                return Open(stack, DecodeStack.Kind.ExternalFunParts, count, HeapSize.ExternalFun + HeapSize.References(count), at);
            case MessagePackExtensions.FunForm when count >= MessagePackExtensions.FunParts:
                // The parts, and the free variables once more.
                return Open(stack, DecodeStack.Kind.FunParts, count, HeapSize.Fun + (2 * HeapSize.References(count)), at);
            case MessagePackExtensions.NativeRecordForm when count >= MessagePackExtensions.NativeRecordParts && (count & 1) == 1:
                // The parts, and names and values once more.
                return Open(
                    stack,
                    DecodeStack.Kind.NativeRecordParts,
                    count,
                    HeapSize.WholeNativeRecord(count / 2) + HeapSize.References(count),
                    at
                );
            default:
                return Malformed("an array of an unknown form, or with too few parts for its form", at);
        }
    }

    private DecodeStatus Open(DecodeStack stack, DecodeStack.Kind kind, int count, long bytes, int at)
    {
        DecodeStatus status = MayOpen(stack, count, at, bytes);
        if (status == DecodeStatus.Ok)
            stack.Open(kind, kind == DecodeStack.Kind.Tuple ? Tuple.OfLength(count) : new object[count], count, at);
        return status;
    }

    private DecodeStatus OpenMap(DecodeStack stack, int at, out object? value)
    {
        value = null;
        DecodeStatus status = TryReadMapHeader(out int count);
        if (status != DecodeStatus.Ok)
            return status;
        if (count == 0)
        {
            value = Map.Empty;
            return status;
        }

        status = MayOpen(stack, 2L * count, at, HeapSize.WholeMap(count));
        if (status == DecodeStatus.Ok)
            stack.Open(DecodeStack.Kind.Map, new Map.Entry[count], 2 * count, at);
        return status;
    }

    // The array of a container is made when its head is read. That is safe because a value needs a byte: what all open heads together promise must still come.
    private DecodeStatus MayOpen(DecodeStack stack, long parts, int at, long bytes)
    {
        if (_depth + stack.Depth >= _context.Limits.MaxDepth)
            return Limit("nested deeper than allowed", at);
        if (stack.BehindNext() + parts > Remaining)
            return More("as many terms as declared", at);
        if (!TryTake(bytes + stack.Growth))
            return OverAllowance(at);
        return TryCount(parts, at);
    }

    /// <summary>Puts a value into the innermost container; what comes back is that container when it is complete, else null.</summary>
    private DecodeStatus Put(DecodeStack stack, ref object? value)
    {
        ref DecodeStack.Frame top = ref stack.Top;
        int index = top.Next++;
        bool isLast = top.Next == top.Count;
        switch (top.Kind)
        {
            case DecodeStack.Kind.Tuple:
                Tuple tuple = Unsafe.As<Tuple>(top.Parts);
                tuple.Unfinished[index] = value!;
                value = isLast ? tuple : null;
                break;
            case DecodeStack.Kind.Map:
                Map.Entry[] entries = Unsafe.As<Map.Entry[]>(top.Parts);
                ref Map.Entry entry = ref entries[index >> 1];
                if ((index & 1) == 0)
                {
                    entry.Key = value!;
                    entry.KeyHash = Term.Hash(value);
                    value = null;
                    break;
                }

                entry.Value = value!;
                value = isLast ? Map.Adopt(entries) : null;
                if (isLast && value is null)
                    return Malformed("a map with two equal keys", top.Offset);
                break;
            default:
                object[] parts = Unsafe.As<object[]>(top.Parts);
                parts[index] = value!;
                value = null;
                if (!isLast)
                    break;
                value = Complete(top.Kind, parts, out string? error);
                if (value is null)
                    return Malformed(error!, top.Offset);
                break;
        }

        if (isLast)
            stack.Close();
        return DecodeStatus.Ok;
    }

    private static object? Complete(DecodeStack.Kind kind, object[] parts, out string? error)
    {
        error = null;
        switch (kind)
        {
            case DecodeStack.Kind.Array:
                return List.Adopt(parts, List.Empty);
            case DecodeStack.Kind.ImproperArray:
                error = "an improper list whose tail is a list";
                return parts[^1] is List ? null : List.Adopt(parts, parts.Length - 1, parts[^1]);
            case DecodeStack.Kind.ExternalFunParts:
                error = "a fun whose parts are none";
                return parts is [Atom module, Atom function, long and >= 0 and <= byte.MaxValue and var arity]
                    ? new ExternalFun(module, function, (int)arity)
                    : null;
            case DecodeStack.Kind.NativeRecordParts:
                error = "a record whose parts are none";
                return CompleteRecord(parts);
            default:
                error = "a fun whose parts are none";
                return CompleteFun(parts);
        }
    }

    private static NativeRecord? CompleteRecord(object[] parts)
    {
        if (parts is not [Atom module, Atom name, Atom exported, ..] || (exported != Atoms.True && exported != Atoms.False))
            return null;
        object[] values = new object[(parts.Length - MessagePackExtensions.NativeRecordParts) / 2];
        Atom[] fields = new Atom[values.Length];
        for (int i = 0; i < fields.Length; i++)
        {
            if (parts[MessagePackExtensions.NativeRecordParts + i] is not Atom field)
                return null;
            fields[i] = field;
            values[i] = parts[MessagePackExtensions.NativeRecordParts + fields.Length + i];
        }

        return NativeRecord.AreDistinct(fields) ? new NativeRecord(module, name, exported == Atoms.True, fields, values) : null;
    }

    private static Fun? CompleteFun(object[] parts)
    {
        if (
            parts
            is not [
                Atom module,
                long
                and >= 0
                and <= byte.MaxValue
                and var arity,
                Binary { Length: 16 } uniq,
                long
                and >= 0
                and <= uint.MaxValue
                and var index,
                long
                and >= int.MinValue
                and <= int.MaxValue
                and var oldIndex,
                long
                and >= int.MinValue
                and <= int.MaxValue
                and var oldUniq,
                Pid creator,
                ..,
            ]
        )
            return null;
        return new Fun(
            module,
            (byte)arity,
            BinaryPrimitives.ReadUInt128BigEndian(uniq.Span),
            (uint)index,
            (int)oldIndex,
            (int)oldUniq,
            creator,
            parts[MessagePackExtensions.FunParts..]
        );
    }
}
