using System.Numerics;

namespace CloudScale.Scheduling;

/// <summary>Arithmetic: integers of any size, floats of 64 bits, an error where Erlang has one.</summary>
internal static partial class MatchFunctions
{
    private const int MaxShift = 1 << 20; // bits; beyond it Erlang answers system_limit

    private static void AddArithmetic(Dictionary<(string, int), MatchFunction> all)
    {
        all[("+", 1)] = static (a, _) => IsNumber(a[0]) ? a[0] : null;
        all[("-", 1)] = static (a, _) =>
            a[0] is double value ? -value
            : Integers.Is(a[0]) ? Integers.Of(-Integers.ToBig(a[0]))
            : null;
        all[("+", 2)] = static (a, _) =>
            Integers.Is(a[0]) && Integers.Is(a[1]) ? Integers.Add(a[0], a[1]) : Floats(a, static (x, y) => x + y);
        all[("-", 2)] = static (a, _) => Numbers(a, static (x, y) => x - y, static (x, y) => x - y);
        all[("*", 2)] = static (a, _) => Numbers(a, static (x, y) => x * y, static (x, y) => x * y);
        all[("/", 2)] = static (a, _) => Floats(a, static (x, y) => y == 0 ? double.NaN : x / y);
        all[("div", 2)] = static (a, _) => Whole(a, static (x, y) => y.IsZero ? null : BigInteger.Divide(x, y));
        all[("rem", 2)] = static (a, _) => Whole(a, static (x, y) => y.IsZero ? null : BigInteger.Remainder(x, y));
        all[("band", 2)] = static (a, _) => Whole(a, static (x, y) => x & y);
        all[("bor", 2)] = static (a, _) => Whole(a, static (x, y) => x | y);
        all[("bxor", 2)] = static (a, _) => Whole(a, static (x, y) => x ^ y);
        all[("bnot", 1)] = static (a, _) => Integers.Is(a[0]) ? Integers.Of(-Integers.ToBig(a[0]) - 1) : null;
        all[("bsl", 2)] = static (a, _) => Whole(a, static (x, y) => Shift(x, y));
        all[("bsr", 2)] = static (a, _) => Whole(a, static (x, y) => Shift(x, -y));
        all[("abs", 1)] = static (a, _) =>
            a[0] is double value ? Math.Abs(value)
            : Integers.Is(a[0]) ? Integers.Of(BigInteger.Abs(Integers.ToBig(a[0])))
            : null;
        all[("float", 1)] = static (a, _) => ToFloat(a[0]) is { } value ? value : null;
        all[("trunc", 1)] = static (a, _) => Rounded(a[0], Math.Truncate);
        all[("floor", 1)] = static (a, _) => Rounded(a[0], Math.Floor);
        all[("ceil", 1)] = static (a, _) => Rounded(a[0], Math.Ceiling);
        all[("round", 1)] = static (a, _) => Rounded(a[0], static x => Math.Round(x, MidpointRounding.AwayFromZero));
    }

    private static bool IsNumber(object term) => term is double || Integers.Is(term);

    private static double? ToFloat(object term)
    {
        if (term is double value)
            return value;
        if (!Integers.Is(term))
            return null;
        double converted = term is long small ? small : (double)Integers.ToBig(term);
        return double.IsFinite(converted) ? converted : null;
    }

    private static double? Floats(object[] a, Func<double, double, double> operation)
    {
        if (ToFloat(a[0]) is not { } left || ToFloat(a[1]) is not { } right)
            return null;
        double result = operation(left, right);
        return double.IsFinite(result) ? result : null; // Erlang has neither infinities nor NaN
    }

    private static object? Numbers(object[] a, Func<BigInteger, BigInteger, BigInteger> whole, Func<double, double, double> floats) =>
        Integers.Is(a[0]) && Integers.Is(a[1]) ? Integers.Of(whole(Integers.ToBig(a[0]), Integers.ToBig(a[1]))) : Floats(a, floats);

    private static object? Whole(object[] a, Func<BigInteger, BigInteger, BigInteger?> operation) =>
        Integers.Is(a[0]) && Integers.Is(a[1]) && operation(Integers.ToBig(a[0]), Integers.ToBig(a[1])) is { } result
            ? Integers.Of(result)
            : null;

    private static BigInteger? Shift(BigInteger value, BigInteger left)
    {
        if (value.IsZero || left.IsZero)
            return value;
        if (left < -MaxShift) // to the right: nothing is left but the sign
            return value.Sign < 0 ? BigInteger.MinusOne : BigInteger.Zero;
        return left > MaxShift ? null : value << (int)left;
    }

    private static object? Rounded(object term, Func<double, double> round)
    {
        if (Integers.Is(term))
            return term;
        return term is double value ? Integers.Of(new BigInteger(round(value))) : null;
    }
}
