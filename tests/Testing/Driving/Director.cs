using CloudScale.Scheduling;

namespace CloudScale.Testing;

/// <summary>Takes the steps of a system under test.</summary>
/// <remarks>Threads: all but <see cref="Offer"/>, <see cref="Post"/> and <see cref="PostWork"/> – the driving one. What comes from other threads waits for the next step; it cannot be replayed.</remarks>
internal sealed class Director(Walk walk, Trace? trace, bool timePasses) : IDirector
{
    private readonly Dictionary<Process, Actor> _actors = [];
    private readonly List<Actor> _enabled = [];
    private readonly Actor _host = new(ActorKind.Host, null);
    private readonly Actor _tasks = new(ActorKind.Tasks, null);
    private readonly Actor _time = new(ActorKind.Time, null);
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _work = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;

    private readonly object _outsideLock = new(); // and where the driving thread waits for them
    private readonly Queue<Action> _outside = new();
    private volatile int _outsideCount;

    private Scheduler _scheduler = null!;
    private VirtualTime _clock = null!;
    private Actor? _running;
    private bool _direct;
    private long _enablings;

    internal int Steps { get; private set; }

    /// <summary>The process whose code runs now; null between steps.</summary>
    internal Process? Running => _running?.Process;

    /// <summary>Told of each message that arrives at a process, and who sent it: how probes know whom to answer.</summary>
    internal Action<Process, Envelope, Process?>? OnArrival { get; set; }

    internal void Attach(ProcessSystem system, VirtualTime clock)
    {
        _scheduler = system.Group.All[0];
        _scheduler.GiveUpQueue();
        _clock = clock;
    }

    // ---- from the system ----

