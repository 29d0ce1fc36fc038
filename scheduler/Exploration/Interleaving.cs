using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>Marks in lock-free code where another thread may go on, for tests that try all the orders of such steps.</summary>
/// <remarks>
/// Only a build with the constant EXPLORATION has them: the assembly of tests/Exploration.Tests, which compiles this folder a second time. There a baton is handed on at
/// each point, and of the threads under exploration only one runs at a time. Everywhere else the calls are not compiled. A point stands before the access to memory that it is about, and never inside
/// a lock: the thread that is to go on might want that lock. (A lock that is entered by <see cref="Enter"/>, or a <see cref="Latch"/>, may have points inside.) Where a lock's holder calls code with points, it does so between <see cref="BeginAtomic"/> and <see cref="EndAtomic"/>.
/// </remarks>
internal static class Interleaving
{
#if EXPLORATION
    /// <summary>What explores the calling thread; null for threads that are not explored.</summary>
    [ThreadStatic]
    internal static IInterleaver? Current;
#endif

    /// <summary>Another thread may go on here.</summary>
    [Conditional("EXPLORATION")]
    internal static void Point([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
#if EXPLORATION
        Current?.Point(file, line);
#endif
    }

    /// <summary>No point until <see cref="EndAtomic"/>: a lock is held.</summary>
    [Conditional("EXPLORATION")]
    internal static void BeginAtomic()
    {
#if EXPLORATION
        Current?.Atomic(1);
#endif
    }

    /// <summary>The lock is about to be free again.</summary>
    [Conditional("EXPLORATION")]
    internal static void EndAtomic()
    {
#if EXPLORATION
        Current?.Atomic(-1);
#endif
    }

    /// <summary><see cref="Monitor.Wait(object, int)"/>, of which an explored thread hands on the baton.</summary>
    internal static void Wait(object gate, int timeoutMs)
    {
#if EXPLORATION
        if (Current is { } interleaver)
        {
            Monitor.Exit(gate);
            try
            {
                interleaver.Wait(gate, timeoutMs);
            }
            finally
            {
                Monitor.Enter(gate);
            }

            return;
        }
#endif
        Monitor.Wait(gate, timeoutMs);
    }

    /// <summary>Waits a moment for another thread to do what it has begun.</summary>
    internal static void Spin(ref SpinWait spin)
    {
#if EXPLORATION
        if (Current is not null)
        {
            Point();
            return;
        }
#endif
        spin.SpinOnce();
    }

    /// <summary><see cref="Monitor.Enter(object)"/> of a lock inside which there are points: an explored thread tries until its holder has gone on.</summary>
    internal static void Enter(object gate)
    {
#if EXPLORATION
        if (Current is not null)
        {
            Point();
            while (!Monitor.TryEnter(gate))
                Point();
            return;
        }
#endif
        Monitor.Enter(gate);
    }

    /// <summary><see cref="Monitor.PulseAll"/>: each gate has one waiter, or all of them are meant.</summary>
    internal static void PulseAll(object gate)
    {
#if EXPLORATION
        Current?.PulseAll(gate);
#endif
        Monitor.PulseAll(gate);
    }

#if EXPLORATION
    /// <summary>Starts a thread that is explored together with its starter. False if the starter is not explored.</summary>
    internal static bool Start(string name, Action body)
    {
        if (Current is not { } interleaver)
            return false;
        interleaver.Start(name, body);
        return true;
    }
#endif
}

#if EXPLORATION
/// <summary>Explores a set of threads.</summary>
internal interface IInterleaver
{
    /// <summary>The calling thread may lose the baton here.</summary>
    void Point(string file, int line);

    /// <summary>Points count again when the sum of all changes is zero.</summary>
    void Atomic(int change);

    /// <summary>The calling thread waits for a pulse, or for the time to pass.</summary>
    void Wait(object gate, int timeoutMs);

    /// <summary>Whoever waits at this gate may go on.</summary>
    void PulseAll(object gate);

    /// <summary>Adds a thread.</summary>
    void Start(string name, Action body);
}
#endif
