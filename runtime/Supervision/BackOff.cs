namespace CloudScale;

/// <summary>How long a supervisor waits before it restarts a child: longer after each failure, within bounds. OTP has none of it.</summary>
/// <remarks>
/// The wait before the n-th restart in a row is <see cref="First"/> × <see cref="Factor"/>ⁿ⁻¹, at most <see cref="Cap"/>; of that a random part up to <see cref="Jitter"/> is left out, so that what failed
/// together does not come back together. While a child waits it is shown as <c>restarting</c>, and may be terminated. Each restart counts for the supervisor's intensity when it is made.
/// </remarks>
public sealed record BackOff
{
    /// <summary>The first wait; 100 ms by default.</summary>
    public TimeSpan First { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How much longer each wait is than the one before; 2 by default.</summary>
    public double Factor { get; init; } = 2;

    /// <summary>The longest wait; 30 s by default.</summary>
    public TimeSpan Cap { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The part of a wait that chance may leave out: from 0, none, to 1; 0.2 by default.</summary>
    public double Jitter { get; init; } = 0.2;

    /// <summary>A child that ran for this long has recovered, and its next wait is the first again; 1 minute by default.</summary>
    public TimeSpan ResetAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What is wrong with it; null for nothing.</summary>
    internal string? Fault() =>
        First < TimeSpan.Zero ? "First is negative"
        : Cap < First ? "Cap is below First"
        : !(Factor >= 1) ? "Factor is below 1"
        : Jitter is not (>= 0 and <= 1) ? "Jitter is not between 0 and 1"
        : ResetAfter < TimeSpan.Zero ? "ResetAfter is negative"
        : null;

    /// <summary>The wait in milliseconds.</summary>
    /// <param name="failures">Restarts in a row before this one.</param>
    /// <param name="chance">From 0 to below 1.</param>
    internal long DelayMs(int failures, double chance)
    {
        double whole = Math.Min(First.TotalMilliseconds * Math.Pow(Factor, failures), Cap.TotalMilliseconds);
        return (long)Math.Ceiling(whole * (1 - (Jitter * chance)));
    }
}
