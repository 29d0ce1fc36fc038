namespace CloudScale.Runtime.Behaviours;

/// <summary>What <c>sys</c> has been asked to do with a process: hold it, trace it, log, count.</summary>
/// <remarks>Threads: the process. Made when first needed. Source: OTP, sys, "debug options".</remarks>
internal sealed class SysWatch
{
    private static readonly Atom s_in = Atom.Of("in");
    private static readonly Atom s_out = Atom.Of("out");
    private static readonly Atom s_trace = Atom.Of("trace");
    private static readonly Atom s_log = Atom.Of("log");
    private static readonly Atom s_statistics = Atom.Of("statistics");

    private readonly Queue<object> _log = new();
    private readonly List<Hook> _hooks = [];
    private DateTimeOffset _startTime;
    private long _startReductions;
    private long _messagesIn;
    private long _messagesOut;

    internal bool IsSuspended { get; set; }

    internal bool IsTracing { get; set; }

    internal int LogSize { get; private set; }

    internal bool IsCounting { get; private set; }

    /// <summary>Whether events are wanted at all.</summary>
    internal bool IsActive => IsTracing || LogSize > 0 || IsCounting || _hooks.Count > 0;

    /// <summary>The newest events, oldest first.</summary>
    internal List Log => List.Create([.. _log]);

    internal void KeepLog(int size)
    {
        LogSize = size;
        while (_log.Count > size)
            _log.Dequeue();
    }

    internal void Count(bool on, ProcessSystemClock clock)
    {
        IsCounting = on;
        _startTime = clock.Now;
        _startReductions = clock.Reductions;
        _messagesIn = 0;
        _messagesOut = 0;
    }

    /// <summary>Forgets all but whether the process is held.</summary>
    internal void Clear()
    {
        IsTracing = false;
        KeepLog(0);
        IsCounting = false;
        _hooks.Clear();
    }

    /// <summary>The statistics as <c>sys:statistics(_, get)</c> gives them; null if nothing is counted.</summary>
    internal object? Statistics(ProcessSystemClock clock) =>
        IsCounting
            ? List.Of(
                Tuple.Of(Atom.Of("start_time"), LocalTime(_startTime)),
                Tuple.Of(Atom.Of("current_time"), LocalTime(clock.Now)),
                Tuple.Of(Atom.Of("reductions"), clock.Reductions - _startReductions),
                Tuple.Of(Atom.Of("messages_in"), _messagesIn),
                Tuple.Of(Atom.Of("messages_out"), _messagesOut)
            )
            : null;

    internal void Install(object id, Func<object, object, object, object?> hook, object state)
    {
        Remove(id);
        _hooks.Add(new Hook(id, hook, state));
    }

    internal void Remove(object id) => _hooks.RemoveAll(hook => Equals(hook.Id, id) || (id is Delegate && Equals(hook.Function, id)));

    /// <summary>An event: <c>{in, Message}</c>, <c>{out, Message, To, State}</c> and others that a behaviour has.</summary>
    internal void OnEvent(Tuple happened, object name)
    {
        if (LogSize > 0)
        {
            if (_log.Count == LogSize)
                _log.Dequeue();
            _log.Enqueue(happened);
        }

        if (IsCounting && ReferenceEquals(happened[0], s_in))
            _messagesIn++;
        else if (IsCounting && ReferenceEquals(happened[0], s_out))
            _messagesOut++;
        for (int i = _hooks.Count - 1; i >= 0; i--)
            CallHook(i, happened, name);
    }

    /// <summary>A hook that is done, or fails, is removed; the process goes on.</summary>
    private void CallHook(int index, Tuple happened, object name)
    {
        Hook hook = _hooks[index];
        object? next;
        try
        {
            next = hook.Function(hook.State, happened, name);
        }
        catch (Exception)
        {
            next = null;
        }

        if (next is null || (next is Atom done && done.Name == "done"))
            _hooks.RemoveAt(index);
        else
            _hooks[index] = hook with { State = next };
    }

    /// <summary>The options in force, for <c>get_status</c>.</summary>
    internal List Options
    {
        get
        {
            List<object> options = [];
            if (IsTracing)
                options.Add(Tuple.Of(s_trace, Atoms.True));
            if (LogSize > 0)
                options.Add(Tuple.Of(s_log, Tuple.Of((long)LogSize, Log)));
            if (IsCounting)
                options.Add(Tuple.Of(s_statistics, Atoms.True));
            return List.Create([.. options]);
        }
    }

    private static Tuple LocalTime(DateTimeOffset time)
    {
        DateTimeOffset local = time.ToLocalTime();
        return Tuple.Of(
            Tuple.Of((long)local.Year, (long)local.Month, (long)local.Day),
            Tuple.Of((long)local.Hour, (long)local.Minute, (long)local.Second)
        );
    }

    private sealed record Hook(object Id, Func<object, object, object, object?> Function, object State);
}

/// <summary>What statistics are measured by.</summary>
internal readonly record struct ProcessSystemClock(DateTimeOffset Now, long Reductions);
