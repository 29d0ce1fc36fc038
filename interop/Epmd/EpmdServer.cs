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

    private static readonly TimeSpan s_acceptPause = TimeSpan.FromMilliseconds(100);

    private readonly Socket[] _listeners;
    private readonly EpmdTable _table;
    private readonly EpmdOptions _options;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<Socket> _connections = []; // under its own lock; a stopped server frees every registration at once
    private int _disposed;

    private EpmdServer(Socket[] listeners, EpmdOptions options, ILogger logger, TimeProvider time)
    {
        _listeners = listeners;
        _options = options;
        _logger = logger;
        EndPoint = (IPEndPoint)listeners[0].LocalEndPoint!;
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
        IPAddress address = options.EffectiveAddress;
        List<Socket> listeners = [Listen(address, options.EffectivePort)];
        foreach (IPAddress other in OtherAddresses(address))
        {
            try
            {
                listeners.Add(Listen(other, ((IPEndPoint)listeners[0].LocalEndPoint!).Port));
            }
            catch (SocketException)
            {
                // A convenience: the first address is what was asked for.
            }
        }

        EpmdServer server = new([.. listeners], options, logger ?? NullLogger.Instance, timeProvider ?? TimeProvider.System);
        Log.EpmdStarted(server._logger, server.EndPoint);
        _ = server.RunAsync();
        return server;
    }

    /// <summary>Ends the server and every registration it holds.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _stop.CancelAsync();
        }

        await _stopped.Task;
    }

    // Loopback is always served; so are the loopback addresses that this host's name stands for (Debian: 127.0.1.1), where short-named nodes look.
    private static IEnumerable<IPAddress> OtherAddresses(IPAddress first)
    {
        if (first.Equals(IPAddress.Any) || first.Equals(IPAddress.IPv6Any))
            return [];
        IPAddress[] named = [];
        try
        {
            named = Dns.GetHostAddresses(Dns.GetHostName(), AddressFamily.InterNetwork);
        }
        catch (SocketException)
        {
            // A host without an address for its own name.
        }

        return named.Where(IPAddress.IsLoopback).Prepend(IPAddress.Loopback).Distinct().Where(address => !address.Equals(first));
    }

    private static Socket Listen(IPAddress address, int port)
    {
        Socket listener = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // No ReuseAddress: on Unix .NET binds with SO_REUSEADDR by itself, and the option would add SO_REUSEPORT, two daemons on one port.
            listener.Bind(new IPEndPoint(address, port));
            listener.Listen(128);
            return listener;
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    private async Task RunAsync()
    {
        await Task.WhenAll(_listeners.Select(AcceptAsync));
        lock (_connections)
        {
            foreach (Socket connection in _connections)
                connection.Dispose();
            _connections.Clear();
        }

        _stopped.TrySetResult();
    }

    private async Task AcceptAsync(Socket listener)
    {
        using (listener)
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    Take(await listener.AcceptAsync(_stop.Token));
                }
                catch (OperationCanceledException)
                {
                    // The server ends.
                }
                catch (SocketException e)
                {
                    Log.EpmdAcceptFailed(_logger, e.Message); // the caller hung up, or there are no file descriptors: then a pause helps
                    await Task.Delay(s_acceptPause, CancellationToken.None);
                }
            }
        }
    }

    private void Take(Socket connection)
    {
        bool isRoom;
        lock (_connections)
        {
            isRoom = _connections.Count < MaxConnections && !_stop.IsCancellationRequested && _connections.Add(connection);
        }

        if (isRoom)
            _ = ServeAsync(connection);
        else
            connection.Dispose();
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
            Log.EpmdRefused(_logger, connection.RemoteEndPoint, $"a request of {length} bytes");
            return EpmdAfter.Close;
        }

        byte[] body = new byte[length];
        if (!await ReadExactlyAsync(connection, body, deadline.Token))
            return EpmdAfter.Close;
        if (!EpmdMessages.TryReadRequest(body, out EpmdRequest request, out string? error))
        {
            Log.EpmdRefused(_logger, connection.RemoteEndPoint, error!);
            return EpmdAfter.Close;
        }

        bool isLoopback =
            connection.RemoteEndPoint is IPEndPoint remote
            && (IPAddress.IsLoopback(remote.Address) || remote.Address.Equals((connection.LocalEndPoint as IPEndPoint)?.Address));
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
}
