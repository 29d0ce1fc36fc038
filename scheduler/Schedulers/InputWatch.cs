using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace CloudScale.Scheduling;

/// <summary>The sources of input that the schedulers of a node look at, and the sleep of the one that sleeps on their descriptors.</summary>
/// <remarks>
/// At most one scheduler sleeps here, and only if none searches, for one that searches looks anyway; so nothing that comes wakes a thread in vain. Who leaves the sleep searches, and hands the search on when it
/// finds something: the next one that finds nothing sleeps here. Threads: as said with each member.
/// </remarks>
internal sealed class InputWatch
{
    private static readonly long s_busyInterval = Stopwatch.Frequency / 20_000; // 50 µs: a look costs one

    private readonly Lock _lock = new();
    private IInputSource[] _sources = []; // replaced under the lock
    private int[] _descriptors = [];
    private SafeFileHandle? _event; // set with the first source
    private bool _isStopped; // under the lock
    private int _hasSleeper;
    private long _lastPoll;
    private long _watchedPoll;

    /// <summary>Whether there is anything to look at. Any thread.</summary>
    internal bool Any => Volatile.Read(ref _sources).Length > 0;

    /// <summary>Whether a scheduler sleeps here. Any thread.</summary>
    internal bool HasSleeper => Volatile.Read(ref _hasSleeper) != 0;

    /// <summary>Any thread: one more source. False, where the system cannot wait for it or the schedulers have stopped.</summary>
    internal bool TryAdd(IInputSource source)
    {
        lock (_lock)
        {
            if (_isStopped || (_event is null && !Descriptors.TryMakeEvent(out _event)))
                return false;
            if (source.Descriptor >= 0)
                Volatile.Write(ref _descriptors, [.. _descriptors, source.Descriptor]);
            Volatile.Write(ref _sources, [.. _sources, source]);
            return true;
        }
    }

    /// <summary>Own thread of a scheduler, outside of bodies, or the watchdog: looks at all of them.</summary>
    /// <param name="now">The time, as far as the caller knows it: what is found need not wait for a clock to be read.</param>
    /// <returns>How many signals that brought; 0 if there was nothing.</returns>
    internal int Poll(long now)
    {
        int found = 0;
        foreach (IInputSource source in Volatile.Read(ref _sources))
            found += source.Poll();
        Volatile.Write(ref _lastPoll, now);
        return found;
    }

    /// <summary>Own thread of a busy scheduler: looks, if nobody has for a while and nobody is going to.</summary>
    internal bool PollIfDue()
    {
        if (HasSleeper)
            return false;
        long now = Stopwatch.GetTimestamp();
        return now - Volatile.Read(ref _lastPoll) > s_busyInterval && Poll(now) > 0;
    }

    /// <summary>Watchdog: whether nobody has looked since its last question, and nobody sleeps here.</summary>
    internal bool IsOverdue()
    {
        long last = Volatile.Read(ref _lastPoll);
        bool isOverdue = Any && !HasSleeper && last == _watchedPoll;
        _watchedPoll = last;
        return isOverdue;
    }

    /// <summary>Own thread of a scheduler: whether it is the one that may sleep here, until <see cref="Leave"/>.</summary>
    internal bool TryEnter() => Any && Interlocked.CompareExchange(ref _hasSleeper, 1, 0) == 0;

    internal void Leave() => Volatile.Write(ref _hasSleeper, 0);

    /// <summary>Who has entered: sleeps until there is something, until <see cref="Wake"/>, or for this long; may end early. True if there is something.</summary>
    internal bool Sleep(long nanoseconds)
    {
        bool has = false;
        foreach (IInputSource source in Volatile.Read(ref _sources))
            has |= source.Arm();
        if (has)
            return true;
        int[] descriptors = Volatile.Read(ref _descriptors);
        SafeFileHandle woken = _event!;
        Span<Descriptors.Entry> entries = stackalloc Descriptors.Entry[descriptors.Length + 1];
        bool added = false;
        try
        {
            woken.DangerousAddRef(ref added);
            entries[0] = new Descriptors.Entry((int)woken.DangerousGetHandle());
            for (int i = 0; i < descriptors.Length; i++)
                entries[i + 1] = new Descriptors.Entry(descriptors[i]);
            Descriptors.Wait(entries, nanoseconds);
        }
        finally
        {
            if (added)
                woken.DangerousRelease();
        }

        if (entries[0].IsReady)
            Descriptors.Clear(woken);
        foreach (Descriptors.Entry entry in entries[1..])
            has |= entry.IsReady;
        return has;
    }

    /// <summary>Any thread: ends the sleep, or the next one.</summary>
    internal void Wake()
    {
        try
        {
            Descriptors.Signal(_event!);
        }
        catch (ObjectDisposedException)
        {
            // Stopped: nobody sleeps here any more.
        }
    }

    /// <summary>The threads of the schedulers have ended.</summary>
    internal void Stop()
    {
        IInputSource[] sources;
        lock (_lock)
        {
            _isStopped = true;
            sources = _sources;
            Volatile.Write(ref _sources, []);
        }

        _event?.Dispose();
        foreach (IInputSource source in sources)
            source.OnStopped();
    }
}
