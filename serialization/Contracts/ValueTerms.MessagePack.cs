using System.Collections.Immutable;
using System.Runtime.InteropServices;
using CloudScale.Serialization.Etf;
using CloudScale.Serialization.MessagePack;

namespace CloudScale.Serialization.Contracts;

/// <content>The same in MessagePack. Points in time are its own timestamps, whole, whatever unit the term has; that unit and the forms of terms are read, too.</content>
public static partial class ValueTerms
{
    /// <summary>Writes a point in time as a timestamp.</summary>
    public static void Write(ref MessagePackWriter writer, DateTime value, TermTime form)
    {
        _ = form; // of terms only
        if (value.Kind == DateTimeKind.Local)
            value = value.ToUniversalTime();
        writer.WriteTimestamp(new DateTimeOffset(value.Ticks, TimeSpan.Zero));
    }

    /// <summary>Writes a point in time as a timestamp.</summary>
    public static void Write(ref MessagePackWriter writer, DateTimeOffset value, TermTime form)
    {
        _ = form; // of terms only
        writer.WriteTimestamp(value);
    }

    /// <summary>Writes a duration as an integer.</summary>
    public static void Write(ref MessagePackWriter writer, TimeSpan value, TermTime form)
    {
        if (form == TermTime.Nanoseconds && value.Ticks is > long.MaxValue / 100 or < long.MinValue / 100)
            writer.WriteBigInteger((System.Numerics.BigInteger)value.Ticks * 100);
        else
            writer.WriteLong(form == TermTime.Nanoseconds ? value.Ticks * 100 : FloorDivide(value.Ticks, TicksPer(form)));
    }

    /// <summary>Writes <c>[Year, Month, Day]</c>.</summary>
    public static void Write(ref MessagePackWriter writer, DateOnly value)
    {
        writer.WriteArrayHeader(3);
        writer.WriteLong(value.Year);
        writer.WriteLong(value.Month);
        writer.WriteLong(value.Day);
    }

    /// <summary>Writes <c>[Hour, Minute, Second]</c>.</summary>
    public static void Write(ref MessagePackWriter writer, TimeOnly value)
    {
        writer.WriteArrayHeader(3);
        writer.WriteLong(value.Hour);
        writer.WriteLong(value.Minute);
        writer.WriteLong(value.Second);
    }

    /// <summary>Writes a GUID: 16 bytes, or a text of 36 characters.</summary>
    public static void Write(ref MessagePackWriter writer, Guid value, TermGuid form)
    {
        Span<byte> bytes = stackalloc byte[GuidCharacters];
        if (form == TermGuid.Text)
        {
            value.TryFormat(bytes, out int length);
            writer.WriteUtf8(bytes[..length]);
        }
        else
        {
            value.TryWriteBytes(bytes, bigEndian: true, out int length);
            writer.WriteBinary(bytes[..length]);
        }
    }

    /// <summary>Reads a point in time; its kind is UTC.</summary>
    public static DecodeStatus TryRead(ref MessagePackReader reader, TermTime form, out DateTime value)
    {
        switch (reader.PeekType())
        {
            case MessagePackType.Integer when form != TermTime.Calendar:
                return TryReadMoment(ref reader, form, out value);
            case MessagePackType.Array when form == TermTime.Calendar:
                return TryReadCalendar(ref reader, out value);
            default:
                DecodeStatus status = reader.TryReadTimestamp(out DateTimeOffset moment);
                value = status == DecodeStatus.Ok ? moment.UtcDateTime : default;
                return status;
        }
    }

    /// <summary>Reads a point in time; its offset is 0.</summary>
    public static DecodeStatus TryRead(ref MessagePackReader reader, TermTime form, out DateTimeOffset value)
    {
        DecodeStatus status = TryRead(ref reader, form, out DateTime time);
        value = status == DecodeStatus.Ok ? new DateTimeOffset(time) : default;
        return status;
    }

    /// <summary>Reads a duration.</summary>
    public static DecodeStatus TryRead(ref MessagePackReader reader, TermTime form, out TimeSpan value) =>
        TryReadDuration(ref reader, form, out value);

    /// <summary>Reads <c>[Year, Month, Day]</c>.</summary>
    public static DecodeStatus TryRead(ref MessagePackReader reader, out DateOnly value) => TryReadDate(ref reader, out value);

    /// <summary>Reads <c>[Hour, Minute, Second]</c>.</summary>
    public static DecodeStatus TryRead(ref MessagePackReader reader, out TimeOnly value) => TryReadTimeOfDay(ref reader, out value);

    /// <summary>Reads a GUID.</summary>
    public static DecodeStatus TryRead(ref MessagePackReader reader, TermGuid form, out Guid value)
    {
        int start = reader.Position;
        value = default;
        string wanted = form == TermGuid.Text ? "a GUID as a text of 36 characters" : "a GUID, 16 bytes";
        bool isText = reader.PeekType() == MessagePackType.String;
        if (!isText && reader.PeekType() != MessagePackType.Binary)
            return reader.FailExpected(wanted);
        DecodeStatus status = isText ? reader.TryReadUtf8(out ReadOnlySpan<byte> bytes) : reader.TryReadBinary(out bytes);
        if (status != DecodeStatus.Ok)
            return status;
        if (form == TermGuid.Binary && bytes.Length == GuidBytes)
        {
            value = new Guid(bytes, bigEndian: true);
            return status;
        }

        return form == TermGuid.Text && bytes.Length == GuidCharacters && Guid.TryParse(bytes, out value)
            ? status
            : reader.BackExpected(start, wanted);
    }

    /// <summary>Reads bytes.</summary>
    public static DecodeStatus TryRead(ref MessagePackReader reader, out ReadOnlyMemory<byte> value)
    {
        DecodeStatus status = reader.TryReadBytes(out byte[] bytes);
        value = bytes;
        return status;
    }

    /// <summary>Reads bytes.</summary>
    public static DecodeStatus TryRead(ref MessagePackReader reader, out ImmutableArray<byte> value)
    {
        DecodeStatus status = reader.TryReadBytes(out byte[] bytes);
        value = ImmutableCollectionsMarshal.AsImmutableArray(bytes);
        return status;
    }

    /// <summary>Reads the pid of a process that takes messages of one type; which they are, the wire does not say.</summary>
    public static DecodeStatus TryRead<TMessage>(ref MessagePackReader reader, out Pid<TMessage> value)
        where TMessage : notnull
    {
        DecodeStatus status = reader.TryReadPid(out Pid pid);
        value = new Pid<TMessage>(pid);
        return status;
    }
}
