using System.Globalization;

namespace CloudScale.Testing;

/// <summary>How a schedule is chosen: which of the runnable processes goes on at each step, and for how long.</summary>
/// <remarks>Immutable. With a seed it decides a schedule completely; <see cref="ToString"/> and <see cref="Parse"/> carry it in the name of a schedule.</remarks>
public sealed class ExplorationStrategy
{
    private readonly Kind _kind;
    private readonly int _depth;
    private readonly int _steps;

    private ExplorationStrategy(Kind kind, int depth, int steps)
    {
        _kind = kind;
        _depth = depth;
        _steps = steps;
    }

    /// <summary>Whoever became runnable first goes first, and runs until it waits: the schedule of a quiet node. The same for every seed.</summary>
    public static ExplorationStrategy InOrder { get; } = new(Kind.InOrder, 0, 0);

    /// <summary>Each step chooses at random among what can go on.</summary>
    public static ExplorationStrategy RandomWalk { get; } = new(Kind.Random, 0, 0);

    /// <summary>
    /// Processes have random priorities; the first of all goes on, and at <paramref name="depth"/> − 1 random moments loses its priority. A bug that needs
    /// <paramref name="depth"/> events in a certain order is found by one schedule with a likelihood of at least 1 / (n · k^(depth−1)), for n processes and k steps.
    /// </summary>
    /// <remarks>Source: Burckhardt, Kothari, Musuvathi, Nagarakatte, "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010.</remarks>
    /// <param name="depth">Events whose order matters; 1 to 10, most bugs need 2 or 3.</param>
    /// <param name="steps">About how many steps a schedule has; <see cref="Explore"/> measures it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The depth is not in 1 to 10, or there are no steps.</exception>
    public static ExplorationStrategy Pct(int depth = 3, int steps = 100)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(depth, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(depth, 10);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        return new(Kind.Priority, depth, steps);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote: <c>in-order</c>, <c>random</c> or <c>pct:DEPTH:STEPS</c>.</summary>
    /// <exception cref="FormatException">It is none of these.</exception>
    public static ExplorationStrategy Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] words = text.Split(':');
        return words switch
        {
            ["in-order"] => InOrder,
            ["random"] => RandomWalk,
            ["pct", var depth, var steps]
                when int.TryParse(depth, CultureInfo.InvariantCulture, out int d)
                    && int.TryParse(steps, CultureInfo.InvariantCulture, out int s)
                    && d is >= 1 and <= 10
                    && s >= 1 => Pct(d, s),
            _ => throw new FormatException($"'{text}' is no strategy: in-order, random, or pct:DEPTH:STEPS."),
        };
    }

    /// <inheritdoc/>
    public override string ToString() =>
        _kind switch
        {
            Kind.InOrder => "in-order",
            Kind.Random => "random",
            _ => string.Create(CultureInfo.InvariantCulture, $"pct:{_depth}:{_steps}"),
        };

    internal Walk Begin(ulong seed) =>
        _kind switch
        {
            Kind.InOrder => new InOrderWalk(),
            Kind.Random => new RandomWalk(seed),
            _ => new PriorityWalk(seed, _depth, _steps),
        };

    private enum Kind
    {
        InOrder,
        Random,
        Priority,
    }
}
