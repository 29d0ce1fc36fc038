namespace CloudScale.Scheduling;

/// <summary>Where the thread of a scheduler sleeps.</summary>
/// <remarks>
/// One word tells what it was woken for and whether it sleeps, so that waking a thread that does not sleep costs one locked operation and no call to the system. With a
/// <see cref="Futex"/> a sleep is as fine as the system's timers; elsewhere a monitor rounds it up to milliseconds. Threads: own thread sleeps, any thread wakes.
/// </remarks>
internal sealed class Parker
{
    private const int Woken = 1;
    private const int Nudged = 2;
    private const int Asleep = 4;
    private const int AsleepAtInput = 8;

    private readonly int[] _word = GC.AllocateArray<int>(1, pinned: true); // the system is told its address
    private readonly object _gate = new();
    private InputWatch? _input; // where it sleeps, if it sleeps there

    /// <summary>Any thread: ends the sleep, or the next one before it begins, and stays on record until <see cref="TryTakeWakeUp"/>.</summary>
    internal void WakeUp() => Signal(Woken);

    /// <summary>Any thread: ends the sleep so that the sleeper looks at the world anew.</summary>
    internal void Nudge() => Signal(Nudged);

    /// <summary>Own thread, before it looks at what decides how long it sleeps: nudges from now on count.</summary>
    internal void ForgetNudges() => Interlocked.And(ref _word[0], ~Nudged);

    internal bool IsWoken => (Volatile.Read(ref _word[0]) & Woken) != 0;

    /// <summary>Own thread: whether it was woken; once for each time.</summary>
    internal bool TryTakeWakeUp() => (Interlocked.And(ref _word[0], ~Woken) & Woken) != 0;

    /// <summary>Own thread: sleeps until woken or nudged, or for this long; may end early.</summary>
    /// <param name="nanoseconds">How long at most; <see cref="long.MaxValue"/> for any time.</param>
    internal void Sleep(long nanoseconds)
    {
        if (Futex.IsAvailable)
        {
            if (Interlocked.CompareExchange(ref _word[0], Asleep, 0) != 0)
                return;
            Futex.Wait(_word, Asleep, nanoseconds);
            Interlocked.And(ref _word[0], ~Asleep);
            return;
        }

        lock (_gate)
        {
            if (Volatile.Read(ref _word[0]) == 0)
                Interleaving.Wait(_gate, Milliseconds(nanoseconds));
        }
    }

    /// <summary>Own thread: the same at the sources of input, for which it has entered there. True if one of them has something.</summary>
    internal bool SleepAtInput(InputWatch input, long nanoseconds)
    {
        _input = input; // published with the word
        if (Interlocked.CompareExchange(ref _word[0], AsleepAtInput, 0) != 0)
            return false;
        bool has = input.Sleep(nanoseconds);
        Interlocked.And(ref _word[0], ~AsleepAtInput);
        return has;
    }

    private void Signal(int signal)
    {
        if (Futex.IsAvailable)
        {
            int before = Interlocked.Or(ref _word[0], signal);
            if ((before & Asleep) != 0)
                Futex.Wake(_word);
            else if ((before & AsleepAtInput) != 0)
                _input!.Wake();
            return;
        }

        lock (_gate)
        {
            Interlocked.Or(ref _word[0], signal);
            Interleaving.PulseAll(_gate);
        }
    }

    private static int Milliseconds(long nanoseconds) =>
        nanoseconds == long.MaxValue ? Timeout.Infinite : (int)Math.Min((nanoseconds + 999_999) / 1_000_000, int.MaxValue);
}
