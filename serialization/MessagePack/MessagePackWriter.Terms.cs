using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.MessagePack;

/// <content>Terms. Nothing recurses: the open containers wait on a stack of our own.</content>
public ref partial struct MessagePackWriter
{
    /// <summary>Writes a term, or anything that stands for one.</summary>
    /// <exception cref="ArgumentException">Something in it is no term, or a float that is no number.</exception>
    public void WriteTerm(object? term)
    {
        if (!Open(term, out Frame frame))
            return;
        using Term.Walk<Frame> parents = new();
        while (true)
        {
            if (frame.TryNext(out object? part))
            {
                if (!Open(part, out Frame inner))
                    continue;
                parents.Push(frame);
                frame = inner;
            }
            else if (!parents.TryPop(out frame))
            {
                return;
            }
        }
    }

    /// <summary>An atom; nil, true and false as MessagePack's own.</summary>
    public void WriteAtom(Atom atom)
    {
        ArgumentNullException.ThrowIfNull(atom);
        if (ReferenceEquals(atom, Atoms.True) || ReferenceEquals(atom, Atoms.False))
            WriteBoolean(ReferenceEquals(atom, Atoms.True));
        else if (ReferenceEquals(atom, MessagePackTerm.NilAtom))
            WriteNil();
        else
            WriteExtension(MessagePackExtensions.Atom, atom.Utf8);
    }

    /// <summary>The head of a tuple; write <paramref name="arity"/> values next.</summary>
    /// <remarks>Wire: an array of one more element, the first of which says that it is a tuple; <see cref="MessagePackExtensions.Form"/>.</remarks>
    public void WriteTupleHeader(int arity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(arity);
        WriteForm(MessagePackExtensions.TupleForm, arity);
    }

    /// <summary>A pid; <see cref="MessagePackExtensions.Pid"/>.</summary>
    /// <exception cref="ArgumentException">It is <c>default</c>, which names no process.</exception>
    public void WritePid(Pid pid)
    {
        if (pid.IsNone)
            ThrowNoIdentity("pid");
        Span<byte> span = StartIdentity(MessagePackExtensions.Pid, 12, pid.Node);
        BinaryPrimitives.WriteUInt32BigEndian(span[4..], pid.Id);
        BinaryPrimitives.WriteUInt32BigEndian(span[8..], pid.Serial);
        EndIdentity(12, pid.Node);
    }

    /// <summary>A port; <see cref="MessagePackExtensions.Port"/>.</summary>
    /// <exception cref="ArgumentException">It is <c>default</c>, which names no port.</exception>
    public void WritePort(Port port)
    {
        if (port.Node is null)
            ThrowNoIdentity("port");
        Span<byte> span = StartIdentity(MessagePackExtensions.Port, 12, port.Node);
        BinaryPrimitives.WriteUInt64BigEndian(span[4..], port.Number);
        EndIdentity(12, port.Node);
    }

    /// <summary>A reference; <see cref="MessagePackExtensions.Reference"/>.</summary>
    /// <exception cref="ArgumentException">It is <c>default</c>, which is no reference.</exception>
    public void WriteReference(Reference reference)
    {
        if (reference.IsNone)
            ThrowNoIdentity("reference");
        Span<uint> words = stackalloc uint[Reference.MaxWords];
        int count = reference.CopyWords(words);
        int length = 5 + (4 * count);
        Span<byte> span = StartIdentity(MessagePackExtensions.Reference, length, reference.Node);
        span[4] = (byte)count;
        for (int i = 0; i < count; i++)
            BinaryPrimitives.WriteUInt32BigEndian(span[(5 + (4 * i))..], words[i]);
        EndIdentity(length, reference.Node);
    }

    /// <summary>An integer of any size: as MessagePack has it up to 64 bits, else <see cref="MessagePackExtensions.Integer"/>.</summary>
    public void WriteBigInteger(BigInteger value)
    {
        if (value >= long.MinValue && value <= long.MaxValue)
        {
            WriteLong((long)value);
        }
        else if (value.Sign > 0 && value <= ulong.MaxValue)
        {
            WriteULong((ulong)value);
        }
        else
        {
            BigInteger magnitude = BigInteger.Abs(value);
            int length = magnitude.GetByteCount(isUnsigned: true);
            WriteExtensionHeader(MessagePackExtensions.Integer, 1 + length);
            Span<byte> span = Reserve(1 + length);
            span[0] = value.Sign < 0 ? (byte)1 : (byte)0;
            magnitude.TryWriteBytes(span[1..], out _, isUnsigned: true, isBigEndian: true);
            _used += 1 + length;
        }
    }

    /// <summary>Writes a leaf; of a container only the head, then returns true.</summary>
    private bool Open(object? term, out Frame frame)
    {
        TermKind kind = TermKinds.ClassifyOrThrow(ref term);
        frame = new Frame(term);
        switch (kind)
        {
            case TermKind.Integer:
                WriteLong((long)term);
                return false;
            case TermKind.BigInteger:
                WriteBigInteger((BigInteger)term);
                return false;
            case TermKind.Float:
                if (!double.IsFinite((double)term))
                    EtfWriter.ThrowNoNumber();
                WriteDouble((double)term);
                return false;
            case TermKind.Atom:
                WriteAtom((Atom)term);
                return false;
            case TermKind.Binary:
                WriteBinary(((Binary)term).Span);
                return false;
            case TermKind.BitString:
                BitString bits = (BitString)term;
                WriteExtensionHeader(MessagePackExtensions.BitString, 1 + bits.Span.Length);
                WriteByte((byte)bits.BitsInLastByte);
                WriteBytes(bits.Span);
                return false;
            case TermKind.Pid:
                WritePid((Pid)term);
                return false;
            case TermKind.Reference:
                WriteReference((Reference)term);
                return false;
            case TermKind.Port:
                WritePort((Port)term);
                return false;
            case TermKind.ExternalFun:
                ExternalFun external = (ExternalFun)term;
                WriteForm(MessagePackExtensions.ExternalFunForm, 3);
                WriteAtom(external.Module);
                WriteAtom(external.Function);
                WriteLong(external.Arity);
                return false;
            case TermKind.Nil:
                WriteArrayHeader(0);
                return false;
            case TermKind.Tuple:
                WriteForm(MessagePackExtensions.TupleForm, ((Tuple)term).Count);
                return true;
            case TermKind.List:
                List list = (List)term;
                if (list.IsProper)
                    WriteArrayHeader(list.Count);
                else
                    WriteForm(MessagePackExtensions.ImproperListForm, list.Count + 1);
                return true;
            case TermKind.Map:
                WriteMapHeader(((Map)term).Count);
                return true;
            case TermKind.NativeRecord:
                WriteRecordHead((NativeRecord)term);
                return true;
            default:
                WriteFunHead((Fun)term);
                return true;
        }
    }

    private void WriteFunHead(Fun fun)
    {
        WriteForm(MessagePackExtensions.FunForm, MessagePackExtensions.FunParts + fun.FreeVariables.Length);
        WriteAtom(fun.Module);
        WriteLong(fun.Arity);
        Span<byte> uniq = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(uniq, fun.Uniq);
        WriteBinary(uniq);
        WriteLong(fun.Index);
        WriteLong(fun.OldIndex);
        WriteLong(fun.OldUniq);
        WritePid(fun.Creator);
    }

    private void WriteRecordHead(NativeRecord record)
    {
        WriteForm(MessagePackExtensions.NativeRecordForm, MessagePackExtensions.NativeRecordParts + (2 * record.Fields.Length));
        WriteAtom(record.Module);
        WriteAtom(record.Name);
        WriteBoolean(record.IsExported);
        foreach (Atom field in record.Fields)
            WriteAtom(field);
    }

    private void WriteForm(byte form, int parts)
    {
        WriteArrayHeader(parts + 1);
        Span<byte> span = Reserve(3);
        span[0] = MessagePackCode.FixExtension1;
        span[1] = (byte)MessagePackExtensions.Form;
        span[2] = form;
        _used += 3;
    }

    private Span<byte> StartIdentity(sbyte type, int numbers, NodeIdentity node)
    {
        WriteExtensionHeader(type, numbers + node.Name.Utf8.Length);
        Span<byte> span = Reserve(numbers);
        BinaryPrimitives.WriteUInt32BigEndian(span, node.Creation);
        return span;
    }

    private void EndIdentity(int numbers, NodeIdentity node)
    {
        _used += numbers;
        WriteBytes(node.Name.Utf8);
    }

    [DoesNotReturn]
    private static void ThrowNoIdentity(string what) => throw new ArgumentException($"A {what} that is default names nothing.");

    /// <summary>A container whose head is written, and how far its parts are.</summary>
    private struct Frame(object term)
    {
        private readonly object _term = term;
        private int _index;

        public bool TryNext([NotNullWhen(true)] out object? part)
        {
            part = null;
            switch (_term)
            {
                case Tuple tuple:
                    if (_index < tuple.Count)
                        part = tuple[_index];
                    break;
                case List list:
                    if (_index < list.Count)
                        part = list[_index];
                    else if (_index == list.Count && !list.IsProper)
                        part = list.Tail;
                    break;
                case Map map:
                    if (_index < 2 * map.Count)
                        part = (_index & 1) == 0 ? map.KeyAt(_index >> 1) : map.ValueAt(_index >> 1);
                    break;
                case NativeRecord record:
                    if (_index < record.Values.Length)
                        part = record.Values[_index];
                    break;
                case Fun fun:
                    if (_index < fun.FreeVariables.Length)
                        part = fun.FreeVariables[_index];
                    break;
            }

            _index++;
            return part is not null;
        }
    }
}
