using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace CloudScale.Interop.Transport;

/// <summary>What one may choose about TCP connections.</summary>
public sealed record TcpTransportOptions
{
    /// <summary>Most bytes of one read from the socket, but for long packets, which are read as a whole.</summary>
    public int ReadBufferBytes { get; init; } = 32 * 1024;

    /// <summary>
    /// Size of the kernel's send buffer; null leaves it to the operating system, which adapts it. What lies in the kernel's buffers cannot be overtaken: megabytes of them made a small message wait for 50 ms
    /// behind a stream of large ones. Over long distances more is needed for a full line: bandwidth times round trip.
    /// </summary>
    public int? SendBufferBytes { get; init; } = 256 * 1024;

    /// <summary>
    /// How many bytes may lie in the kernel's send buffer that are not on their way yet; null for as many as it holds. They cannot be overtaken, and unlike those under way they make no line fuller. On Linux only.
    /// </summary>
    public int? UnsentBytes { get; init; } = 128 * 1024;

    /// <summary>Size of the kernel's receive buffer; the same holds.</summary>
    public int? ReceiveBufferBytes { get; init; } = 256 * 1024;

    /// <summary>Most connections that wait to be accepted.</summary>
    public int Backlog { get; init; } = 128;
}

/// <summary>TCP: what Erlang nodes speak.</summary>
/// <remarks>
/// The pipes lie directly on the socket: a read asks the socket only when the reader wants more, a flush completes when the kernel has taken the bytes. So the
/// back-pressure is TCP's own, and no thread or buffer stands between.
/// </remarks>
public sealed class TcpTransport(TcpTransportOptions? options = null) : ITransport
{
    private const int TcpLevel = 6; // IPPROTO_TCP
    private const int UnsentLowAt = 25; // TCP_NOTSENT_LOWAT
    private const int WindowClamp = 10; // TCP_WINDOW_CLAMP
    private const int Info = 11; // TCP_INFO
    private const int WindowAt = 228; // of tcpi_snd_wnd in struct tcp_info of linux/tcp.h
    private const int InfoBytes = WindowAt + sizeof(uint);
    private const int NarrowUnsentBytes = 32 << 10;
    private const int NarrowWindowBytes = 256 << 10; // four segments of loopback, less what the kernel keeps; with fewer a stream stands still between them

    private readonly TcpTransportOptions _options = options ?? new TcpTransportOptions();

    /// <inheritdoc/>
    public ValueTask<ITransportListener> ListenAsync(EndPoint endPoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Listen(endPoint, _options, socket => new Connection(socket, _options)));

