using System.Numerics;

namespace CloudScale.Samples.InteropNode;

/// <summary>Erlang's <c>+</c>: integers of any size, and floats.</summary>
internal static class Arithmetic
{
    /// <exception cref="ErlangException"><c>badarith</c>: one of them is no number, or the sum no float.</exception>
    internal static object Add(object left, object right) =>
        (left, right) switch
        {
            (long or BigInteger, long or BigInteger) => Term.Normalize(ToInteger(left) + ToInteger(right)),
            (long or BigInteger or double, long or BigInteger or double) => Finite(ToFloat(left) + ToFloat(right)),
            _ => throw BadArithmetic(),
        };

    private static BigInteger ToInteger(object number) => number is long small ? small : (BigInteger)number;

    private static double ToFloat(object number) => number is double real ? real : Finite((double)ToInteger(number));

    private static double Finite(double number) => double.IsFinite(number) ? number : throw BadArithmetic();

    private static ErlangException BadArithmetic() => ErlangException.Error((Atom)"badarith");
}
