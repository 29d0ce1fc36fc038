using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.Contracts;

/// <content>What the two formats have in common.</content>
public static partial class ValueTerms
{
    private static DecodeStatus TryReadCalendar<TReader>(ref TReader reader, out DateTime value)
        where TReader : struct, ITermReader, allows ref struct
    {
        int start = reader.Position;
        value = default;
        DecodeStatus status = reader.TryReadTupleHead(2, "{{Year, Month, Day}, {Hour, Minute, Second}}");
        if (status != DecodeStatus.Ok)
            return status;
        status = TryReadDate(ref reader, out DateOnly date);
        if (status != DecodeStatus.Ok)
            return reader.Back(start, status);
        status = TryReadTimeOfDay(ref reader, out TimeOnly time);
        if (status != DecodeStatus.Ok)
            return reader.Back(start, status);
        value = date.ToDateTime(time, DateTimeKind.Utc);
        return status;
    }

    private static DecodeStatus TryReadMoment<TReader>(ref TReader reader, TermTime form, out DateTime value)
        where TReader : struct, ITermReader, allows ref struct
    {
        int start = reader.Position;
        value = default;
        DecodeStatus status = reader.TryReadInteger(out long count);
        if (status != DecodeStatus.Ok)
            return status;
        Int128 ticks = DateTime.UnixEpoch.Ticks + ToTicks(count, form);
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
            return reader.BackExpected(start, "a point in time from year 1 to 9999");
        value = new DateTime((long)ticks, DateTimeKind.Utc);
        return status;
    }

    private static DecodeStatus TryReadDuration<TReader>(ref TReader reader, TermTime form, out TimeSpan value)
        where TReader : struct, ITermReader, allows ref struct
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
        return status;
    }

    private static DecodeStatus TryReadDate<TReader>(ref TReader reader, out DateOnly value)
        where TReader : struct, ITermReader, allows ref struct
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
        return status;
    }

    private static DecodeStatus TryReadTimeOfDay<TReader>(ref TReader reader, out TimeOnly value)
        where TReader : struct, ITermReader, allows ref struct
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
        return status;
    }

    private static DecodeStatus TryReadThree<TReader>(ref TReader reader, string wanted, out int first, out int second, out int third)
        where TReader : struct, ITermReader, allows ref struct
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
