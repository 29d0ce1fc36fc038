using System.Collections.Immutable;
using System.Runtime.InteropServices;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.Contracts;

/// <summary>Points in time, durations and GUIDs as contracts write and read them. For generated code.</summary>
/// <remarks>All points in time are UTC: a local one is converted, one of unspecified kind counts as UTC, and what is read has offset 0.</remarks>
public static partial class ValueTerms
{
    private const int GuidBytes = 16;
    private const int GuidCharacters = 36;

    /// <summary>Writes a point in time.</summary>
    public static void Write(ref EtfWriter writer, DateTime value, TermTime form)
    {
        if (value.Kind == DateTimeKind.Local)
            value = value.ToUniversalTime();
        if (form == TermTime.Calendar)
        {
            writer.WriteTupleHeader(2);
            Write(ref writer, DateOnly.FromDateTime(value));
            Write(ref writer, TimeOnly.FromDateTime(value));
            return;
        }

        WriteTicks(ref writer, value.Ticks - DateTime.UnixEpoch.Ticks, form);
    }

    /// <summary>Writes a point in time.</summary>
    public static void Write(ref EtfWriter writer, DateTimeOffset value, TermTime form) => Write(ref writer, value.UtcDateTime, form);

    /// <summary>Writes a duration.</summary>
    public static void Write(ref EtfWriter writer, TimeSpan value, TermTime form) => WriteTicks(ref writer, value.Ticks, form);

    /// <summary>Writes <c>{Year, Month, Day}</c>.</summary>
    public static void Write(ref EtfWriter writer, DateOnly value)
    {
        writer.WriteTupleHeader(3);
        writer.WriteLong(value.Year);
        writer.WriteLong(value.Month);
        writer.WriteLong(value.Day);
    }

    /// <summary>Writes <c>{Hour, Minute, Second}</c>.</summary>
    public static void Write(ref EtfWriter writer, TimeOnly value)
    {
        writer.WriteTupleHeader(3);
        writer.WriteLong(value.Hour);
        writer.WriteLong(value.Minute);
        writer.WriteLong(value.Second);
    }

    /// <summary>Writes a GUID.</summary>
    public static void Write(ref EtfWriter writer, Guid value, TermGuid form)
    {
        Span<byte> bytes = stackalloc byte[GuidCharacters];
        int length;
        if (form == TermGuid.Text)
            value.TryFormat(bytes, out length);
        else
            value.TryWriteBytes(bytes, bigEndian: true, out length);
        writer.WriteBinary(bytes[..length]);
    }

    /// <summary>Reads a point in time; its kind is UTC.</summary>
    public static DecodeStatus TryRead(ref EtfReader reader, TermTime form, out DateTime value) =>
        form == TermTime.Calendar ? TryReadCalendar(ref reader, out value) : TryReadMoment(ref reader, form, out value);

    /// <summary>Reads a point in time; its offset is 0.</summary>
    public static DecodeStatus TryRead(ref EtfReader reader, TermTime form, out DateTimeOffset value)
    {
        DecodeStatus status = TryRead(ref reader, form, out DateTime time);
        value = status == DecodeStatus.Ok ? new DateTimeOffset(time) : default;
        return status;
    }

    /// <summary>Reads a duration.</summary>
    public static DecodeStatus TryRead(ref EtfReader reader, TermTime form, out TimeSpan value) =>
        TryReadDuration(ref reader, form, out value);

    /// <summary>Reads <c>{Year, Month, Day}</c>.</summary>
    public static DecodeStatus TryRead(ref EtfReader reader, out DateOnly value) => TryReadDate(ref reader, out value);

    /// <summary>Reads <c>{Hour, Minute, Second}</c>.</summary>
    public static DecodeStatus TryRead(ref EtfReader reader, out TimeOnly value) => TryReadTimeOfDay(ref reader, out value);

    /// <summary>Reads a GUID.</summary>
    public static DecodeStatus TryRead(ref EtfReader reader, TermGuid form, out Guid value)
    {
        int start = reader.Position;
        value = default;
        string wanted = form == TermGuid.Text ? "a GUID of 36 characters in a binary" : "a GUID, a binary of 16 bytes";
        if (reader.PeekTag() != EtfTag.Binary)
            return reader.FailExpected(wanted);
        DecodeStatus status = reader.TryReadBinary(out ReadOnlySpan<byte> bytes);
        if (status != DecodeStatus.Ok)
            return status;
        if (form == TermGuid.Binary && bytes.Length == GuidBytes)
        {
            value = new Guid(bytes, bigEndian: true);
            return DecodeStatus.Ok;
        }

        return form == TermGuid.Text && bytes.Length == GuidCharacters && Guid.TryParse(bytes, out value)
            ? DecodeStatus.Ok
            : reader.BackExpected(start, wanted);
    }

    /// <summary>Reads a binary.</summary>
    public static DecodeStatus TryRead(ref EtfReader reader, out ReadOnlyMemory<byte> value) => reader.TryReadMemory(out value);

    /// <summary>Reads a binary.</summary>
    public static DecodeStatus TryRead(ref EtfReader reader, out ImmutableArray<byte> value)
    {
        DecodeStatus status = reader.TryReadBytes(out byte[] bytes);
        value = ImmutableCollectionsMarshal.AsImmutableArray(bytes);
        return status;
    }

    /// <summary>Reads the pid of a process that takes messages of one type; which they are, the wire does not say.</summary>
    public static DecodeStatus TryRead<TMessage>(ref EtfReader reader, out Pid<TMessage> value)
        where TMessage : notnull
    {
        DecodeStatus status = reader.TryReadPid(out Pid pid);
        value = new Pid<TMessage>(pid);
        return status;
    }

    private static void WriteTicks(ref EtfWriter writer, long ticks, TermTime form)
    {
        if (form == TermTime.Nanoseconds && ticks is > long.MaxValue / 100 or < long.MinValue / 100)
            writer.WriteBigInteger((System.Numerics.BigInteger)ticks * 100);
        else if (form == TermTime.Nanoseconds)
            writer.WriteLong(ticks * 100);
        else
            writer.WriteLong(FloorDivide(ticks, TicksPer(form)));
    }
}
