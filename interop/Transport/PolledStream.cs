using System.Net.Sockets;

namespace CloudScale.Interop.Transport;

/// <summary>The stream of a socket that threads wait for themselves: one reads, and whoever writes waits until there is room.</summary>
/// <remarks>
/// Until <see cref="ReadOnThisThread"/> or <see cref="UseRuntime"/> is called it waits for reads by <see cref="ReadWaiter"/>. After the second, and for reads on any other thread than the chosen one, it is a
/// <see cref="NetworkStream"/> as any. Threads: one reader, one writer.
/// </remarks>
internal sealed class PolledStream : NetworkStream
{
    private readonly WriterThread _writer = new();
    private Thread? _thread;
    private bool _usesRuntime;

    internal PolledStream(Socket socket)
        : base(socket, ownsSocket: true)
    {
        socket.Blocking = false; // an operation that would have to wait says so
    }

    internal void ReadOnThisThread() => Volatile.Write(ref _thread, Thread.CurrentThread);

    internal void UseRuntime() => Volatile.Write(ref _usesRuntime, true);

    /// <summary>Whether a thread reads.</summary>
    internal bool HasReader => Volatile.Read(ref _thread) is not null && !Volatile.Read(ref _usesRuntime);

    /// <summary>Leaves work to the thread that may wait for room; false while, or because, there is none.</summary>
    internal bool TryRunWriter(IThreadPoolWorkItem work)
    {
        if (!HasReader)
            return false;
        _writer.Run(work);
        return true;
    }

    /// <summary>Ends both directions, in order for the other side, and wakes whoever waits for the socket.</summary>
    internal void Hush()
    {
        try
        {
            Socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Broken already: then nobody waits.
        }
    }

    /// <summary>
    /// Before a socket is disposed that a handshake has left: a socket that somebody looks at while it is disposed is reset, and the other side may lose what it has not read yet. The look ends at once
    /// when the directions are.
    /// </summary>
    internal async ValueTask LeaveWaiterAsync()
    {
        if (Volatile.Read(ref _thread) is not null || Volatile.Read(ref _usesRuntime))
            return;
        Hush();
        await Task.Delay(ReadWaiter.Look);
    }

    /// <remarks>An empty buffer asks to wait until there is something.</remarks>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Volatile.Read(ref _usesRuntime))
            return base.ReadAsync(buffer, cancellationToken);
        Thread? thread = Volatile.Read(ref _thread);
        if (thread is null)
            return ReadWhenThereIsAsync(buffer, cancellationToken);
        if (thread != Thread.CurrentThread)
        {
            UseRuntime(); // the read loop has left its thread, and does not come back
            return base.ReadAsync(buffer, cancellationToken);
        }

        try
        {
            int read = 0;
            if (buffer.IsEmpty)
                Socket.Poll(-1, SelectMode.SelectRead);
            else
                while (!TryReceive(buffer.Span, out read))
                    Socket.Poll(-1, SelectMode.SelectRead);
            return new ValueTask<int>(read);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return ValueTask.FromException<int>(Broken(exception));
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Volatile.Read(ref _usesRuntime))
            return base.WriteAsync(buffer, cancellationToken);
        try
        {
            int sent = Send(buffer.Span);
            if (sent == buffer.Length)
                return ValueTask.CompletedTask;
            if (WriterThread.IsCurrent)
            {
                SendAll(buffer.Span[sent..]);
                return ValueTask.CompletedTask;
            }

            PendingWrite rest = new(this, buffer[sent..]); // whoever calls has better things to do than wait
            _writer.Run(rest);
            return new ValueTask(rest.Done.Task);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return ValueTask.FromException(Broken(exception));
        }
    }

    private async ValueTask<int> ReadWhenThereIsAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            int read = 0;
            while (buffer.IsEmpty ? !Socket.Poll(0, SelectMode.SelectRead) : !TryReceive(buffer.Span, out read))
                await ReadWaiter.WaitAsync(Socket, cancellationToken);
            return read;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            throw Broken(exception);
        }
    }

    private bool TryReceive(Span<byte> buffer, out int read)
    {
        read = Socket.Receive(buffer, SocketFlags.None, out SocketError error);
        return error switch
        {
            SocketError.Success => true,
            SocketError.WouldBlock => false,
            _ => throw new SocketException((int)error),
        };
    }

    /// <summary>Sends as much as there is room for.</summary>
    private int Send(ReadOnlySpan<byte> bytes)
    {
        int sent = 0;
        while (sent < bytes.Length)
        {
            int now = Socket.Send(bytes[sent..], SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
                break;
            if (error != SocketError.Success)
                throw new SocketException((int)error);
            sent += now;
        }

        return sent;
    }

    private void SendAll(ReadOnlySpan<byte> bytes)
    {
        try
        {
            for (int sent = Send(bytes); sent < bytes.Length; sent += Send(bytes[sent..]))
                Socket.Poll(-1, SelectMode.SelectWrite);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            throw Broken(exception);
        }
    }

    /// <summary>The rest of a write for which there was no room. What waits for it goes on on the writer's thread.</summary>
    private sealed class PendingWrite(PolledStream stream, ReadOnlyMemory<byte> bytes) : IThreadPoolWorkItem
    {
        internal readonly TaskCompletionSource Done = new();

        public void Execute()
        {
            try
            {
                stream.SendAll(bytes.Span);
            }
            catch (IOException exception)
            {
                Done.SetException(exception);
                return;
            }

            Done.SetResult();
        }
    }

    private static IOException Broken(Exception exception) => new($"The connection is broken: {exception.Message}", exception);
}
