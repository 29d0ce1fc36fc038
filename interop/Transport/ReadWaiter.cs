using System.Net.Sockets;

namespace CloudScale.Interop.Transport;

/// <summary>Tells when sockets have something to read, for the moment of a handshake.</summary>
/// <remarks>
/// The asynchronous operations of a socket enter it with the runtime's own watcher, for good: from then on each arrival wakes two threads that find nothing to do, beside the one that reads. So sockets that will have a
/// thread of their own are watched here until then, by one thread that looks every other millisecond, and only while somebody waits. Threads: any.
/// </remarks>
internal static class ReadWaiter
{
    /// <summary>How long a socket is looked at in one go, and a little more.</summary>
    internal static readonly TimeSpan Look = TimeSpan.FromMilliseconds(4);

    private const int LookMicroseconds = 2_000;

    private static readonly Lock s_lock = new();
    private static readonly List<Wait> s_waits = [];
    private static bool s_isRunning;

    /// <summary>Completes when a read would not wait: there is something, the other side is done, or the socket is broken or disposed.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    internal static async ValueTask WaitAsync(Socket socket, CancellationToken cancellationToken)
    {
        Wait wait = new(socket);
        bool starts;
        lock (s_lock)
        {
            s_waits.Add(wait);
            starts = !s_isRunning;
            s_isRunning = true;
        }

        if (starts)
            new Thread(Loop) { IsBackground = true, Name = "waits for handshakes" }.Start();
        await using (cancellationToken.UnsafeRegister(static (state, token) => ((Wait)state!).Done.TrySetCanceled(token), wait))
            await wait.Done.Task;
    }

    private static void Loop()
    {
        List<Wait> waits = [];
        List<Socket> readable = [];
        while (true)
        {
            lock (s_lock)
            {
                s_waits.RemoveAll(wait => wait.Done.Task.IsCompleted);
                s_isRunning = s_waits.Count > 0;
                if (!s_isRunning)
                    return;
                waits.Clear();
                waits.AddRange(s_waits);
            }

            readable.Clear();
            readable.AddRange(waits.Select(wait => wait.Socket));
            try
            {
                Socket.Select(readable, null, null, LookMicroseconds);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                readable.Clear(); // one of them is disposed: look at each
                readable.AddRange(waits.Where(wait => !IsSilent(wait.Socket)).Select(wait => wait.Socket));
            }

            foreach (Wait wait in waits)
                if (readable.Contains(wait.Socket))
                    wait.Done.TrySetResult();
        }
    }

    private static bool IsSilent(Socket socket)
    {
        try
        {
            return !socket.Poll(0, SelectMode.SelectRead);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    private sealed class Wait(Socket socket)
    {
        internal readonly Socket Socket = socket;
        internal readonly TaskCompletionSource Done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
