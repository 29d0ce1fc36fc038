using System.Buffers;

namespace CloudScale;

/// <summary>What holds for every term: equality, order, hash and printing.</summary>
/// <remarks>
/// <para>A term is a plain .NET object: <see cref="long"/>, <see cref="System.Numerics.BigInteger"/>, <see cref="double"/>, <see cref="Atom"/>, <see cref="Tuple"/>,
/// <see cref="List"/>, <see cref="Map"/>, <see cref="Binary"/>, <see cref="BitString"/>, <see cref="Pid"/>, <see cref="Reference"/>, <see cref="Port"/>,
/// <see cref="ExternalFun"/>, <see cref="Fun"/>. What encoders also accept (int, string, bool, byte[], <see cref="ITermConvertible"/> …) counts here as the term it
/// encodes to. null is no term.</para>
/// <para>Threads: any. Nothing here recurses: terms of a peer may be nested as deep as they like.</para>
/// </remarks>
public static partial class Term
{
    /// <summary>Erlang's <c>=:=</c>: 1 and 1.0 differ. 0.0 and -0.0 are equal, as on OTP up to 26.</summary>
    /// <exception cref="ArgumentException">One of them is no term.</exception>
    public static bool AreEqual(object? left, object? right)
    {
        if (ReferenceEquals(left, right) && left is not null)
            return true;
        return Equality.Compare(left, right);
    }

    /// <summary>
    /// Erlang's order of all terms: number &lt; atom &lt; reference &lt; fun &lt; port &lt; pid &lt; tuple &lt; map &lt; nil &lt; list &lt; bit string.
    /// An integer and a float of one value are equal here (0), as with <c>==</c>.
    /// </summary>
    /// <returns>Less than 0, 0, or more than 0.</returns>
    /// <exception cref="ArgumentException">One of them is no term.</exception>
    public static int Compare(object? left, object? right) => Ordering.Compare(left, right, exact: false);

    /// <summary>A hash that agrees with <see cref="AreEqual"/>. It differs from one .NET process to the next.</summary>
    /// <exception cref="ArgumentException">It is no term.</exception>
    public static int Hash(object? term) => Hashing.Compute(term);

    /// <summary>
    /// The term in the form that decoders yield: what encoders also accept (an int, a string, a bool …) is replaced by the term it encodes to. What a tuple, list or map
    /// holds stays as it is.
    /// </summary>
    /// <exception cref="ArgumentException">It is no term.</exception>
    public static object Normalize(object? term)
    {
        TermKinds.ClassifyOrThrow(ref term);
        return term;
    }

    /// <summary>
    /// The term as Erlang's <c>~tp</c> prints it, without line breaks, on a terminal that shows Unicode. Identities carry the name of their node. An object that is
    /// no term prints as <c>#&lt;Its.Type&gt;</c>, since what cannot be sent can still be logged.
    /// </summary>
    /// <exception cref="ArgumentException">It is null.</exception>
    public static string Format(object? term) => Printing.Format(term, int.MaxValue);

    /// <summary>The beginning of what <see cref="Format(object)"/> gives: no more is printed than is shown, for terms of peers, which may be long.</summary>
    /// <param name="term">Any object.</param>
    /// <param name="maxCharacters">How much at most (UTF-16 code units); where there is more, <c> …</c> follows.</param>
    /// <exception cref="ArgumentException">The term is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Less than no characters.</exception>
    public static string FormatUpTo(object? term, int maxCharacters)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxCharacters);
        return Printing.Format(term, maxCharacters);
    }

    /// <summary>The order among the keys of a map: as <see cref="Compare"/>, but every integer comes before every float.</summary>
    /// <exception cref="ArgumentException">One of them is no term.</exception>
    public static int CompareExactly(object? left, object? right) => Ordering.Compare(left, right, exact: true);

    /// <summary>A copy of the elements, none of which is null.</summary>
    internal static object[] CheckedCopy(ReadOnlySpan<object> elements)
    {
        object[] copy = elements.ToArray();
        foreach (object? element in copy)
            if (element is null)
                TermKinds.ThrowNoTerm(element);
        return copy;
    }

    /// <summary>The suspended parents of a walk through nested terms; rents nothing until a term is nested.</summary>
    internal ref struct Walk<T>
        where T : struct
    {
        private T[]? _frames;
        private int _count;

        public readonly int Count => _count;

        public readonly ref T Top => ref _frames![_count - 1];

        public void Push(in T frame)
        {
            if (_frames is null || _count == _frames.Length)
                Grow();
            _frames![_count++] = frame;
        }

        public bool TryPop(out T frame)
        {
            if (_count == 0)
            {
                frame = default;
                return false;
            }

            frame = _frames![--_count];
            return true;
        }

        public void Dispose()
        {
            if (_frames is null)
                return;
            ArrayPool<T>.Shared.Return(_frames, clearArray: true);
            _frames = null;
        }

        private void Grow()
        {
            T[] grown = ArrayPool<T>.Shared.Rent(_frames is null ? 16 : _frames.Length * 2);
            if (_frames is not null)
            {
                _frames.AsSpan(0, _count).CopyTo(grown);
                ArrayPool<T>.Shared.Return(_frames, clearArray: true);
            }

            _frames = grown;
        }
    }
}
