namespace CloudScale.Exploration.Tests;

/// <summary>Decides from one seed which thread goes on at each point.</summary>
/// <remarks>
/// Half of the seeds walk at random, each with a likelihood of its own to leave the running thread; the other half give threads priorities, of which the running one loses its own at a few
/// moments drawn beforehand. Source: Burckhardt, Kothari, Musuvathi, Nagarakatte, "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010.
/// </remarks>
internal sealed class Choice
{
    private const int Patience = 300; // points in a row; then a thread that may only be waiting for another one loses its priority

    private readonly bool _byPriority;
    private readonly uint _leave; // of 256
    private readonly HashSet<int> _changes = [];
    private ulong _state;
    private int _lowest;
    private int _inARow;

    internal Choice(ulong seed)
    {
        _state = seed;
        ulong kind = Next();
        _byPriority = (kind & 1) == 0;
        _leave = (kind >> 1 & 3) switch
        {
            0 => 128,
            1 => 64,
            2 => 24,
            _ => 200,
        };
        if (!_byPriority)
            return;
        int length = 16 << (int)(Next() % 6); // how many points the schedule may have: 16 to 512
        int changes = (int)(Next() % 4);
        for (int i = 0; i < changes; i++)
            _changes.Add((int)(Next() % (ulong)length));
    }

    /// <summary>A priority for a new thread.</summary>
    internal int NewPriority() => 1 + (int)(Next() >> 34);

    /// <summary>Whether a timed wait shall end now, although threads could go on.</summary>
    internal bool LetTimePass() => Next() % 24 == 0;

    internal Baton Choose(List<Baton> runnable, Baton? current, int step)
    {
        if (!_byPriority)
        {
            if (current is { State: BatonState.Runnable } && (Next() & 255) >= _leave)
                return current;
            return runnable[(int)(Next() % (ulong)runnable.Count)];
        }

        if (current is not null && (_changes.Contains(step) || ++_inARow > Patience))
            current.Priority = --_lowest;
        Baton best = runnable[0];
        foreach (Baton baton in runnable)
        {
            if (baton.Priority > best.Priority)
                best = baton;
        }

        if (best != current)
            _inARow = 0;
        return best;
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
