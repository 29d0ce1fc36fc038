using System.Buffers.Binary;
using System.Text;

namespace CloudScale.Perf.Codecs;

/// <summary>What the generated code is compared with: straight code over spans that knows one term each. Offsets are kept in one variable; bounds are those of the spans.</summary>
internal static partial class ByHand
{
    public static int Write(Span<byte> span, Vote value)
    {
        ((ReadOnlySpan<byte>)[131, 104, 4, 119, 4, 118, 111, 116, 101]).CopyTo(span);
        int at = 9;
        at = PutLong(span, at, value.Term);
        at = PutLong(span, at, value.Index);
        return PutBoolean(span, at, value.Granted);
    }

    public static Vote ReadVote(ReadOnlySpan<byte> span)
    {
        int at = Head(span, [131, 104, 4, 119, 4, 118, 111, 116, 101]);
        long term = GetLong(span, ref at);
        int index = checked((int)GetLong(span, ref at));
        return new Vote(term, index, GetBoolean(span, ref at));
    }

    public static int Write(Span<byte> span, Call value)
    {
        ((ReadOnlySpan<byte>)[131, 104, 3]).CopyTo(span);
        int at = PutPid(span, 3, value.From);
        at = PutReference(span, at, value.Ref);
        ((ReadOnlySpan<byte>)[104, 2, 119, 3, 103, 101, 116]).CopyTo(span[at..]);
        return PutText(span, at + 7, value.Request.Key);
    }

    public static Call ReadCall(ReadOnlySpan<byte> span)
    {
        int at = Head(span, [131, 104, 3]);
        Pid from = GetPid(span, ref at);
        Reference reference = GetReference(span, ref at);
        at += Head(span[at..], [104, 2, 119, 3, 103, 101, 116]);
        return new Call(from, reference, new Get(GetText(span, ref at)));
    }

    public static int Write(Span<byte> span, Integers value)
    {
        ((ReadOnlySpan<byte>)[131, 104, 2, 119, 8, 105, 110, 116, 101, 103, 101, 114, 115, 108]).CopyTo(span);
        BinaryPrimitives.WriteInt32BigEndian(span[14..], value.Items.Length);
        int at = 18;
        foreach (int item in value.Items)
            at = PutLong(span, at, item);
        span[at] = 106;
        return at + 1;
    }

    public static Integers ReadIntegers(ReadOnlySpan<byte> span)
    {
        int at = Head(span, [131, 104, 2, 119, 8, 105, 110, 116, 101, 103, 101, 114, 115, 108]);
        int[] items = new int[BinaryPrimitives.ReadInt32BigEndian(span[at..])];
        at += 4;
        for (int i = 0; i < items.Length; i++)
            items[i] = checked((int)GetLong(span, ref at));
        return new Integers(items);
    }

    public static int Write(Span<byte> span, Floats value)
    {
        ((ReadOnlySpan<byte>)[131, 104, 2, 119, 6, 102, 108, 111, 97, 116, 115, 108]).CopyTo(span);
        BinaryPrimitives.WriteInt32BigEndian(span[12..], value.Items.Length);
        int at = 16;
        foreach (double item in value.Items)
            at = PutDouble(span, at, item);
        span[at] = 106;
        return at + 1;
    }

    public static Floats ReadFloats(ReadOnlySpan<byte> span)
    {
        int at = Head(span, [131, 104, 2, 119, 6, 102, 108, 111, 97, 116, 115, 108]);
        double[] items = new double[BinaryPrimitives.ReadInt32BigEndian(span[at..])];
        at += 4;
        for (int i = 0; i < items.Length; i++)
            items[i] = GetDouble(span, ref at);
        return new Floats(items);
    }

    public static int Write(Span<byte> span, Order value)
    {
        ((ReadOnlySpan<byte>)[131, 104, 6, 119, 5, 111, 114, 100, 101, 114]).CopyTo(span);
        int at = PutLong(span, 10, value.Id);
        ((ReadOnlySpan<byte>)[104, 6, 119, 8, 99, 117, 115, 116, 111, 109, 101, 114]).CopyTo(span[at..]);
        at = PutLong(span, at + 12, value.Customer.Id);
        at = PutText(span, at, value.Customer.Name);
        at = PutText(span, at, value.Customer.Email);
        at = PutAddress(span, at, value.Customer.Home);
        at = PutAddress(span, at, value.Customer.Work);
        span[at] = 108;
        BinaryPrimitives.WriteInt32BigEndian(span[(at + 1)..], value.Lines.Count);
        at += 5;
        foreach (Line line in value.Lines)
        {
            ((ReadOnlySpan<byte>)[104, 4, 119, 4, 108, 105, 110, 101]).CopyTo(span[at..]);
            at = PutText(span, at + 8, line.Article);
            at = PutLong(span, at, line.Count);
            at = PutDouble(span, at, line.Price);
        }

        span[at] = 106;
        at = PutDouble(span, at + 1, value.Total);
        return value.Note is null ? PutUndefined(span, at) : PutText(span, at, value.Note);
    }

