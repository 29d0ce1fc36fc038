using CloudScale.Serialization.Etf;
using CloudScale.Serialization.MessagePack;

namespace CloudScale.Serialization.Contracts;

/// <content>The same in MessagePack: its own forms are written, and the structs read as well.</content>
public static partial class ElixirTerms
{
    /// <summary>Writes a timestamp.</summary>
    public static void Write(ref MessagePackWriter writer, DateTimeOffset value) => writer.WriteTimestamp(value);

    /// <summary>Writes a timestamp: what the clock shows, as if it showed UTC.</summary>
    public static void Write(ref MessagePackWriter writer, DateTime value) =>
        writer.WriteTimestamp(new DateTimeOffset(value.Ticks, TimeSpan.Zero));

    /// <summary>Writes <c>[Year, Month, Day]</c>.</summary>
    public static void Write(ref MessagePackWriter writer, DateOnly value) => ValueTerms.Write(ref writer, value);

    /// <summary>Writes <c>[Hour, Minute, Second, Microsecond]</c>.</summary>
    public static void Write(ref MessagePackWriter writer, TimeOnly value)
    {
        writer.WriteArrayHeader(4);
        writer.WriteLong(value.Hour);
        writer.WriteLong(value.Minute);
        writer.WriteLong(value.Second);
        writer.WriteLong(MicrosecondOf(value.Ticks));
    }

    /// <summary>Writes a text of digits.</summary>
    public static void Write(ref MessagePackWriter writer, decimal value) => writer.WriteDecimal(value);

    /// <summary>Reads a point in time; the offset is 0.</summary>
    public static DecodeStatus TryRead(ref MessagePackReader reader, out DateTimeOffset value)
    {
        if (reader.PeekType() != MessagePackType.Map)
            return ValueTerms.TryRead(ref reader, TermTime.Default, out value);
        int start = reader.Position;
        DecodeStatus status = Moment.TryReadMessagePack(ref reader, out Moment moment);
        value = default;
        return status != DecodeStatus.Ok || moment.TryGet(out value) ? status : reader.BackExpected(start, WantedMoment);
    }

    /// <summary>Reads what a clock shows; its kind is not specified.</summary>
    public static DecodeStatus TryRead(ref MessagePackReader reader, out DateTime value)
    {
        int start = reader.Position;
        DecodeStatus status;
        if (reader.PeekType() != MessagePackType.Map)
        {
            status = ValueTerms.TryRead(ref reader, TermTime.Default, out value);
            value = DateTime.SpecifyKind(value, DateTimeKind.Unspecified);
            return status;
        }

        status = NaiveMoment.TryReadMessagePack(ref reader, out NaiveMoment moment);
        value = default;
        return status != DecodeStatus.Ok || moment.TryGet(out value) ? status : reader.BackExpected(start, WantedMoment);
    }

    /// <summary>Reads a date.</summary>
    public static DecodeStatus TryRead(ref MessagePackReader reader, out DateOnly value)
    {
        if (reader.PeekType() != MessagePackType.Map)
            return ValueTerms.TryRead(ref reader, out value);
        int start = reader.Position;
        DecodeStatus status = Date.TryReadMessagePack(ref reader, out Date date);
        value = default;
        return status != DecodeStatus.Ok || date.TryGet(out value) ? status : reader.BackExpected(start, WantedDate);
    }

    /// <summary>Reads a time of day.</summary>
    public static DecodeStatus TryRead(ref MessagePackReader reader, out TimeOnly value)
    {
        int start = reader.Position;
        value = default;
        DecodeStatus status;
        if (reader.PeekType() == MessagePackType.Map)
        {
            status = Time.TryReadMessagePack(ref reader, out Time time);
            return status != DecodeStatus.Ok || time.TryGet(out value) ? status : reader.BackExpected(start, WantedTime);
        }

        Span<int> parts = stackalloc int[4];
        status = reader.TryReadTupleHead(parts.Length, "[Hour, Minute, Second, Microsecond]");
        for (int i = 0; i < parts.Length && status == DecodeStatus.Ok; i++)
            status = reader.TryReadInteger(out parts[i]);
        if (status != DecodeStatus.Ok)
            return reader.Back(start, status);
        return TryGetTime(parts[0], parts[1], parts[2], parts[3], out value) ? status : reader.BackExpected(start, WantedTime);
    }

    /// <summary>Reads a decimal number.</summary>
    public static DecodeStatus TryRead(ref MessagePackReader reader, out decimal value)
    {
        if (reader.PeekType() != MessagePackType.Map)
            return reader.TryReadDecimal(out value);
        int start = reader.Position;
        DecodeStatus status = Decimal.TryReadMessagePack(ref reader, out Decimal number);
        value = default;
        return status != DecodeStatus.Ok || number.TryGet(out value) ? status : reader.BackExpected(start, WantedDecimal);
    }
}
