using System.Diagnostics.CodeAnalysis;
using CloudScale.Scheduling;

namespace CloudScale.Exploration.Tests;

/// <summary>One schedule: a set of threads of which one runs at a time, in an order that follows from a seed.</summary>
/// <remarks>
/// Sequentially consistent interleavings only: what a weak memory model may reorder beyond them, this does not find. Threads: the exploring thread sets up, calls <see cref="Run"/>,
/// and checks; the threads of the schedule call the rest through <see cref="Interleaving"/>.
/// </remarks>
internal sealed class Schedule : IInterleaver, IDisposable
{
    private const int StepLimit = 20_000;
    private const int LongWaitMs = 5_000; // how long an idle spare lives, by the real clock: in a schedule, for ever

    [ThreadStatic]
    private static Baton? t_me;

    private readonly Choice _choice;
    private readonly List<Baton> _batons = [];
    private readonly List<Baton> _runnable = [];
    private readonly SemaphoreSlim _finished = new(0);
    private readonly List<string>? _trace;
    private readonly List<ProcessSystem> _systems = [];
    private Baton? _current;
    private int _atomic;
    private bool _quiet;
    private bool _aborted;
    private Exception? _failure;

    internal Schedule(ulong seed, bool traced)
    {
        _choice = new Choice(seed);
        _trace = traced ? [] : null;
        Interleaving.Current = this;
    }

    internal int Steps { get; private set; }

    internal ManualTime Time { get; } = new();

    /// <summary>The steps taken, if they were asked for: thread, file and line each.</summary>
    internal IReadOnlyList<string> Trace => _trace ?? [];

    /// <summary>Exploring thread, or a thread of the schedule: adds a thread.</summary>
    public void Start(string name, Action body)
    {
        Baton baton = new(name, body, _choice.NewPriority()) { Runner = Runner.Rent() };
        _batons.Add(baton);
        baton.Runner.Begin(() => Play(baton));
    }

    /// <summary>A node whose schedulers are threads of this schedule.</summary>
    internal ProcessSystem StartNode(int schedulers = 2, int maxProcesses = 200)
    {
        ProcessSystem system = new(
            new ProcessSystemOptions
            {
                Schedulers = schedulers,
                MaxProcesses = maxProcesses,
                TimeProvider = Time,
                MaxBlockedSchedulers = 2,
            }
        );
        _systems.Add(system);
        return system;
    }

    /// <summary>Exploring thread: lets the threads run until none can go on, not even with time; then whatever they have to do must be done.</summary>
    internal void Run()
    {
        PassBaton();
        foreach (ProcessSystem system in _systems)
            CheckAtRest(system);
    }

    /// <summary>Exploring thread: lets the threads run until all have ended by themselves.</summary>
    internal void RunToEnd()
    {
        PassBaton();
        CheckEnded();
    }

    /// <summary>Fails the schedule unless the condition holds. Also in the body of a process, which would only crash of an exception.</summary>
    internal void Check([DoesNotReturnIf(false)] bool holds, string otherwise)
    {
        if (holds)
            return;
        ScheduleFailedException failure = new(otherwise);
        if (t_me is not null)
            Fail(failure);
        throw failure;
    }

    /// <summary>Fails the schedule of the calling thread.</summary>
    internal static void FailCurrent(string message)
    {
        ScheduleFailedException failure = new(message);
        if (t_me is not null && Interleaving.Current is Schedule schedule)
            schedule.Fail(failure);
        throw failure;
    }

    /// <summary>A line among the steps.</summary>
    internal void Note(string text) => _trace?.Add($"  {t_me?.Name ?? "test"}: {text}");

    /// <summary>Exploring thread, after the last check: stops the nodes; every thread must end.</summary>
    internal void Stop()
    {
        _quiet = true; // a scheduler has some slices to go before it looks at the flag: nothing to explore
        foreach (ProcessSystem system in _systems)
            system.Group.Stop();
        PassBaton();
        CheckEnded();
    }

    private void CheckEnded()
    {
        string left = string.Join(", ", _batons.Where(baton => baton.State != BatonState.Done).Select(baton => baton.Name));
        Check(left.Length == 0, $"threads that did not end: {left}");
    }

    /// <summary>Ends the threads that are left, as after a failure.</summary>
    public void Dispose()
    {
        _aborted = true;
        foreach (Baton baton in _batons.ToArray())
        {
            if (baton.State == BatonState.Done)
                continue;
            baton.Runner.Go();
            _finished.Wait();
        }

        Interleaving.Current = null;
        foreach (Baton baton in _batons)
            Runner.Return(baton.Runner);
    }

    private void PassBaton()
    {
        if (ChooseNext() is not { } first)
            return;
        _current = first;
        first.Runner.Go();
        _finished.Wait();
        if (_failure is not null)
            throw new ScheduleFailedException(_failure.Message, _failure);
    }

    // ---- the threads' side ----

