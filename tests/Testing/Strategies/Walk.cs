using CloudScale.Scheduling;

namespace CloudScale.Testing;

/// <summary>One walk through the schedules that are possible.</summary>
internal abstract class Walk
{
    /// <summary>Called once for each actor, when it first can go on.</summary>
    internal virtual void OnNew(Actor actor) { }

    /// <summary>Which goes on.</summary>
    internal abstract Actor Choose(List<Actor> enabled, int step);

    /// <summary>How many reductions the slice has that begins now.</summary>
    internal abstract int Budget();
}

/// <summary>First come, first served.</summary>
internal sealed class InOrderWalk : Walk
{
    internal override Actor Choose(List<Actor> enabled, int step)
    {
        Actor first = enabled[0];
        foreach (Actor actor in enabled)
        {
            if (actor.EnabledAt < first.EnabledAt)
                first = actor;
        }

        return first;
    }

    internal override int Budget() => Process.SliceBudget;
}

/// <summary>At random.</summary>
internal sealed class RandomWalk(ulong seed) : Walk
{
    private SeededRandom _random = new(seed);

    internal override Actor Choose(List<Actor> enabled, int step) =>
        enabled.Count == 1 ? enabled[0] : enabled[_random.Below(enabled.Count)];

    // A process gives way at its next await, or goes on for a while: both happen, and some bugs need the second.
    internal override int Budget() =>
        _random.Below(4) switch
        {
            0 => 1,
            1 => 2,
            2 => 4,
            _ => Process.SliceBudget,
        };
}

/// <summary>By priorities that change at a few moments.</summary>
internal sealed class PriorityWalk : Walk
{
    private const int Patience = 100; // steps in a row; one that only waits for others to act must not keep them from it for ever

    private readonly int[] _changes;
    private SeededRandom _random;
    private Actor? _last;
    private int _inARow;
    private int _lowest;

    internal PriorityWalk(ulong seed, int depth, int steps)
    {
        _random = new SeededRandom(seed);
        _changes = new int[depth - 1];
        for (int i = 0; i < _changes.Length; i++)
            _changes[i] = _random.Below(steps);
    }

    internal override void OnNew(Actor actor) => actor.Priority = 1 + _random.Below(int.MaxValue - 1);

    internal override Actor Choose(List<Actor> enabled, int step)
    {
        Actor best = Highest(enabled);
        bool impatient = best == _last && ++_inARow > Patience && enabled.Count > 1;
        if (impatient || Array.IndexOf(_changes, step) >= 0)
        {
            best.Priority = --_lowest;
            best = Highest(enabled);
        }

        if (best != _last)
        {
            _last = best;
            _inARow = 0;
        }

        return best;
    }

    internal override int Budget() => 1; // a step is what lies between two awaits

    private static Actor Highest(List<Actor> enabled)
    {
        Actor best = enabled[0];
        for (int i = 1; i < enabled.Count; i++)
        {
            if (enabled[i].Priority > best.Priority)
                best = enabled[i];
        }

        return best;
    }
}

/// <summary>SplitMix64: the same numbers for a seed on every machine and in every version.</summary>
internal struct SeededRandom(ulong seed)
{
    private ulong _state = seed;

    internal ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    internal int Below(int limit) => (int)((Next() >> 33) % (ulong)limit);
}
