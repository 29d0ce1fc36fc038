using System.Diagnostics;
using System.Net.Sockets;

namespace CloudScale.Interop.Transport;

/// <summary>The stream of a socket that threads wait for themselves: one reads, and whoever writes waits until there is room.</summary>
/// <remarks>
/// Until <see cref="PollBy"/>, <see cref="ReadOnThisThread"/> or <see cref="UseRuntime"/> is called it waits for reads by <see cref="ReadWaiter"/>. After the last, and for reads on any other thread than the chosen one,
/// it is a <see cref="NetworkStream"/> as any. Threads: one reader, one writer.
/// </remarks>
internal sealed partial class PolledStream : NetworkStream
{
    private const int HeadBytes = 2 << 10; // what is read through the pipe after a long packet: enough to see what the next one is
    private static readonly long s_spinTicks = Stopwatch.Frequency / 20_000; // 50 µs: about what it costs to be woken

    private readonly WriterThread _writer = new();
    private Thread? _thread;
    private bool _usesRuntime;
    private bool _followsLong; // the last read was of a long packet; of the reader

    internal PolledStream(Socket socket)
        : base(socket, ownsSocket: true)
    {
        socket.Blocking = false; // an operation that would have to wait says so
    }

    internal void ReadOnThisThread() => Volatile.Write(ref _thread, Thread.CurrentThread);

    internal void UseRuntime() => Volatile.Write(ref _usesRuntime, true);

    /// <summary>Whether a thread reads, or those that come by do.</summary>
    internal bool HasReader =>
        (Volatile.Read(ref _watch) is not null || Volatile.Read(ref _thread) is not null) && !Volatile.Read(ref _usesRuntime);

    /// <summary>Leaves work to the thread that may wait for room; false while, or because, there is none.</summary>
    internal bool TryRunWriter(IThreadPoolWorkItem work)
    {
        if (!HasReader)
            return false;
        _writer.Run(work);
        return true;
    }

    /// <summary>Ends it at once, so that whoever reads finds the end.</summary>
    internal void Abort()
    {
        if (HasReader)
        {
            Hush(); // whoever reads disposes
            return;
        }

        Socket.Dispose();
        GoOnIfPolled(); // reads may have begun to wait for whoever looks, in a set that has just lost the socket
    }

    /// <summary>Ends both directions, in order for the other side, and wakes whoever waits for the socket.</summary>
    private void Hush()
    {
        try
        {
            Socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Broken already: then nobody waits.
        }

        GoOnIfPolled();
    }

    private void GoOnIfPolled()
    {
        Interlocked.Exchange(ref _isOver, 1); // fence, then look whether reads wait for lookers; pairs with one that begins to
        if (Volatile.Read(ref _watch) is not null)
            GoOnSoon();
    }

    /// <summary>
    /// Before a socket is disposed that a handshake has left: a socket that somebody looks at while it is disposed is reset, and the other side may lose what it has not read yet. The look ends at once
    /// when the directions are.
    /// </summary>
    internal async ValueTask LeaveWaiterAsync()
    {
        if (HasReader || Volatile.Read(ref _usesRuntime))
        {
            StopPolling();
            return;
        }

        Hush();
        await Task.Delay(ReadWaiter.Look);
    }

    /// <remarks>
    /// An empty buffer asks to wait until there is something. Long packets come in rows: after one only the head of the next is read here, so that the rest can be read where it belongs and is not copied.
    /// </remarks>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_followsLong && !buffer.IsEmpty)
        {
            _followsLong = false;
            buffer = buffer[..Math.Min(buffer.Length, HeadBytes)];
        }