    void IInterleaver.Point(string file, int line)
    {
        if (t_me is not { } me || _atomic > 0)
            return;
        if (_aborted)
            throw new AbortedException();
        if (_quiet)
            return;
        _trace?.Add($"{me.Name} at {Path.GetFileName(file)}:{line}");
        if (++Steps > StepLimit)
        {
            Fail(new ScheduleFailedException($"no end after {StepLimit} steps"));
            throw new AbortedException();
        }

        Baton next = ChooseNext()!;
        if (next != me)
            HandOver(me, next);
    }

    void IInterleaver.Atomic(int change) => _atomic += t_me is null ? 0 : change;

    void IInterleaver.Wait(object gate, int timeoutMs)
    {
        Baton me = t_me!;
        if (_aborted)
            throw new AbortedException();
        _trace?.Add($"{me.Name} waits" + (timeoutMs >= 0 ? $" for {timeoutMs} ms" : ""));
        me.State = BatonState.Waiting;
        me.Gate = gate;
        me.DueMs = timeoutMs is < 0 or > LongWaitMs ? long.MaxValue : Time.NowMs + timeoutMs;
        if (ChooseNext() is not { } next)
        {
            _finished.Release();
            AwaitTurn(me);
        }
        else if (next != me)
        {
            HandOver(me, next);
        }
    }

    void IInterleaver.PulseAll(object gate)
    {
        foreach (Baton baton in _batons)
        {
            if (baton.State == BatonState.Waiting && ReferenceEquals(baton.Gate, gate))
                baton.State = BatonState.Runnable;
        }
    }

    private void HandOver(Baton me, Baton next)
    {
        _current = next;
        next.Runner.Go();
        AwaitTurn(me);
    }

    private void AwaitTurn(Baton me)
    {
        me.Runner.Wait();
        if (_aborted)
            throw new AbortedException();
    }

    private Baton? ChooseNext()
    {
        CollectRunnable();
        bool canWaitLonger = _runnable.Count > 0;
        if ((!canWaitLonger || _choice.LetTimePass()) && FirstDue() is { } due)
        {
            Time.AdvanceTo(due.DueMs);
            due.State = BatonState.Runnable;
            CollectRunnable();
        }

        return _runnable.Count == 0 ? null : _choice.Choose(_runnable, _current, Steps);
    }

    private void CollectRunnable()
    {
        _runnable.Clear();
        foreach (Baton baton in _batons)
        {
            if (baton.State == BatonState.Runnable)
                _runnable.Add(baton);
        }
    }

    private Baton? FirstDue()
    {
        Baton? first = null;
        foreach (Baton baton in _batons)
        {
            if (baton.State == BatonState.Waiting && baton.DueMs != long.MaxValue && (first is null || baton.DueMs < first.DueMs))
                first = baton;
        }

        return first;
    }

    private void Play(Baton me)
    {
        t_me = me;
        Interleaving.Current = this;
        try
        {
            if (!_aborted)
                me.Body();
        }
        catch (AbortedException) { }
        catch (Exception exception)
        {
            Fail(exception);
        }
        finally
        {
            t_me = null;
            Interleaving.Current = null;
        }

        me.State = BatonState.Done;
        if (!_aborted && ChooseNext() is { } next)
        {
            _current = next;
            next.Runner.Go();
        }
        else
        {
            _finished.Release();
        }
    }

    private void Fail(Exception exception)
    {
        _failure ??= exception;
        _aborted = true;
    }

    /// <summary>With every thread at rest nothing may be left to do: else a wake-up was lost.</summary>
    private void CheckAtRest(ProcessSystem system)
    {
        Check(system.Group.InjectQueue.IsEmpty, "at rest, but processes wait in the inject queue: a scheduler's wake-up was lost");
        foreach (Scheduling.Scheduler scheduler in system.Group.All)
            Check(scheduler.Queue.IsEmpty && !scheduler.HoldsWork, $"at rest, but processes wait on scheduler {scheduler.Index}");
        foreach (Atom name in system.Names.Names())
            Check(
                system.Names.Find(name) is { } bearer && system.Table.Find(bearer.Number) == bearer,
                $"the name {name} is with a process that is gone"
            );
        system.Table.ForEach(process =>
            Check(
                process.Name is not { } name || system.Names.Find(name) == process,
                $"{process.Pid} says that it is {process.Name}, and the table does not"
            )
        );
        system.Table.ForEach(process => Check(process.IsParked, $"at rest, but {process.Pid} is not parked and nobody runs it"));
    }

    /// <summary>Unwinds a thread of a schedule that has failed.</summary>
    private sealed class AbortedException : Exception;
}

/// <summary>A schedule did what it should not.</summary>
internal sealed class ScheduleFailedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A clock that schedules own.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    internal long NowMs => _ticks / TimeSpan.TicksPerMillisecond;

    public override long GetTimestamp() => _ticks;

    internal void AdvanceTo(long milliseconds) => _ticks = Math.Max(_ticks, milliseconds * TimeSpan.TicksPerMillisecond);
}
