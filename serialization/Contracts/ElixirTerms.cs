using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.Contracts;

/// <summary>Dates, times and decimal numbers as Elixir's own structs. For generated code.</summary>
/// <remarks>
/// <para><see cref="DateTimeOffset"/> is <c>%DateTime{}</c> in UTC, <see cref="DateTime"/> <c>%NaiveDateTime{}</c>, <see cref="DateOnly"/> <c>%Date{}</c>, <see cref="TimeOnly"/>
/// <c>%Time{}</c>; of <c>Calendar.ISO</c>, the only calendar that is read. Microseconds are written with six places; what is finer is cut off, and how many places came is not kept. <see cref="decimal"/> is the
/// <c>%Decimal{}</c> of the package decimal.</para>
/// <para>MessagePack has its timestamps, <c>[Year, Month, Day]</c>, <c>[Hour, Minute, Second, Microsecond]</c> and texts of digits instead; the structs are read there, too.</para>
/// </remarks>
public static partial class ElixirTerms
{
    private const string WantedMoment = "a point in time from year 1 to 9999";
    private const string WantedDate = "a date from year 1 to 9999";
    private const string WantedTime = "a time of day";
    private const int Places = 6;

    /// <summary>Writes a <c>%DateTime{}</c>, in UTC.</summary>
    public static void Write(ref EtfWriter writer, DateTimeOffset value)
    {
        DateTime utc = value.UtcDateTime;
        WrittenMoment.WriteTerm(
            ref writer,
            new WrittenMoment(
                ElixirCalendar.Iso,
                utc.Day,
                utc.Hour,
                (MicrosecondOf(utc.Ticks), Places),
                utc.Minute,
                utc.Month,
                utc.Second,
                0,
                "Etc/UTC",
                0,
                utc.Year,
                "UTC"
            )
        );
    }

    /// <summary>Writes a <c>%NaiveDateTime{}</c>: what the clock shows, wherever it is.</summary>
    public static void Write(ref EtfWriter writer, DateTime value) =>
        NaiveMoment.WriteTerm(
            ref writer,
            new NaiveMoment(
                ElixirCalendar.Iso,
                value.Day,
                value.Hour,
                (MicrosecondOf(value.Ticks), Places),
                value.Minute,
                value.Month,
                value.Second,
                value.Year
            )
        );

    /// <summary>Writes a <c>%Date{}</c>.</summary>
    public static void Write(ref EtfWriter writer, DateOnly value) =>
        Date.WriteTerm(ref writer, new Date(ElixirCalendar.Iso, value.Day, value.Month, value.Year));

    /// <summary>Writes a <c>%Time{}</c>.</summary>
    public static void Write(ref EtfWriter writer, TimeOnly value) =>
        Time.WriteTerm(
            ref writer,
            new Time(ElixirCalendar.Iso, value.Hour, (MicrosecondOf(value.Ticks), Places), value.Minute, value.Second)
        );

    /// <summary>Reads a <c>%DateTime{}</c> of any time zone as the point in time that it is; the offset is 0.</summary>
    public static DecodeStatus TryRead(ref EtfReader reader, out DateTimeOffset value)
    {
        int start = reader.Position;
        DecodeStatus status = Moment.TryReadTerm(ref reader, out Moment moment);
        value = default;
        return status != DecodeStatus.Ok || moment.TryGet(out value) ? status : reader.BackExpected(start, WantedMoment);
    }

    /// <summary>Reads a <c>%NaiveDateTime{}</c>; its kind is not specified.</summary>
    public static DecodeStatus TryRead(ref EtfReader reader, out DateTime value)
    {
        int start = reader.Position;
        DecodeStatus status = NaiveMoment.TryReadTerm(ref reader, out NaiveMoment moment);
        value = default;
        return status != DecodeStatus.Ok || moment.TryGet(out value) ? status : reader.BackExpected(start, WantedMoment);
    }

    /// <summary>Reads a <c>%Date{}</c>.</summary>
    public static DecodeStatus TryRead(ref EtfReader reader, out DateOnly value)
    {
        int start = reader.Position;
        DecodeStatus status = Date.TryReadTerm(ref reader, out Date date);
        value = default;
        return status != DecodeStatus.Ok || date.TryGet(out value) ? status : reader.BackExpected(start, WantedDate);
    }