    /// <inheritdoc/>
    public async ValueTask<ITransportConnection> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken = default) =>
        new Connection(await ConnectSocketAsync(endPoint, _options, cancellationToken), _options);

    /// <summary>Listens for a transport that runs over TCP.</summary>
    /// <param name="endPoint">Where.</param>
    /// <param name="options">How.</param>
    /// <param name="take">Makes a connection of a socket that was accepted; it does not wait for the other side.</param>
    internal static ITransportListener Listen(EndPoint endPoint, TcpTransportOptions options, Func<Socket, ITransportConnection> take)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        Socket socket = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endPoint);
            socket.Listen(options.Backlog);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new TransportException($"Cannot listen at {endPoint}: {e.Message}", e);
        }

        return new Listener(socket, options, take);
    }

    /// <summary>A connected socket. Owner: the caller.</summary>
    internal static async Task<Socket> ConnectSocketAsync(
        EndPoint endPoint,
        TcpTransportOptions options,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        Socket socket =
            endPoint is IPEndPoint
                ? new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
                : new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            Configure(socket, options);
            await using (cancellationToken.UnsafeRegister(static state => ((Socket)state!).Dispose(), socket))
                await Task.Run(() => socket.Connect(endPoint), cancellationToken); // not its asynchronous form, see ReadWaiter
            return socket;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw new TransportException($"Cannot connect to {endPoint}: {e.Message}", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void Configure(Socket socket, TcpTransportOptions options)
    {
        socket.NoDelay = true;
        if (options.SendBufferBytes is int send)
            socket.SendBufferSize = send;
        if (options.ReceiveBufferBytes is int receive)
            socket.ReceiveBufferSize = receive;
        if (options.UnsentBytes is int unsent && OperatingSystem.IsLinux())
            socket.SetRawSocketOption(TcpLevel, UnsentLowAt, BitConverter.GetBytes(unsent));
    }

    private static void TrySet(Socket socket, int option, int value)
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            socket.SetRawSocketOption(TcpLevel, option, BitConverter.GetBytes(value));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Its end is told to who reads and writes.
        }
    }

    private static int? WindowOf(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            Span<byte> info = stackalloc byte[InfoBytes];
            return socket.GetRawSocketOption(TcpLevel, Info, info) < InfoBytes
                ? null // Linux before 5.4
                : (int)Math.Min(BitConverter.ToUInt32(info[WindowAt..]), int.MaxValue);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null; // Its end is told to who reads and writes.
        }
    }

    private sealed class Listener(Socket socket, TcpTransportOptions options, Func<Socket, ITransportConnection> take) : ITransportListener
    {
        private volatile bool _disposed;

        public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

        public async ValueTask<ITransportConnection?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (!_disposed)
            {
                Socket? accepted = null;
                try
                {
                    accepted = await socket.AcceptAsync(cancellationToken);
                    Configure(accepted, options);
                    return take(accepted);
                }
                catch (ObjectDisposedException)
                {
                    return null;
                }
                catch (SocketException e)
                {
                    if (_disposed)
                        return null;
                    bool callerHungUp =
                        accepted is not null || e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted;
                    accepted?.Dispose();
                    if (!callerHungUp)
                        throw new TransportException($"Cannot accept a connection at {EndPoint}: {e.Message}", e);
                }
            }

            return null;
        }

        public ValueTask DisposeAsync()
        {
            _disposed = true;
            socket.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Connection : ITransportConnection, ISocketConnection, IGatheringConnection
    {
        private readonly Socket _socket;
        private readonly PolledStream _stream;
        private readonly TcpTransportOptions _options;

        public Connection(Socket socket, TcpTransportOptions options)
        {
            _socket = socket;
            _options = options;
            _stream = new PolledStream(socket);
            RemoteDescription = socket.RemoteEndPoint?.ToString() ?? "an unknown address";
            Input = PipeReader.Create(
                _stream,
                new StreamPipeReaderOptions(
                    bufferSize: options.ReadBufferBytes,
                    minimumReadSize: options.ReadBufferBytes / 8,
                    leaveOpen: true,
                    useZeroByteReads: true // an idle connection holds no buffer
                )
            );
            Output = new TcpPipeWriter(PipeWriter.Create(_stream, new StreamPipeWriterOptions(leaveOpen: true)), socket);
        }

        public PipeReader Input { get; }

        public PipeWriter Output { get; }

        public string RemoteDescription { get; }

        public bool PollBy(SocketWatch watch) => _stream.PollBy(watch);

        public bool IsPolled => _stream.IsPolled;

        public ValueTask AwaitLookAsync() => _stream.AwaitLookAsync();

        public void OnTaken(int packets) => _stream.OnTaken(packets);

        public void NarrowInput(bool isNarrow)
        {
            if (2 * _options.ReceiveBufferBytes > NarrowWindowBytes)
                TrySet(_socket, WindowClamp, isNarrow ? NarrowWindowBytes : int.MaxValue); // the buffer's size bounds it anyway
        }

        public void NarrowOutput(bool isNarrow)
        {
            if (_options.UnsentBytes is int unsent && unsent > NarrowUnsentBytes)
                TrySet(_socket, UnsentLowAt, isNarrow ? NarrowUnsentBytes : unsent);
        }

        public int? PeerWindow => WindowOf(_socket);

        public void ReadOnThisThread() => _stream.ReadOnThisThread();

        public void UseRuntime() => _stream.UseRuntime();

        public bool TryRunWriter(IThreadPoolWorkItem work) => _stream.TryRunWriter(work);

        public ValueTask WriteAsync(Parts parts) => _stream.WriteAsync(parts);

        public ValueTask<int> ReadAsync(Memory<byte> buffer) => _stream.ReadLongAsync(buffer);

        public void Abort() => _stream.Abort();

        public async ValueTask DisposeAsync()
        {
            await _stream.LeaveWaiterAsync();
            _socket.Dispose();
            await _stream.DisposeAsync();
        }
    }

    /// <summary>A stream writer whose completion tells the other side that nothing more comes, and whose errors are all <see cref="IOException"/>s.</summary>
    private sealed class TcpPipeWriter(PipeWriter inner, Socket socket) : PipeWriter
    {
        public override void Advance(int bytes) => inner.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
            inner.FlushAsync(cancellationToken);

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
            inner.WriteAsync(source, cancellationToken);

        public override void Complete(Exception? exception = null)
        {
            try
            {
                inner.Complete(exception);
                socket.Shutdown(SocketShutdown.Send);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
            {
                // Broken already: the other side knows.
            }
        }
    }
}
