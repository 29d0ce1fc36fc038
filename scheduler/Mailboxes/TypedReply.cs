using System.Numerics;
using CloudScale.Serialization.Contracts;

namespace CloudScale.Scheduling;

/// <summary>An answer as the type that its caller expects.</summary>
internal static class TypedReply
{
    private const int ShownCharacters = 1_000; // of an answer that is another node's, it may be

    internal static T As<T>(object reply)
    {
        if (reply is T same)
            return same;
        object? converted =
            Simple<T>(reply)
            ?? (reply is ITermConvertible and not ITermContract ? Simple<T>(Term.Normalize(reply)) : null)
            ?? (Contract.TryFind(reply, out object? contract) ? contract : null);
        return converted is T value
            ? value
            : throw new InvalidCastException($"The answer should be a {typeof(T).Name}, and is {Term.FormatUpTo(reply, ShownCharacters)}.");
    }

    /// <summary>Numbers, texts and truth values; null for all else. The JIT keeps one branch for each T.</summary>
    private static object? Simple<T>(object reply)
    {
        Type type = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        if (type == typeof(string))
            return reply switch
            {
                Binary binary when binary.TryGetString(out string? text) => text,
                List list when list.TryGetString(out string? text) => text,
                _ => null,
            };
        if (type == typeof(bool))
            return ReferenceEquals(reply, Atoms.True) ? true
                : ReferenceEquals(reply, Atoms.False) ? false
                : null;
        if (type == typeof(Atom))
            return reply is bool truth ? (truth ? Atoms.True : Atoms.False) : null;
        if (type == typeof(byte[]) || type == typeof(ReadOnlyMemory<byte>))
            return reply is not Binary bytes ? null
                : type == typeof(byte[]) ? bytes.Span.ToArray()
                : (object)bytes.Memory;
        return Number(type, reply);
    }

    private static object? Number(Type type, object reply)
    {
        BigInteger? integer = reply switch
        {
            long value => value,
            int value => value,
            uint value => value,
            ulong value => value,
            short value => value,
            ushort value => value,
            byte value => value,
            sbyte value => value,
            BigInteger value => value,
            _ => null,
        };
        if (integer is not { } number)
            return type == typeof(float) && reply is double real ? (float)real
                : type == typeof(double) && reply is float single ? (double)single
                : null;
        return Type.GetTypeCode(type) switch
        {
            TypeCode.Int64 when number >= long.MinValue && number <= long.MaxValue => (long)number,
            TypeCode.Int32 when number >= int.MinValue && number <= int.MaxValue => (int)number,
            TypeCode.Int16 when number >= short.MinValue && number <= short.MaxValue => (short)number,
            TypeCode.SByte when number >= sbyte.MinValue && number <= sbyte.MaxValue => (sbyte)number,
            TypeCode.UInt64 when number >= 0 && number <= ulong.MaxValue => (ulong)number,
            TypeCode.UInt32 when number >= 0 && number <= uint.MaxValue => (uint)number,
            TypeCode.UInt16 when number >= 0 && number <= ushort.MaxValue => (ushort)number,
            TypeCode.Byte when number >= 0 && number <= byte.MaxValue => (byte)number,
            TypeCode.Double => (double)number,
            TypeCode.Single => (float)number,
            _ => type == typeof(BigInteger) ? number : null,
        };
    }
}
