using System.Collections.Immutable;
using System.Runtime.InteropServices;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.Contracts;

/// <summary>Points in time, durations and GUIDs as contracts write and read them. For generated code.</summary>
/// <remarks>All points in time are UTC: a local one is converted, one of unspecified kind counts as UTC, and what is read has offset 0.</remarks>
public static class ValueTerms
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
    public static DecodeStatus TryRead(ref EtfReader reader, TermTime form, out DateTime value)
    {
        const string Wanted = "a point in time from year 1 to 9999";
        int start = reader.Position;
        value = default;
        DecodeStatus status;
        if (form == TermTime.Calendar)
        {
            status = reader.TryReadTupleHead(2, "{{Year, Month, Day}, {Hour, Minute, Second}}");
            if (status != DecodeStatus.Ok)
                return status;
            status = TryRead(ref reader, out DateOnly date);
            if (status != DecodeStatus.Ok)
                return reader.Back(start, status);
            status = TryRead(ref reader, out TimeOnly time);
            if (status != DecodeStatus.Ok)
                return reader.Back(start, status);
            value = date.ToDateTime(time, DateTimeKind.Utc);
            return DecodeStatus.Ok;
        }

        status = reader.TryReadInteger(out long count);
        if (status != DecodeStatus.Ok)
            return status;
        Int128 ticks = DateTime.UnixEpoch.Ticks + ToTicks(count, form);
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
            return reader.BackExpected(start, Wanted);
        value = new DateTime((long)ticks, DateTimeKind.Utc);
        return DecodeStatus.Ok;
    }

    /// <summary>Reads a point in time; its offset is 0.</summary>
    public static DecodeStatus TryRead(ref EtfReader reader, TermTime form, out DateTimeOffset value)
    {
        DecodeStatus status = TryRead(ref reader, form, out DateTime time);
        value = status == DecodeStatus.Ok ? new DateTimeOffset(time) : default;
        return status;
    }

    /// <summary>Reads a duration.</summary>
    public static DecodeStatus TryRead(ref EtfReader reader, TermTime form, out TimeSpan value)
    {
        int start = reader.Position;
        value = default;
        DecodeStatus status = reader.TryReadInteger(out long count);
        if (status != DecodeStatus.Ok)
            return status;
        Int128 ticks = ToTicks(count, form);
        if (ticks < long.MinValue || ticks > long.MaxValue)
            return reader.BackExpected(start, "a duration of up to 29,000 years");
        value = new TimeSpan((long)ticks);
        return DecodeStatus.Ok;
    }

    /// <summary>Reads <c>{Year, Month, Day}</c>.</summary>
    public static DecodeStatus TryRead(ref EtfReader reader, out DateOnly value)
    {
        const string Wanted = "{Year, Month, Day}";
        int start = reader.Position;
        value = default;
        DecodeStatus status = TryReadThree(ref reader, Wanted, out int year, out int month, out int day);
        if (status != DecodeStatus.Ok)
            return status;
        if (year is < 1 or > 9999 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return reader.BackExpected(start, Wanted + " of the calendar");
        value = new DateOnly(year, month, day);
        return DecodeStatus.Ok;
    }

    /// <summary>Reads <c>{Hour, Minute, Second}</c>.</summary>
    public static DecodeStatus TryRead(ref EtfReader reader, out TimeOnly value)
    {
        const string Wanted = "{Hour, Minute, Second}";
        int start = reader.Position;
        value = default;
        DecodeStatus status = TryReadThree(ref reader, Wanted, out int hour, out int minute, out int second);
        if (status != DecodeStatus.Ok)
            return status;
        if (hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 59)
            return reader.BackExpected(start, Wanted + " of a day");
        value = new TimeOnly(hour, minute, second);
        return DecodeStatus.Ok;
    }

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

    private static DecodeStatus TryReadThree(ref EtfReader reader, string wanted, out int first, out int second, out int third)
    {
        int start = reader.Position;
        second = 0;
        third = 0;
        first = 0;
        DecodeStatus status = reader.TryReadTupleHead(3, wanted);
        if (status == DecodeStatus.Ok)
            status = reader.TryReadInteger(out first);
        if (status == DecodeStatus.Ok)
            status = reader.TryReadInteger(out second);
        if (status == DecodeStatus.Ok)
            status = reader.TryReadInteger(out third);
        return status == DecodeStatus.Ok ? status : reader.Back(start, status);
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

    // Before 1970 too, a moment belongs to the second that began before it.
    private static long FloorDivide(long ticks, long divisor)
    {
        (long quotient, long remainder) = Math.DivRem(ticks, divisor);
        return remainder < 0 ? quotient - 1 : quotient;
    }

    private static Int128 ToTicks(long count, TermTime form) => form == TermTime.Nanoseconds ? count / 100 : (Int128)count * TicksPer(form);

    private static long TicksPer(TermTime form) =>
        form switch
        {
            TermTime.Seconds => TimeSpan.TicksPerSecond,
            TermTime.Microseconds => TimeSpan.TicksPerMicrosecond,
            _ => TimeSpan.TicksPerMillisecond,
        };
}