    public static Order ReadOrder(ReadOnlySpan<byte> span)
    {
        int at = Head(span, [131, 104, 6, 119, 5, 111, 114, 100, 101, 114]);
        long id = GetLong(span, ref at);
        at += Head(span[at..], [104, 6, 119, 8, 99, 117, 115, 116, 111, 109, 101, 114]);
        var customer = new Customer(
            GetLong(span, ref at),
            GetText(span, ref at),
            GetText(span, ref at),
            GetAddress(span, ref at)!,
            GetAddress(span, ref at)
        );
        at += Head(span[at..], [108]);
        int count = BinaryPrimitives.ReadInt32BigEndian(span[at..]);
        at += 4;
        var lines = new List<Line>(count);
        for (int i = 0; i < count; i++)
        {
            at += Head(span[at..], [104, 4, 119, 4, 108, 105, 110, 101]);
            lines.Add(new Line(GetText(span, ref at), checked((int)GetLong(span, ref at)), GetDouble(span, ref at)));
        }

        at += Head(span[at..], [106]);
        double total = GetDouble(span, ref at);
        return new Order(id, customer, lines, total, span[at] == 109 ? GetText(span, ref at) : null);
    }

    public static int Write(Span<byte> span, Blob value)
    {
        ((ReadOnlySpan<byte>)[131, 104, 2, 119, 4, 98, 108, 111, 98, 109]).CopyTo(span);
        BinaryPrimitives.WriteInt32BigEndian(span[10..], value.Bytes.Length);
        value.Bytes.Span.CopyTo(span[14..]);
        return 14 + value.Bytes.Length;
    }

    public static Blob ReadBlob(ReadOnlySpan<byte> span)
    {
        int at = Head(span, [131, 104, 2, 119, 4, 98, 108, 111, 98, 109]);
        return new Blob(span.Slice(at + 4, BinaryPrimitives.ReadInt32BigEndian(span[at..])).ToArray());
    }

    public static int Write(Span<byte> span, Tree value)
    {
        span[0] = 131;
        return PutTree(span, 1, value);
    }

    public static Tree ReadTree(ReadOnlySpan<byte> span)
    {
        int at = 1;
        return GetTree(span, ref at)!;
    }

    public static int Write(Span<byte> span, LogLine value)
    {
        ((ReadOnlySpan<byte>)[131, 104, 7, 119, 3, 108, 111, 103]).CopyTo(span);
        int at = PutLong(span, 8, value.Time);
        int length = Encoding.UTF8.GetBytes(value.Level, span[(at + 2)..]);
        span[at] = 119;
        span[at + 1] = (byte)length;
        at = PutPid(span, at + 2 + length, value.Source);
        at = PutText(span, at, value.Module);
        at = PutText(span, at, value.Text);
        return value.Trace is null ? PutUndefined(span, at) : PutText(span, at, value.Trace);
    }

    public static LogLine ReadLogLine(ReadOnlySpan<byte> span)
    {
        int at = Head(span, [131, 104, 7, 119, 3, 108, 111, 103]);
        long time = GetLong(span, ref at);
        at += Head(span[at..], [119]);
        string level = Encoding.UTF8.GetString(span.Slice(at + 1, span[at]));
        at += 1 + span[at];
        return new LogLine(
            time,
            level,
            GetPid(span, ref at),
            GetText(span, ref at),
            GetText(span, ref at),
            span[at] == 109 ? GetText(span, ref at) : null
        );
    }

    private static int PutTree(Span<byte> span, int at, Tree? value)
    {
        if (value is null)
            return PutUndefined(span, at);
        ((ReadOnlySpan<byte>)[104, 4, 119, 4, 116, 114, 101, 101]).CopyTo(span[at..]);
        at = PutLong(span, at + 8, value.Value);
        at = PutTree(span, at, value.Left);
        return PutTree(span, at, value.Right);
    }

    private static Tree? GetTree(ReadOnlySpan<byte> span, ref int at)
    {
        if (span[at] != 104)
        {
            at += Head(span[at..], [119, 9, 117, 110, 100, 101, 102, 105, 110, 101, 100]);
            return null;
        }

        at += Head(span[at..], [104, 4, 119, 4, 116, 114, 101, 101]);
        return new Tree(GetLong(span, ref at), GetTree(span, ref at), GetTree(span, ref at));
    }

    private static int PutAddress(Span<byte> span, int at, Address? value)
    {
        if (value is null)
            return PutUndefined(span, at);
        ((ReadOnlySpan<byte>)[104, 5, 119, 7, 97, 100, 100, 114, 101, 115, 115]).CopyTo(span[at..]);
        at = PutText(span, at + 11, value.Street);
        at = PutText(span, at, value.City);
        at = PutText(span, at, value.Country);
        return PutLong(span, at, value.Code);
    }

    private static Address? GetAddress(ReadOnlySpan<byte> span, ref int at)
    {
        if (span[at] != 104)
        {
            at += Head(span[at..], [119, 9, 117, 110, 100, 101, 102, 105, 110, 101, 100]);
            return null;
        }

        at += Head(span[at..], [104, 5, 119, 7, 97, 100, 100, 114, 101, 115, 115]);
        return new Address(GetText(span, ref at), GetText(span, ref at), GetText(span, ref at), checked((int)GetLong(span, ref at)));
    }
}
