using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CloudScale.Interop.Epmd;

/// <summary>An epmd in this process, for hosts where none runs: it serves our nodes and real Erlang nodes alike, for as long as it is not disposed.</summary>
/// <remarks>Threads: any. Limit: <see cref="MaxConnections"/> connections; what comes on top is closed at once.</remarks>
public sealed partial class EpmdServer : IAsyncDisposable
{
    /// <summary>Most connections at a time, registrations included.</summary>
    public const int MaxConnections = 8192;

    private readonly Socket _listener;
    private readonly EpmdTable _table;
    private readonly EpmdOptions _options;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<Socket> _connections = []; // its own lock; a dead server frees every registration at once
    private int _disposed;

    private EpmdServer(Socket listener, EpmdOptions options, ILogger logger, TimeProvider time)
    {
        _listener = listener;
        _options = options;
        _logger = logger;
        EndPoint = (IPEndPoint)listener.LocalEndPoint!;
        _table = new EpmdTable(EndPoint.Port, (uint)time.GetUtcNow().ToUnixTimeSeconds());
    }

    /// <summary>Where the server listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Completes when the server has ended: disposed, or killed by <c>epmd -kill</c>.</summary>
    public Task Stopped => _stopped.Task;

    /// <summary>Starts a server.</summary>
    /// <exception cref="SocketException">The address is in use, most often by another epmd.</exception>
    public static EpmdServer Start(EpmdOptions? options = null, ILogger? logger = null, TimeProvider? timeProvider = null)
    {
        options ??= new EpmdOptions();
        IPAddress address = options.Address ?? IPAddress.Loopback;
        Socket listener = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // No ReuseAddress: on Unix .NET binds with SO_REUSEADDR by itself, and the option would add SO_REUSEPORT, two daemons on one port.
            listener.Bind(new IPEndPoint(address, options.EffectivePort));
            listener.Listen(128);
        }
        catch
        {
            listener.Dispose();
            throw;
        }

        EpmdServer server = new(listener, options, logger ?? NullLogger.Instance, timeProvider ?? TimeProvider.System);
        server.LogStarted(server.EndPoint);
        _ = server.AcceptAsync();
        return server;
    }

    /// <summary>Ends the server and every registration it holds.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _stop.CancelAsync();
            _listener.Dispose();
        }

        await _stopped.Task;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket connection = await _listener.AcceptAsync(_stop.Token);
                bool room;
                lock (_connections)
                {
                    room = _connections.Count < MaxConnections && _connections.Add(connection);
                }

                if (room)
                    _ = ServeAsync(connection);
                else
                    connection.Dispose();
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The listener is closed: the server ends.
        }

        _listener.Dispose();
        lock (_connections)
        {
            foreach (Socket connection in _connections)
                connection.Dispose();
            _connections.Clear();
        }

        _stopped.TrySetResult();
    }

    private async Task ServeAsync(Socket connection)
    {
        try
        {
            connection.NoDelay = true;
            EpmdAfter after = await AnswerOneAsync(connection);
            if (after == EpmdAfter.StopServer)
                await _stop.CancelAsync();
            if (after == EpmdAfter.Keep)
                await ReadToEndAsync(connection);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException or IOException)
        {
            // The other side is gone, or too slow: its registration goes with it.
        }
        finally
        {
            _table.Closed(connection);
            lock (_connections)
            {
                _connections.Remove(connection);
            }

            connection.Dispose();
        }
    }

    private async Task<EpmdAfter> AnswerOneAsync(Socket connection)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        deadline.CancelAfter(_options.Timeout);
        byte[] head = new byte[2];
        if (!await ReadExactlyAsync(connection, head, deadline.Token))
            return EpmdAfter.Close;

        int length = BinaryPrimitives.ReadUInt16BigEndian(head);
        if (length > EpmdMessages.MaxRequestBytes)
        {
            LogRefused(connection.RemoteEndPoint, $"a request of {length} bytes");
            return EpmdAfter.Close;
        }

        byte[] body = new byte[length];
        if (!await ReadExactlyAsync(connection, body, deadline.Token))
            return EpmdAfter.Close;
        if (!EpmdMessages.TryReadRequest(body, out EpmdRequest request, out string? error))
        {
            LogRefused(connection.RemoteEndPoint, error!);
            return EpmdAfter.Close;
        }

        bool isLoopback =
            connection.RemoteEndPoint is IPEndPoint remote
            && (IPAddress.IsLoopback(remote.Address) || remote.Address.Equals(EndPoint.Address));
        byte[] answer = _table.Answer(request, connection, isLoopback, out EpmdAfter after);
        for (int sent = 0; sent < answer.Length; )
            sent += await connection.SendAsync(answer.AsMemory(sent), deadline.Token);
        return after;
    }

    private async Task ReadToEndAsync(Socket connection)
    {
        byte[] ignored = new byte[64];
        while (await connection.ReceiveAsync(ignored, _stop.Token) > 0) { }
    }

    private static async Task<bool> ReadExactlyAsync(Socket connection, Memory<byte> buffer, CancellationToken cancel)
    {
        while (!buffer.IsEmpty)
        {
            int count = await connection.ReceiveAsync(buffer, cancel);
            if (count == 0)
                return false;
            buffer = buffer[count..];
        }

        return true;
    }

    [LoggerMessage(LogLevel.Information, "epmd: none was reachable, so this process serves as one at {EndPoint}.")]
    private partial void LogStarted(IPEndPoint endPoint);

    [LoggerMessage(LogLevel.Warning, "epmd: refused {Remote}: it sent {Error}.")]
    private partial void LogRefused(EndPoint? remote, string error);
}