    /// <summary>Reads a <c>%Time{}</c>.</summary>
    public static DecodeStatus TryRead(ref EtfReader reader, out TimeOnly value)
    {
        int start = reader.Position;
        DecodeStatus status = Time.TryReadTerm(ref reader, out Time time);
        value = default;
        return status != DecodeStatus.Ok || time.TryGet(out value) ? status : reader.BackExpected(start, WantedTime);
    }

    private static int MicrosecondOf(long ticks) => (int)(ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond);

    private static bool TryGetDate(int year, int month, int day, out DateOnly date)
    {
        date = default;
        if (year is < 1 or > 9999 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return false;
        date = new DateOnly(year, month, day);
        return true;
    }

    private static bool TryGetTime(int hour, int minute, int second, int microsecond, out TimeOnly time)
    {
        time = default;
        if (hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 59 || microsecond is < 0 or > 999_999)
            return false;
        time = new TimeOnly(
            (((((hour * 60L) + minute) * 60) + second) * TimeSpan.TicksPerSecond) + (microsecond * TimeSpan.TicksPerMicrosecond)
        );
        return true;
    }

    private static bool TryGetMoment(int year, int month, int day, int hour, int minute, int second, int microsecond, out DateTime moment)
    {
        bool isMoment = TryGetDate(year, month, day, out DateOnly date) & TryGetTime(hour, minute, second, microsecond, out TimeOnly time);
        moment = isMoment ? date.ToDateTime(time) : default;
        return isMoment;
    }

    // Private, so that the registry does not know them: whoever receives a %Date{} without asking for one gets the map.
    [Term("Date", Shape = TermShape.Struct)]
    private readonly partial record struct Date(ElixirCalendar Calendar, int Day, int Month, int Year)
    {
        public bool TryGet(out DateOnly date) => TryGetDate(Year, Month, Day, out date);
    }

    [Term("Time", Shape = TermShape.Struct)]
    private readonly partial record struct Time(
        ElixirCalendar Calendar,
        int Hour,
        (int Value, int Precision) Microsecond,
        int Minute,
        int Second
    )
    {
        public bool TryGet(out TimeOnly time) => TryGetTime(Hour, Minute, Second, Microsecond.Value, out time);
    }

    [Term("NaiveDateTime", Shape = TermShape.Struct)]
    private readonly partial record struct NaiveMoment(
        ElixirCalendar Calendar,
        int Day,
        int Hour,
        (int Value, int Precision) Microsecond,
        int Minute,
        int Month,
        int Second,
        int Year
    )
    {
        public bool TryGet(out DateTime moment) => TryGetMoment(Year, Month, Day, Hour, Minute, Second, Microsecond.Value, out moment);
    }

    [Term("DateTime", Shape = TermShape.Struct)]
    private readonly partial record struct WrittenMoment(
        ElixirCalendar Calendar,
        int Day,
        int Hour,
        (int Value, int Precision) Microsecond,
        int Minute,
        int Month,
        int Second,
        int StdOffset,
        string TimeZone,
        int UtcOffset,
        int Year,
        string ZoneAbbr
    );

    // Without the names of the zone: the offsets say all that counts, and texts would have to be made.
    [Term("DateTime", Shape = TermShape.Struct)]
    private readonly partial record struct Moment(
        ElixirCalendar Calendar,
        int Day,
        int Hour,
        (int Value, int Precision) Microsecond,
        int Minute,
        int Month,
        int Second,
        int StdOffset,
        int UtcOffset,
        int Year
    )
    {
        public bool TryGet(out DateTimeOffset moment)
        {
            moment = default;
            if (!TryGetMoment(Year, Month, Day, Hour, Minute, Second, Microsecond.Value, out DateTime local))
                return false;
            long ticks = local.Ticks - (((long)UtcOffset + StdOffset) * TimeSpan.TicksPerSecond);
            if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
                return false;
            moment = new DateTimeOffset(ticks, TimeSpan.Zero);
            return true;
        }
    }
}

/// <summary>The calendars of Elixir's dates and times that are understood.</summary>
[Term]
internal enum ElixirCalendar
{
    /// <summary>The one that .NET has, too.</summary>
    [TermName("Elixir.Calendar.ISO")]
    Iso,
}