        return ReadSomeAsync(buffer, cancellationToken);
    }

    /// <summary>A read past the pipe, of the rest of a long packet.</summary>
    internal ValueTask<int> ReadLongAsync(Memory<byte> buffer)
    {
        _followsLong = true;
        return ReadSomeAsync(buffer, default);
    }

    private ValueTask<int> ReadSomeAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _usesRuntime))
            return base.ReadAsync(buffer, cancellationToken);
        if (Volatile.Read(ref _watch) is { } watch)
            return ReadPolledAsync(buffer, watch);
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

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        Volatile.Read(ref _usesRuntime) ? base.WriteAsync(buffer, cancellationToken) : WriteAsync(new Parts(buffer));

    /// <summary>Writes bytes that lie in several places.</summary>
    internal ValueTask WriteAsync(in Parts parts)
    {
        if (Volatile.Read(ref _usesRuntime))
            return WriteOneByOneAsync(parts);
        try
        {
            Parts rest = parts.Skip(Send(parts));
            if (rest.Length == 0)
                return ValueTask.CompletedTask;
            if (WriterThread.IsCurrent)
            {
                SendAll(rest);
                return ValueTask.CompletedTask;
            }

            PendingWrite write = new(this, rest); // whoever calls has better things to do than wait
            if (IsPolled)
                WaitForRoom(write);
            else
                write.RunBy(_writer);
            return new ValueTask(write.Done);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return ValueTask.FromException(Broken(exception));
        }
    }

    private async ValueTask WriteOneByOneAsync(Parts parts)
    {
        for (; parts.Length > 0; parts = parts.Skip(parts.First.Length))
        {
            if (parts.First.IsEmpty)
                parts = new Parts(parts.Second, parts.Third);
            await base.WriteAsync(parts.First);
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
    private int Send(in Parts parts)
    {
        if (GatheredSend.IsAvailable)
            return GatheredSend.Send(Socket.SafeHandle, parts);
        int sent = Send(parts.First.Span);
        if (sent == parts.First.Length)
            sent += Send(parts.Second.Span);
        if (sent == parts.First.Length + parts.Second.Length)
            sent += Send(parts.Third.Span);
        return sent;
    }

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

    private void SendAll(Parts parts)
    {
        try
        {
            while ((parts = parts.Skip(Send(parts))).Length > 0)
                WaitForRoom();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            throw Broken(exception);
        }
    }

    // A reader that keeps up makes room sooner than the kernel wakes a thread.
    private void WaitForRoom()
    {
        long began = Stopwatch.GetTimestamp();
        do
        {
            Thread.Yield();
            if (Socket.Poll(0, SelectMode.SelectWrite))
                return;
        } while (Stopwatch.GetTimestamp() - began < s_spinTicks);
        Socket.Poll(-1, SelectMode.SelectWrite);
    }

    /// <summary>The rest of a write for which there was no room. What waits for it goes on on the thread that sends the last of it.</summary>
    private sealed class PendingWrite(PolledStream stream, Parts parts) : IThreadPoolWorkItem
    {
        private readonly TaskCompletionSource _done = new();
        private Parts _left = parts;
        private Exception? _error;

        internal Task Done => _done.Task;

        internal void RunBy(WriterThread writer) => writer.Run(this);

        /// <summary>Sends as much as there is room for; true when that was all, or when no more can be sent.</summary>
        internal bool TrySend(out bool hasSent)
        {
            hasSent = false;
            try
            {
                int sent = stream.Send(_left);
                _left = _left.Skip(sent);
                hasSent = sent > 0;
                return _left.Length == 0;
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                _error = Broken(exception);
                return true;
            }
        }

        internal void Complete()
        {
            if (_error is null)
                _done.SetResult();
            else
                _done.SetException(_error);
        }

        /// <summary>The connection ends before there was room.</summary>
        internal void Fail() => _done.SetException(new IOException("The connection has ended."));

        public void Execute()
        {
            try
            {
                stream.SendAll(_left);
            }
            catch (IOException exception)
            {
                _error = exception;
            }

            Complete();
        }
    }

    private static IOException Broken(Exception exception) => new($"The connection is broken: {exception.Message}", exception);
}
