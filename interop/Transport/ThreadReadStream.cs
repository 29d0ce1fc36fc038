using System.Net.Sockets;

namespace CloudScale.Interop.Transport;

/// <summary>The stream of a socket that does not block; reads made on one chosen thread wait for data on that thread.</summary>
internal sealed class ThreadReadStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    private Thread? _thread;

    internal void ReadOnThisThread()
    {
        try
        {
            Socket.Blocking = false; // a read that finds nothing says so, and the thread waits by itself
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return; // broken before it was read: the first read says so
        }

        Volatile.Write(ref _thread, Thread.CurrentThread);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Volatile.Read(ref _thread) != Thread.CurrentThread || buffer.IsEmpty)
            return base.ReadAsync(buffer, cancellationToken);
        try
        {
            return new ValueTask<int>(Receive(buffer.Span));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return ValueTask.FromException<int>(new IOException($"The connection is broken: {exception.Message}", exception));
        }
    }

    private int Receive(Span<byte> buffer)
    {
        while (true)
        {
            int read = Socket.Receive(buffer, SocketFlags.None, out SocketError error);
            switch (error)
            {
                case SocketError.Success:
                    return read;
                case SocketError.WouldBlock:
                    Socket.Poll(-1, SelectMode.SelectRead);
                    break;
                default:
                    throw new SocketException((int)error);
            }
        }
    }
}