    public void Offer(Process process)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            FromOutside(() => Offer(process));
            return;
        }

        Actor actor = ActorOf(process);
        actor.IsReady = true;
        Enable(actor);
    }

    public Posted Post(Process to, Envelope envelope)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            FromOutside(() => Post(to, envelope));
            return Posted.Queued;
        }

        if (to.IsExited)
            return Posted.Dead;
        Actor from = _running ?? _host;
        if (_direct || from.Process == to) // a timer fires; or a process sends to itself, which takes no time
            return Deliver(from, to, envelope);
        from.Outbox.Enqueue(new Parcel(to, envelope));
        Enable(from);
        trace?.OnSent(from.Process, to, envelope);
        return Posted.Queued;
    }

    /// <summary>A continuation that wants to run where it was captured.</summary>
    internal void PostWork(SendOrPostCallback callback, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            FromOutside(() => PostWork(callback, state));
            return;
        }

        _work.Enqueue((callback, state));
        _tasks.IsReady = true;
        Enable(_tasks);
    }

    private void FromOutside(Action arrival)
    {
        lock (_outsideLock)
        {
            _outside.Enqueue(arrival);
            _outsideCount = _outside.Count;
            Monitor.Pulse(_outsideLock);
        }
    }

    /// <summary>Waits by the real clock for something to come from another thread. False if nothing did.</summary>
    internal bool WaitForOutside(TimeSpan patience)
    {
        lock (_outsideLock)
        {
            if (_outside.Count == 0)
                Monitor.Wait(_outsideLock, patience);
            return _outside.Count > 0;
        }
    }

    private void TakeOutside()
    {
        while (_outsideCount > 0)
        {
            Action arrival;
            lock (_outsideLock)
            {
                arrival = _outside.Dequeue();
                _outsideCount = _outside.Count;
            }

            arrival();
        }
    }

    // ---- steps ----

    /// <summary>Takes one step; false if nobody can.</summary>
    internal bool Step()
    {
        if (_running is not null)
            throw new InvalidOperationException("A process tried to drive the test it runs in. Drive it from outside of any process.");
        TakeOutside();
        if (timePasses)
            OfferTime();
        if (_enabled.Count == 0)
            return false;

        Actor actor = walk.Choose(_enabled, Steps++);
        if (actor.Outbox.TryDequeue(out Parcel parcel))
        {
            // One that exited while this was on its way: it is answered as the process itself would have answered.
            if (Deliver(actor, parcel.To, parcel.Envelope) == Posted.Dead && parcel.Envelope is Signal signal)
                Reject(signal, parcel.To);
        }
        else
        {
            actor.IsReady = false;
            switch (actor.Kind)
            {
                case ActorKind.Process:
                    RunSlice(actor);
                    break;
                case ActorKind.Tasks:
                    RunWork();
                    break;
                case ActorKind.Time:
                    AdvanceToNextTimer(long.MaxValue);
                    break;
            }
        }

        if (!actor.CanStep)
            Disable(actor);
        return true;
    }

    private void RunSlice(Actor actor)
    {
        Process process = actor.Process!;
        trace?.OnSliceBegins(process);
        _running = actor;
        try
        {
            SliceEnd end = _scheduler.RunDirected(process, walk.Budget());
            trace?.OnSliceEnds(process, end);
        }
        finally
        {
            _running = null;
        }

        if (process.IsExited && !actor.CanStep)
            _actors.Remove(process);
    }

    private void RunWork()
    {
        (SendOrPostCallback callback, object? state) = _work.Dequeue();
        _tasks.IsReady = _work.Count > 0;
        trace?.Add("a task goes on");
        callback(state);
    }

    /// <summary>Runs code of the test in the place of a process that waits.</summary>
    internal void RunAs(Process process, Action<Self> code)
    {
        if (_running is not null)
            throw new InvalidOperationException("A process tried to drive a probe. Drive it from outside of any process.");
        _running = ActorOf(process);
        try
        {
            _scheduler.RunAs(process, code);
        }
        finally
        {
            _running = null;
        }
    }

    private Posted Deliver(Actor from, Process to, Envelope envelope)
    {
        if (envelope.IsMessage)
            OnArrival?.Invoke(to, envelope, from.Process);
        Posted posted = envelope.IsMessage ? to.PostMessage(envelope) : to.PostSignal((Signal)envelope);
        trace?.OnArrived(from.Process, to, envelope, posted);
        if (posted == Posted.Wake)
            Offer(to);
        return posted;
    }

    private void Reject(Signal signal, Process dead)
    {
        _running = ActorOf(dead);
        try
        {
            signal.Reject(dead);
        }
        finally
        {
            _running = null;
        }
    }

    // ---- time ----

    /// <summary>When the next timer is due, in ticks of the virtual clock; <see cref="long.MaxValue"/> if there is none. A lower bound.</summary>
    internal long NextTimer()
    {
        long wheel = _scheduler.Wheel?.NextDue ?? long.MaxValue; // in milliseconds, since the time is ours (see Clock)
        long wheelTicks = wheel >= long.MaxValue / TimeSpan.TicksPerMillisecond ? long.MaxValue : wheel * TimeSpan.TicksPerMillisecond;
        return Math.Min(wheelTicks, _clock.NextDueTicks);
    }

    /// <summary>Moves the clock to the next timer, if it lies not after the limit, and fires what is due.</summary>
    internal bool AdvanceToNextTimer(long limitTicks)
    {
        long next = NextTimer();
        if (next == long.MaxValue || next > limitTicks)
            return false;
        MoveClock(next);
        return true;
    }

    internal void MoveClock(long ticks)
    {
        if (ticks > _clock.Ticks)
        {
            _clock.MoveTo(ticks);
            trace?.OnTime(_clock.Elapsed);
        }

        _direct = true;
        try
        {
            _scheduler.FireTimers();
        }
        finally
        {
            _direct = false;
        }

        _clock.FireDue();
    }

    private void OfferTime()
    {
        _time.IsReady = NextTimer() != long.MaxValue;
        if (_time.IsReady)
            Enable(_time);
        else
            Disable(_time);
    }

    // ---- who can go on ----

    private Actor ActorOf(Process process)
    {
        if (!_actors.TryGetValue(process, out Actor? actor))
            _actors.Add(process, actor = new Actor(ActorKind.Process, process));
        return actor;
    }

    private void Enable(Actor actor)
    {
        if (actor.Index >= 0)
            return;
        if (!actor.IsKnown)
        {
            actor.IsKnown = true;
            walk.OnNew(actor);
        }

        actor.Index = _enabled.Count;
        actor.EnabledAt = _enablings++;
        _enabled.Add(actor);
    }

    private void Disable(Actor actor)
    {
        if (actor.Index < 0)
            return;
        Actor last = _enabled[^1];
        _enabled[actor.Index] = last;
        last.Index = actor.Index;
        _enabled.RemoveAt(_enabled.Count - 1);
        actor.Index = -1;
    }

    /// <summary>Everyone who is alive, and whether anyone has something to do.</summary>
    internal bool IsQuiet => _enabled.Count == 0 && _outsideCount == 0;
}
