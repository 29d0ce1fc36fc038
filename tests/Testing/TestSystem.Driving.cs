using System.Globalization;
using System.Text;

namespace CloudScale.Testing;

/// <summary>How a test lets the system run.</summary>
public sealed partial class TestSystem
{
    /// <summary>Takes one step. False if nobody can take one before time passes or a task completes.</summary>
    /// <exception cref="TestFailureException">A process crashed, or an invariant does not hold.</exception>
    public bool Step()
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_context);
        try
        {
            return StepHere();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    /// <summary>Lets everyone go on until nobody can, without time passing (unless it does so by itself always).</summary>
    /// <exception cref="TestFailureException">A process crashed, an invariant does not hold, or it did not come to rest.</exception>
    public void Settle() => Drive(static () => false, limitTicks: -1, foreign: false);

    /// <summary>Lets so much time pass, and everyone go on meanwhile.</summary>
    /// <inheritdoc cref="Settle" path="/exception"/>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        long target = Time.Ticks + by.Ticks;
        Settle();
        while (_director.AdvanceToNextTimer(target))
            Settle();
        _director.MoveClock(target);
        Settle();
    }

    /// <summary>Lets everyone go on until a condition holds; time passes when nothing else does.</summary>
    /// <param name="condition">Looked at between steps.</param>
    /// <param name="within">Virtual time; <see cref="TestOptions.Within"/> by default.</param>
    /// <returns>False if it did not come to hold: nobody can go on, or the time is over.</returns>
    /// <inheritdoc cref="Settle" path="/exception"/>
    public bool RunUntil(Func<bool> condition, TimeSpan? within = null)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return Drive(condition, Limit(within), foreign: false);
    }

    /// <summary>Lets everyone go on until these processes have exited.</summary>
    /// <exception cref="TestFailureException">They do not, however much virtual time passes: a deadlock. The message says what every process waits for. Or as for <see cref="Settle"/>.</exception>
    public void Join(params ReadOnlySpan<Pid> processes)
    {
        Pid[] all = processes.ToArray();
        if (!Drive(() => Array.TrueForAll(all, pid => !Exists(pid)), long.MaxValue, foreign: false))
            throw Failed($"{string.Join(", ", all.Where(Exists))} did not exit");
    }

    /// <summary>Runs a body as a process to its end: a test written as a process.</summary>
    /// <exception cref="TestFailureException">It crashed or does not end; or as for <see cref="Settle"/>.</exception>
    public void Run(Func<Self, ProcessTask> body) => Join(Spawn(body));

    /// <summary>Runs an async method of the test to its end. Its continuations are steps of the schedule.</summary>
    /// <exception cref="TestFailureException">It does not end; or as for <see cref="Settle"/>. What the method throws comes through.</exception>
    public void Run(Func<Task> method)
    {
        ArgumentNullException.ThrowIfNull(method);
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_context);
        Task task;
        try
        {
            task = method();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }

        bool ended = Drive(() => task.IsCompleted, long.MaxValue, foreign: true);
        if (!ended)
            throw Failed("the test awaits a task that nobody completes");
        task.GetAwaiter().GetResult();
    }

    /// <summary>What every process is doing, a line each.</summary>
    public string Describe()
    {
        StringBuilder text = new();
        Processes.Table.ForEach(process =>
        {
            if (process.IsExited)
                return;
            text.Append(CultureInfo.InvariantCulture, $"  {Testing.Trace.NameOf(process)} {process.DescribeWait()}");
            List<object> messages = process.PeekMessages();
            if (messages.Count > 0)
                text.Append("; in its mailbox: ")
                    .AppendJoin(", ", messages.Take(10).Select(Testing.Trace.Format))
                    .Append(messages.Count > 10 ? ", …" : "");
            text.AppendLine();
        });
        return text.Length == 0 ? "  no process is alive" : Shorten(text.ToString().TrimEnd());
    }

    internal long Limit(TimeSpan? within)
    {
        long ticks = (within ?? _options.Within).Ticks;
        return ticks < 0 || ticks > long.MaxValue - Time.Ticks ? long.MaxValue : Time.Ticks + ticks;
    }

    internal Director Director => _director;

    internal bool Exists(Pid pid) => Processes.Table.Find(pid.Number) is { IsExited: false };

    /// <summary>A failure with all that helps to understand it.</summary>
    internal TestFailureException Failed(string what, Exception? cause = null)
    {
        StringBuilder text = new(what);
        text.Append(
            CultureInfo.InvariantCulture,
            $"\nschedule {Schedule}, step {Steps}, time {Time.Elapsed.TotalMilliseconds} ms\n{Describe()}"
        );
        if (_trace is not null)
            text.Append("\nthe last steps:\n").Append(_trace.Text);
        return _failure = new TestFailureException(Shorten(text.ToString()), cause) { Schedule = Schedule };
    }

    /// <summary>Pids of this node as its own shell would print them.</summary>
    private string Shorten(string text) => text.Replace($"<{_options.Identity.Name.Name}.", "<0.", StringComparison.Ordinal);

    /// <summary>Steps until the condition holds.</summary>
    /// <param name="condition">Looked at between steps.</param>
    /// <param name="limitTicks">How far time may pass; negative for a drive that ends when nobody can step.</param>
    /// <param name="foreign">Whether the test itself awaits a task.</param>
    private bool Drive(Func<bool> condition, long limitTicks, bool foreign)
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_context);
        try
        {
            while (!condition())
            {
                if (StepHere())
                    continue;
                if (limitTicks < 0)
                    return false;
                if (_options.Time != TimePassing.ByHand && _director.AdvanceToNextTimer(limitTicks))
                    continue;
                if (!(foreign || SomethingForeignIsAwaited()) || !_director.WaitForOutside(_options.OutsidePatience))
                    return condition();
            }

            return true;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private bool StepHere()
    {
        bool stepped = _director.Step();
        if (_crash is { } crash)
        {
            _crash = null;
            throw Failed(
                $"{crash.Process}{(crash.Name is null ? "" : $" ({crash.Name})")} crashed: {crash.Exception.Message}",
                crash.Exception
            );
        }

        if (_failure is not null)
            throw _failure;
        if (!stepped)
            return false;
        foreach ((string name, Func<bool> holds) in _invariants)
        {
            if (!holds())
                throw Failed($"after step {Steps} it no longer holds that {name}");
        }

        if (Steps > _options.MaxSteps)
            throw Failed($"no rest after {_options.MaxSteps} steps");
        return true;
    }

    private bool SomethingForeignIsAwaited()
    {
        bool any = false;
        Processes.Table.ForEach(process => any |= process.AwaitsForeign);
        return any;
    }
}
