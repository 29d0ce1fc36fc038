namespace CloudScale;

/// <summary>One change of a counter: <c>Increment</c> or <c>{Increment, Threshold, SetValue}</c>, as <c>ets:update_counter</c> has it.</summary>
/// <param name="Increment">What is added; may be negative.</param>
public readonly record struct CounterChange(long Increment)
{
    /// <summary>Where the counter begins anew: beyond it in the direction of the increment it is set to <see cref="SetValue"/>; null for nowhere.</summary>
    public long? Threshold { get; init; }

    /// <summary>What it is set to then.</summary>
    public long SetValue { get; init; }

    /// <summary>An increment without a threshold.</summary>
    public static implicit operator CounterChange(long increment) => new(increment);

    /// <summary>The counter after the change.</summary>
    /// <exception cref="OverflowException">It does not fit into 64 bits.</exception>
    internal long Apply(long value)
    {
        long sum = checked(value + Increment);
        if (Threshold is not { } threshold)
            return sum;
        return (Increment >= 0 ? sum > threshold : sum < threshold) ? SetValue : sum;
    }
}
