using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using CloudScale.Serialization.Contracts;

namespace CloudScale.Serialization.Etf;

/// <content>Whole terms. Nothing recurses: the open containers wait on a stack of our own.</content>
public ref partial struct EtfWriter
{
    private const int MaxStringBytes = ushort.MaxValue; // STRING_EXT has a length of 16 bits

    /// <summary>Writes a term, or anything that stands for one; no version byte.</summary>
    /// <exception cref="ArgumentException">Something in it is no term, or a float that is no number.</exception>
    public void WriteTerm(object? term)
    {
        if (!Open(term, out Frame frame))
            return;
        FunBuffer funs = default;
        using Term.Walk<Frame> parents = new();
        try
        {
            while (true)
            {
                Enter(ref frame, ref funs);
                while (true)
                {
                    while (WriteParts(ref frame, out Frame open))
                    {
                        parents.Push(frame);
                        frame = open;
                    }

                    if (frame.TryNext(_options.Deterministic, out object? part))
                    {
                        if (!Open(part, out Frame inner))
                            continue;
                        parents.Push(frame);
                        frame = inner;
                        break;
                    }

                    Leave(frame, ref funs);
                    if (!parents.TryPop(out frame))
                        return;
                }
            }
        }
        finally
        {
            if (funs.Buffer is not null)
            {
                // Something in a fun was no term: give the caller's buffer back.
                funs.Buffer.Dispose();
                _output = funs.Output!;
                _span = default;
                _given = 0;
            }
        }
    }

    /// <summary>Writes a leaf; of a container only the head, then returns true.</summary>
    private bool Open(object? term, out Frame frame)
    {
        frame = default;
        while (true)
        {
            switch (term)
            {
                case Atom atom:
                    WriteAtom(atom);
                    return false;
                case long number:
                    WriteLong(number);
                    return false;
                case Tuple tuple:
                    WriteTupleHeader(tuple.Count);
                    if (tuple.Count == 0)
                        return false;
                    break;
                case Pid pid:
                    WritePid(pid);
                    return false;
                case string text:
                    WriteString(text);
                    return false;
                case Binary binary:
                    WriteBinary(binary);
                    return false;
                case int number:
                    WriteLong(number);
                    return false;
                case List list:
                    if (TryWriteSimple(list))
                        return false;
                    WriteListHeader(list.Count);
                    break;
                case Map map:
                    WriteMapHeader(map.Count);
                    if (map.Count == 0)
                        return false;
                    break;
                case double number:
                    WriteDouble(number);
                    return false;
                case Reference reference:
                    WriteReference(reference);
                    return false;
                case bool truth:
                    WriteBoolean(truth);
                    return false;
                case Fun:
                    break;
                case NativeRecord record:
                    WriteRecordHead(record);
                    if (record.Values.Length == 0)
                        return false;
                    break;
                case ITermContract contract when _options.TakesContracts:
                    Enter(); // a contract may hold dynamic terms that hold contracts
                    contract.WriteTerm(ref this);
                    return false;
                case ITermConvertible convertible:
                    term = convertible.ToTerm();
                    continue;
                default:
                    WriteRare(term);
                    return false;
            }

            frame = new Frame(term);
            return true;
        }
    }

    /// <summary>
    /// The short way of parts: writes those that come next and are leaves of the frequent kinds, or tuples and maps of such, without a look at the frame for each. True if it
    /// met a tuple or map that holds more: its head and first leaves are written, and it is <paramref name="open"/>.
    /// </summary>
    private bool WriteParts(ref Frame frame, out Frame open)
    {
        open = default;
        if (frame.Term is Map entries)
        {
            frame.Next = WriteLeaves(entries, frame.Next);
            return false;
        }

        ReadOnlySpan<object> parts = frame.Parts;
        int next = frame.Next;
        while (true)
        {
            next = WriteLeaves(parts, next);
            if ((uint)next >= (uint)parts.Length)
                break;
            if (parts[next] is Tuple { Count: > 0 } tuple)
            {
                next++;
                WriteTupleHeader(tuple.Count);
                int written = WriteLeaves(tuple.AsSpan(), 0);
                if (written == tuple.Count)
                    continue;
                open = new Frame(tuple) { Next = written };
            }
            else if (parts[next] is Map { Count: > 0 } map)
            {
                next++;
                WriteMapHeader(map.Count);
                int written = WriteLeaves(map, 0);
                if (written == 2 * map.Count)
                    continue;
                open = new Frame(map) { Next = written };
            }

            break;
        }

        frame.Next = next;
        return open.Term is not null;
    }

    /// <summary>Writes leaves of the frequent kinds; returns where the first of another kind stands.</summary>
    private int WriteLeaves(ReadOnlySpan<object> parts, int next)
    {
        while ((uint)next < (uint)parts.Length && TryWriteLeaf(parts[next]))
            next++;
        return next;
    }

    /// <summary>The same with keys and values of a map, unless they are to be sorted.</summary>
    private int WriteLeaves(Map map, int next)
    {
        if (_options.Deterministic)
            return next;
        while (next < 2 * map.Count && TryWriteLeaf((next & 1) == 0 ? map.KeyAt(next >> 1) : map.ValueAt(next >> 1)))
            next++;
        return next;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryWriteLeaf(object part)
    {
        if (part is long number)
            WriteLong(number);
        else if (part is Atom atom)
            WriteAtom(atom);
        else if (part is double real)
            WriteDouble(real);
        else if (part is Binary binary)
            WriteBinary(binary);
        else
            return false;
        return true;
    }

    private void WriteRare(object? term)
    {
        switch (term)
        {
            case BigInteger number:
                WriteBigInteger(number);
                break;
            case BitString bits:
                WriteHead(EtfTag.BitBinary, bits.Span.Length);
                WriteByte((byte)bits.BitsInLastByte);
                WriteBytes(bits.Span);
                break;
            case ExternalFun fun:
                WriteByte((byte)EtfTag.Export);
                WriteAtom(fun.Module);
                WriteAtom(fun.Function);
                if (fun.Arity is < 0 or > byte.MaxValue)
                    throw new ArgumentException($"A fun has 0 to 255 arguments; this one has {fun.Arity}.");
                WriteLong(fun.Arity);
                break;
            case Port port:
                WritePort(port);
                break;
            case uint number:
                WriteLong(number);
                break;
            case ulong number:
                WriteULong(number);
                break;
            case short number:
                WriteLong(number);
                break;
            case ushort number:
                WriteLong(number);
                break;
            case byte number:
                WriteLong(number);
                break;
            case sbyte number:
                WriteLong(number);
                break;
            case float number:
                WriteDouble(number);
                break;
            case byte[] bytes:
                WriteBinary(bytes);
                break;
            case ReadOnlyMemory<byte> bytes:
                WriteShared(bytes);
                break;
            default:
                TermKinds.ThrowNoTerm(term);
                break;
        }
    }

    /// <summary>Writes nil, lists that hold numbers, and lists of bytes as BEAM does: as STRING_EXT when proper and not too long.</summary>
    private bool TryWriteSimple(List list)
    {
        if (list.Count == 0)
        {
            WriteNil();
            return true;
        }

        if (!list.IsProper)
            return false;
        if (list.TryGetIntegers(out ReadOnlySpan<long> integers))
        {
            WriteIntegers(integers);
            return true;
        }

        if (list.TryGetFloats(out ReadOnlySpan<double> floats))
        {
            WriteDoubles(floats);
            return true;
        }

        if (!list.TryGetBytes(out ReadOnlySpan<byte> bytes))
            return list.Count <= MaxStringBytes && TryWriteBytes(list.Elements);
        if (bytes.Length > MaxStringBytes)
            return false;
        WriteStringHead(bytes.Length);
        WriteBytes(bytes);
        return true;
    }

    private bool TryWriteBytes(ReadOnlySpan<object> elements)
    {
        foreach (object element in elements)
            if (!IsByte(element, out _))
                return false;
        WriteStringHead(elements.Length);
        foreach (object element in elements)
        {
            IsByte(element, out byte value);
            WriteByte(value);
        }

        return true;
    }

    private static bool IsByte(object element, out byte value)
    {
        if (element is long number)
        {
            value = (byte)number;
            return (ulong)number <= byte.MaxValue;
        }

        object? term = element;
        if (
            element is not (int or byte or uint or short or ushort or sbyte or ulong or BigInteger)
            || TermKinds.Classify(ref term) != TermKind.Integer
        )
        {
            value = 0;
            return false;
        }

        value = (byte)(long)term;
        return (ulong)(long)term <= byte.MaxValue;
    }

    private void WriteRecordHead(NativeRecord record)
    {
        WriteHead(EtfTag.NativeRecord, record.Fields.Length);
        WriteByte(record.IsExported ? (byte)1 : (byte)0);
        WriteAtom(record.Module);
        WriteAtom(record.Name);
        foreach (Atom field in record.Fields)
            WriteAtom(field);
    }

    private void WriteStringHead(int length)
    {
        Span<byte> span = Reserve(3);
        span[0] = (byte)EtfTag.String;
        BinaryPrimitives.WriteUInt16BigEndian(span[1..], (ushort)length);
        _span = span[3..];
    }

    /// <summary>A container whose head is written, and how far its parts are.</summary>
    private struct Frame(object term)
    {
        public readonly object Term = term;
        public int Next; // of the parts, which a map has two of an entry
        public int SizeOffset; // fun: where its size goes

        /// <summary>The elements of a tuple, or of a list that holds objects; nothing for other containers.</summary>
        public readonly ReadOnlySpan<object> Parts =>
            Term switch
            {
                List list => list.Elements,
                Tuple tuple => tuple.AsSpan(),
                _ => default,
            };

        public bool TryNext(bool sorted, [NotNullWhen(true)] out object? part)
        {
            switch (Term)
            {
                case Tuple tuple:
                    part = Next < tuple.Count ? tuple[Next] : null;
                    break;
                case List list:
                    part =
                        Next < list.Count ? list[Next]
                        : Next == list.Count && !list.IsProper ? list.Tail
                        : null;
                    break;
                case Map map:
                    int entry = Next >> 1;
                    if (entry == map.Count)
                    {
                        part = null;
                        break;
                    }

                    if (sorted)
                        entry = map.Order[entry];
                    part = (Next & 1) == 0 ? map.KeyAt(entry) : map.ValueAt(entry);
                    break;
                case NativeRecord record:
                    part = Next < record.Values.Length ? record.Values[Next] : null;
                    break;
                default:
                    ReadOnlySpan<object> free = ((Fun)Term).FreeVariables;
                    part = Next < free.Length ? free[Next] : null;
                    break;
            }

            Next++;
            return part is not null;
        }
    }
}
