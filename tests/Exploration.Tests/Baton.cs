namespace CloudScale.Exploration.Tests;

/// <summary>Where a thread under exploration stands.</summary>
internal enum BatonState
{
    /// <summary>Goes on when it is chosen.</summary>
    Runnable,

    /// <summary>Needs a pulse, or the passing of time.</summary>
    Waiting,

    /// <summary>Has ended.</summary>
    Done,
}

/// <summary>One thread under exploration, in one schedule.</summary>
internal sealed class Baton(string name, Action body, int priority)
{
    internal readonly string Name = name;
    internal readonly Action Body = body;
    internal int Priority = priority;
    internal BatonState State;
    internal object? Gate;
    internal long DueMs; // of a timed wait, in milliseconds of the schedule's clock
    internal Runner Runner = null!;
}

/// <summary>A real thread that plays one thread of a schedule after another. Kept from schedule to schedule: making a thread costs more than a short schedule does.</summary>
#pragma warning disable CA1001 // Lives as long as the program; the semaphore has no handle to free.
internal sealed class Runner
{
    private static readonly Stack<Runner> s_free = new(); // the exploring thread's
#pragma warning restore CA1001
    private readonly SemaphoreSlim _go = new(0);
    private Action? _work;

    private Runner()
    {
        Thread thread = new(Loop, Scheduling.Scheduler.StackBytes) { IsBackground = true, Name = "explored" };
        thread.Start();
    }

    internal static Runner Rent()
    {
        lock (s_free)
            return s_free.TryPop(out Runner? runner) ? runner : new Runner();
    }

    internal static void Return(Runner runner)
    {
        lock (s_free)
            s_free.Push(runner);
    }

    internal void Begin(Action work) => _work = work;

    /// <summary>Lets the thread go on.</summary>
    internal void Go() => _go.Release();

    /// <summary>The thread itself: waits for its turn.</summary>
    internal void Wait() => _go.Wait();

    private void Loop()
    {
        while (true)
        {
            _go.Wait();
            _work!();
        }
    }
}
