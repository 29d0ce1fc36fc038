using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace CloudScale;

/// <summary>Tells terms apart, and turns what encoders also accept into what decoders yield.</summary>
internal static class TermKinds
{
    // number < atom < reference < fun < port < pid < tuple < native record < map < nil < list < bitstring; indexed by kind.
    private static ReadOnlySpan<byte> Ranks => [0, 1, 1, 1, 2, 3, 4, 4, 5, 6, 7, 8, 9, 10, 11, 12, 12];

    /// <summary>The place of a kind in Erlang's order of types.</summary>
    public static int Rank(TermKind kind) => Ranks[(int)kind];

    /// <summary>Whether terms of this kind may hold terms.</summary>
    public static bool IsCompound(TermKind kind) =>
        kind is TermKind.Tuple or TermKind.List or TermKind.Map or TermKind.Fun or TermKind.NativeRecord;

    /// <summary>The kind of a term; an alias is replaced by the term it stands for. Kind None leaves the object as it is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TermKind Classify([NotNull] ref object? term)
    {
        if (term is Atom)
            return TermKind.Atom;
        if (term is long)
            return TermKind.Integer;
        if (term is Tuple)
            return TermKind.Tuple;
        if (term is Pid)
            return TermKind.Pid;
        return ClassifyMore(ref term);
    }

    /// <summary>As <see cref="Classify"/>, but what is no term is an error.</summary>
    public static TermKind ClassifyOrThrow([NotNull] ref object? term)
    {
        TermKind kind = Classify(ref term);
        if (kind == TermKind.None)
            ThrowNoTerm(term);
        return kind;
    }

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void ThrowNoTerm(object? term) =>
        throw new ArgumentException(
            term is null
                ? "null is no term; say the atom undefined, or nil, or leave the value out."
                : $"{term.GetType()} is no term. A type stands for a term if it implements {nameof(ITermConvertible)}.",
            nameof(term)
        );

    private static TermKind ClassifyMore([NotNull] ref object? term)
    {
        if (term is null)
            ThrowNoTerm(term);
        while (true)
        {
            switch (term)
            {
                case List list:
                    return list.Count == 0 ? TermKind.Nil : TermKind.List;
                case Binary:
                    return TermKind.Binary;
                case Map:
                    return TermKind.Map;
                case double:
                    return TermKind.Float;
                case Reference:
                    return TermKind.Reference;
                case string text:
                    term = Binary.FromUtf8(text);
                    return TermKind.Binary;
                case int number:
                    term = SmallIntegers.Box(number);
                    return TermKind.Integer;
                case bool truth:
                    term = truth ? Atoms.True : Atoms.False;
                    return TermKind.Atom;
                case BigInteger big:
                    return ClassifyBig(ref term, big);
                case BitString:
                    return TermKind.BitString;
                case ExternalFun:
                    return TermKind.ExternalFun;
                case Fun:
                    return TermKind.Fun;
                case NativeRecord:
                    return TermKind.NativeRecord;
                case Port:
                    return TermKind.Port;
                case Atom:
                    return TermKind.Atom;
                case long:
                    return TermKind.Integer;
                case Tuple:
                    return TermKind.Tuple;
                case Pid:
                    return TermKind.Pid;
                case uint number:
                    term = SmallIntegers.Box(number);
                    return TermKind.Integer;
                case ulong number:
                    return ClassifyBig(ref term, number);
                case short number:
                    term = SmallIntegers.Box(number);
                    return TermKind.Integer;
                case ushort number:
                    term = SmallIntegers.Box(number);
                    return TermKind.Integer;
                case byte number:
                    term = SmallIntegers.Box(number);
                    return TermKind.Integer;
                case sbyte number:
                    term = SmallIntegers.Box(number);
                    return TermKind.Integer;
                case float number:
                    term = (double)number;
                    return TermKind.Float;
                case byte[] bytes:
                    term = new Binary(bytes);
                    return TermKind.Binary;
                case ReadOnlyMemory<byte> bytes:
                    term = new Binary(bytes);
                    return TermKind.Binary;
                case ITermConvertible convertible:
                    term = convertible.ToTerm();
                    if (term is null)
                        ThrowNoTerm(term);
                    continue;
                default:
                    return TermKind.None;
            }
        }
    }

    private static TermKind ClassifyBig(ref object term, BigInteger big)
    {
        if (big >= long.MinValue && big <= long.MaxValue)
        {
            term = SmallIntegers.Box((long)big);
            return TermKind.Integer;
        }

        if (term is not BigInteger)
            term = big;
        return TermKind.BigInteger;
    }
}
