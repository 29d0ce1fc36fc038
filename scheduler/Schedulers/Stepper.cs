namespace CloudScale.Scheduling;

/// <summary>Runs the schedulers of a node one slice at a time, on the caller's thread, in an order that a seed decides.</summary>
/// <remarks>
/// The seam for deterministic tests: which scheduler moves, whom it robs and (with a time provider that the test owns) when timers fire all follow from the seed. The code that runs is
/// the code of the threaded node; only the choice is taken from it. Threads: the caller's; nothing else may run processes of the system.
/// </remarks>
internal sealed class Stepper
{
    private readonly ProcessSystem _system;
    private ulong _state;

    /// <param name="system">A system made with <see cref="ProcessSystemOptions.Stepped"/>.</param>
    /// <param name="seed">Decides every choice.</param>
    internal Stepper(ProcessSystem system, ulong seed)
    {
        _system = system;
        _state = seed;
    }

    /// <summary>Runs one slice of one process on one scheduler; false if nothing is runnable.</summary>
    internal bool Step()
    {
        Scheduler[] all = _system.Group.All;
        int start = (int)(Next() % (ulong)all.Length);
        for (int i = 0; i < all.Length; i++)
        {
            if (all[(start + i) % all.Length].Step())
                return true;
        }

        return false;
    }

    /// <summary>Steps until nothing is runnable; returns the steps taken.</summary>
    /// <exception cref="InvalidOperationException">It did not come to rest within the limit.</exception>
    internal int Run(int limit = 1_000_000)
    {
        for (int steps = 0; steps < limit; steps++)
        {
            if (!Step())
                return steps;
        }

        throw new InvalidOperationException($"Still runnable after {limit} steps.");
    }

    /// <summary>SplitMix64.</summary>
    private ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
