namespace CloudScale.Serialization.Etf;

/// <content>Native records: the head and the names of the fields are read at once, the values are parts as those of any container.</content>
public ref partial struct EtfReader
{
    private const int NativeRecordHeadBytes = 6;
    private const int LeastFieldBytes = 3; // a name from the atoms of a header, and a value of one byte

    private DecodeStatus TryReadRecordHead(DecodeStack stack, int at, out object? value)
    {
        value = null;
        if (Remaining < NativeRecordHeadBytes)
            return More("a record", at);
        uint declared = ReadUnsigned(at + 1, 4);
        byte exported = _input[at + 5];
        if (declared > (uint)_context.Limits.MaxElements)
            return Limit("more fields than allowed", at);
        if (exported > 1)
            return Malformed("a record that is neither exported nor not", at);
        _position = at + NativeRecordHeadBytes;
        DecodeStatus status = TryReadAtom(out Atom module);
        if (status != DecodeStatus.Ok)
            return status;
        status = TryReadAtom(out Atom name);
        if (status != DecodeStatus.Ok)
            return status;
        int count = (int)declared;
        if ((long)LeastFieldBytes * count > Remaining)
            return More("as many fields as declared", at);
        long bytes = HeapSize.WholeNativeRecord(count);
        status =
            count == 0
                ? TryTake(bytes)
                    ? DecodeStatus.Ok
                    : OverAllowance(at)
                : MayOpen(stack, count, at, bytes);
        if (status != DecodeStatus.Ok)
            return status;
        Atom[] fields = new Atom[count];
        for (int i = 0; i < count; i++)
        {
            status = TryReadAtom(out fields[i]);
            if (status != DecodeStatus.Ok)
                return status;
        }

        if (!NativeRecord.AreDistinct(fields))
            return Malformed("a record with two fields of one name", at);
        NativeRecord record = new(module, name, exported == 1, fields, new object[count]);
        if (count == 0)
            value = record;
        else
            stack.Open(DecodeStack.Kind.NativeRecord, record, count, at);
        return DecodeStatus.Ok;
    }
}
