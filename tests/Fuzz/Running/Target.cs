namespace CloudScale.Fuzz.Running;

/// <summary>Something that reads bytes from anyone, and what must hold whatever they are.</summary>
/// <remarks>Threads: one; each has targets of its own.</remarks>
internal abstract class Target
{
    /// <summary>What the options and the seed files call it.</summary>
    public abstract string Name { get; }

    /// <summary>How many inputs ended how, in words of the target.</summary>
    public SortedDictionary<string, long> Outcomes { get; } = new(StringComparer.Ordinal);

    /// <summary>The most that was allocated for a byte of input beyond the allowance.</summary>
    public double WorstRatio { get; protected set; }

    /// <summary>Makes the next input of a random kind.</summary>
    public abstract void Generate(Draft draft, Rng rng);

    /// <summary>Reads an input in every way there is.</summary>
    /// <exception cref="BrokenPromiseException">Something does not hold.</exception>
    public abstract void Check(ReadOnlySpan<byte> input, Rng rng);

    protected static void Require(bool holds, string promise)
    {
        if (!holds)
            throw new BrokenPromiseException(promise);
    }

    protected void Count(string outcome) => Outcomes[outcome] = Outcomes.GetValueOrDefault(outcome) + 1;
}

/// <summary>What should hold of every input does not hold of one.</summary>
internal sealed class BrokenPromiseException(string promise) : Exception(promise);
