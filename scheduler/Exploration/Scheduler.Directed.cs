namespace CloudScale.Scheduling;

/// <summary>The one scheduler of a system that an <see cref="IDirector"/> directs.</summary>
internal sealed partial class Scheduler
{
    /// <summary>Before the first process: from now on everything that becomes runnable goes to <see cref="SchedulerGroup.Inject"/>.</summary>
    internal void GiveUpQueue() => Volatile.Write(ref _blocked, true);

    /// <summary>The driving thread: runs one slice of a process that was offered.</summary>
    /// <param name="process">What to run.</param>
    /// <param name="budget">Reductions; with 1 it gives way at its next receive.</param>
    internal SliceEnd RunDirected(Process process, int budget)
    {
        Enter();
        try
        {
            _slices++;
            Running = process;
            SliceEnd end = process.RunSlice(this, budget);
            Running = null;
            if (end == SliceEnd.Yielded)
                ScheduleLast(process);
            return end;
        }
        finally
        {
            Running = null;
            t_current = null;
        }
    }

    /// <summary>The driving thread: runs code of the test as if the body of a process that waits had called it.</summary>
    internal void RunAs(Process process, Action<Self> code)
    {
        Enter();
        try
        {
            Running = process;
            process.RunAs(this, code);
        }
        finally
        {
            Running = null;
            t_current = null;
        }
    }

    /// <summary>The driving thread: fires the timers that are due. Returns whether any were.</summary>
    internal bool FireTimers()
    {
        Enter();
        try
        {
            return TurnWheel();
        }
        finally
        {
            t_current = null;
        }
    }
}
