using System.Numerics;
using CloudScale.Serialization.Contracts;

namespace CloudScale;

/// <summary>Arguments of calls as the types that a function takes. For generated code and for functions written by hand.</summary>
public static class FunctionArguments
{
    /// <summary>An argument as a type that terms are made of: a number, a <see cref="bool"/>, a <see cref="string"/> (a binary of UTF-8, or a charlist), <see cref="object"/>, or a type of terms.</summary>
    /// <param name="arguments">The arguments of the call.</param>
    /// <param name="index">Which one, counted from 0.</param>
    /// <exception cref="ErlangException"><c>badarg</c>: it is something else, or does not fit.</exception>
    public static T Take<T>(List arguments, int index)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        object argument = arguments[index];
        if (argument is T same)
            return same;
        return Convert<T>(Term.Normalize(argument)) is { } converted ? (T)converted : throw ErlangException.BadArgument();
    }

    /// <summary>An argument as a contract.</summary>
    /// <exception cref="ErlangException"><c>badarg</c>: the term is not that of the contract.</exception>
    public static T TakeContract<T>(List arguments, int index)
        where T : ITermContract<T>
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return Contract.TryFrom<T>(arguments[index], out T? value) ? value : throw ErlangException.BadArgument();
    }

    /// <summary>A result as a term: null is <c>undefined</c>.</summary>
    public static object ToResult<T>(T? value) => value is null ? Atoms.Undefined : value;

    private static object? Convert<T>(object term)
    {
        if (term is T)
            return term;
        if (typeof(T) == typeof(string))
            return Text(term);
        if (typeof(T) == typeof(bool))
            return term is Atom atom
                ? ReferenceEquals(atom, Atoms.True)
                    ? true
                    : ReferenceEquals(atom, Atoms.False)
                        ? false
                        : null
                : null;
        if (typeof(T) == typeof(BigInteger))
            return term is long small ? (BigInteger)small : null;
        if (typeof(T) == typeof(double))
            return term is long whole ? (double)whole : null;
        if (typeof(T) == typeof(byte[]) || typeof(T) == typeof(ReadOnlyMemory<byte>))
            return Bytes<T>(term);
        if (term is not long number)
            return null;
        if (typeof(T) == typeof(int))
            return number is >= int.MinValue and <= int.MaxValue ? (int)number : null;
        if (typeof(T) == typeof(uint))
            return number is >= 0 and <= uint.MaxValue ? (uint)number : null;
        if (typeof(T) == typeof(ulong))
            return number >= 0 ? (ulong)number : null;
        if (typeof(T) == typeof(short))
            return number is >= short.MinValue and <= short.MaxValue ? (short)number : null;
        if (typeof(T) == typeof(ushort))
            return number is >= 0 and <= ushort.MaxValue ? (ushort)number : null;
        if (typeof(T) == typeof(byte))
            return number is >= 0 and <= byte.MaxValue ? (byte)number : null;
        if (typeof(T) == typeof(sbyte))
            return number is >= sbyte.MinValue and <= sbyte.MaxValue ? (sbyte)number : null;
        return null;
    }

    private static string? Text(object term) =>
        term switch
        {
            Binary binary when binary.TryGetString(out string? text) => text,
            List list when list.TryGetString(out string? text) => text,
            _ => null,
        };

    private static object? Bytes<T>(object term)
    {
        if (term is not Binary binary)
            return null;
        return typeof(T) == typeof(byte[]) ? binary.Memory.ToArray() : binary.Memory;
    }
}
