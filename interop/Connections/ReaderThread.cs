using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Connections;

/// <summary>A thread that reads one connection and sleeps in the kernel meanwhile.</summary>
/// <remarks>
/// Without it news goes from the thread that watches all sockets to one of the pool, and only then to the process: each step is a thread that has to be woken. A node with very many connections
/// has such threads for the first of them; the others are read from the pool.
/// </remarks>
internal static class ReaderThread
{
    private const int StackBytes = 256 << 10;
    private static int s_count;

    [ThreadStatic]
    private static Stack<IThreadPoolWorkItem>? t_deferred;

    /// <summary>Puts work off until the calling thread, if it is one of these, has dealt with all that has come; false on any other.</summary>
    internal static bool TryDefer(IThreadPoolWorkItem work)
    {
        if (t_deferred is not { } deferred)
            return false;
        deferred.Push(work);
        return true;
    }

    /// <summary>Does what was put off on this thread, before it waits.</summary>
    internal static void RunDeferred()
    {
        while (t_deferred is { } deferred && deferred.TryPop(out IThreadPoolWorkItem? work))
            work.Execute();
    }

    /// <summary>
    /// Runs a read loop on the threads that look at <paramref name="watch"/>, or on a thread of its own, if the transport can be read so and fewer than <paramref name="max"/> are at work in this .NET process; else
    /// where it is called.
    /// </summary>
    internal static Task<T> Run<T>(ITransportConnection transport, SocketWatch? watch, int max, string name, Func<Task<T>> loop)
    {
        if (transport is not ISocketConnection reads || (watch is not null && reads.PollBy(watch)))
            return loop();
        if (!TryTake(max))
        {
            reads.UseRuntime();
            return loop();
        }

        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread thread = new(
            () =>
            {
                reads.ReadOnThisThread();
                t_deferred = [];
                Forward(loop(), done); // comes back at the end, or when the loop has to wait for something else and goes on in the pool
                RunDeferred();
                Interlocked.Decrement(ref s_count);
            },
            StackBytes
        )
        {
            IsBackground = true,
            Name = name,
        };
        thread.Start();
        return done.Task;
    }

    private static bool TryTake(int max)
    {
        if (Interlocked.Increment(ref s_count) <= max)
            return true;
        Interlocked.Decrement(ref s_count);
        return false;
    }

    private static async void Forward<T>(Task<T> loop, TaskCompletionSource<T> done)
    {
        try
        {
            done.SetResult(await loop);
        }
        catch (Exception exception)
        {
            done.SetException(exception);
        }
    }
}
