using System.Numerics;

namespace CloudScale.Scheduling;

/// <summary>One operation of update_counter with integers of any size.</summary>
internal sealed class CounterOperation
{
    private readonly object _increment;
    private readonly object? _threshold;
    private readonly object? _setValue;

    private CounterOperation(int position, object increment, object? threshold, object? setValue)
    {
        Position = position;
        _increment = increment;
        _threshold = threshold;
        _setValue = setValue;
    }

    internal int Position { get; }

    internal static CounterOperation Of(CounterUpdate update) =>
        new(
            update.Position,
            update.Increment,
            update.Threshold is { } threshold ? threshold : null,
            update.Threshold is null ? null : update.SetValue
        );

    /// <summary>Reads <c>Incr | UpdateOp | [UpdateOp]</c>.</summary>
    internal static CounterOperation[] Parse(object operations, int defaultPosition, out bool single)
    {
        ArgumentNullException.ThrowIfNull(operations);
        single = operations is not List;
        if (operations is List { IsProper: true } list)
        {
            CounterOperation[] all = new CounterOperation[list.Count];
            for (int i = 0; i < all.Length; i++)
                all[i] = ParseTuple(list[i]);
            return all;
        }

        return Integers.Is(operations) ? [new CounterOperation(defaultPosition, operations, null, null)] : [ParseTuple(operations)];
    }

    /// <summary>The counter after the operation.</summary>
    internal object Apply(object value)
    {
        object sum = Integers.Add(value, _increment);
        if (_threshold is null)
            return sum;
        int sign = Term.Compare(sum, _threshold);
        return (Term.Compare(_increment, 0L) >= 0 ? sign > 0 : sign < 0) ? Integers.Normalize(_setValue!) : sum;
    }

    private static CounterOperation ParseTuple(object operation)
    {
        Tuple parts = operation as Tuple ?? Tuple.Empty;
        bool isRight = parts.Count is 2 or 4;
        for (int i = 0; i < parts.Count && isRight; i++)
            isRight = Integers.Is(parts[i]);
        if (!isRight || Integers.Normalize(parts[0]) is not long position || position is < 1 or > int.MaxValue)
        {
            throw new EtsException(
                $"A counter operation is an integer, {{Pos, Incr}} or {{Pos, Incr, Threshold, SetValue}}, all integers; not {Term.Format(operation)} (badarg)."
            );
        }

        return new CounterOperation((int)position, parts[1], parts.Count == 4 ? parts[2] : null, parts.Count == 4 ? parts[3] : null);
    }
}

/// <summary>Integers as terms: 64 bits where they suffice, else big.</summary>
internal static class Integers
{
    internal static bool Is(object? term) => term is long || Term.Normalize(term) is long or BigInteger;

    /// <summary>The form that decoders yield.</summary>
    internal static object Normalize(object term) => term is long ? term : Term.Normalize(term);

    internal static object Of(BigInteger value) => value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;

    internal static BigInteger ToBig(object term) => Normalize(term) is long value ? value : (BigInteger)Normalize(term);

    internal static object Add(object left, object right)
    {
        if (Normalize(left) is long l && Normalize(right) is long r)
        {
            long sum = unchecked(l + r);
            if (((l ^ sum) & (r ^ sum)) >= 0)
                return sum;
        }

        return Of(ToBig(left) + ToBig(right));
    }
}
