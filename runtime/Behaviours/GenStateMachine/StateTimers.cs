namespace CloudScale.Runtime.Behaviours;

/// <summary>The time-outs of one state machine.</summary>
/// <remarks>
/// Threads: the machine's process. A timer sends itself to the process; whether it still counts is a look into the table. Those of no length never leave the process: they fire when no event
/// waits that has been received already, and before any that has not.
/// </remarks>
internal sealed class StateTimers
{
    private readonly Dictionary<object, StateTimer> _timers = [];
    private readonly Queue<StateTimer> _due = new();

    internal int Count => _timers.Count;

    internal void Set(Self self, object key, TimeSpan time, bool isAbsolute, object content)
    {
        Cancel(key);
        TimeSpan after = isAbsolute ? time - self.System.MonotonicTime : time;
        StateTimer timer = new(key, content);
        _timers[key] = timer;
        if (after <= TimeSpan.Zero)
            _due.Enqueue(timer);
        else
            timer.Handle = self.SendAfter(after, self.Pid, timer);
    }

    internal void Update(Self self, object key, object content)
    {
        if (_timers.TryGetValue(key, out StateTimer? timer))
            timer.Content = content;
        else
            Set(self, key, TimeSpan.Zero, isAbsolute: false, content);
    }

    internal void Cancel(object key)
    {
        if (_timers.Remove(key, out StateTimer? timer))
            timer.Handle.Cancel();
    }

    /// <summary>A timer has fired: its event, if it still counts.</summary>
    internal bool TryFire(StateTimer timer, out StateEvent fired)
    {
        fired = default;
        if (!_timers.TryGetValue(timer.Key, out StateTimer? current) || !ReferenceEquals(current, timer))
            return false;
        _timers.Remove(timer.Key);
        fired = TimerKeys.ToEvent(timer.Key, timer.Content);
        return true;
    }

    /// <summary>The oldest timer of no length that still counts.</summary>
    internal bool TryFireDue(out StateEvent fired)
    {
        while (_due.TryDequeue(out StateTimer? timer))
        {
            if (TryFire(timer, out fired))
                return true;
        }

        fired = default;
        return false;
    }

    /// <summary>All that run: <c>{Type, Content}</c> each.</summary>
    internal List ToTerm() => List.Create([.. _timers.Values.Select(timer => TimerKeys.ToEvent(timer.Key, timer.Content).ToTerm())]);
}

/// <summary>One time-out, and the message by which it fires.</summary>
internal sealed class StateTimer(object key, object content)
{
    internal readonly object Key = key;
    internal object Content = content;
    internal ProcessTimer Handle;
}
