using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace CloudScale.Interop.Epmd;

/// <summary>A node's entry in epmd. It lives as long as this object, also through the death and return of the daemon.</summary>
/// <remarks>
/// Threads: any. The daemon frees a name when the connection that registered it ends, so one loop watches that connection and registers again after a pause
/// that doubles. The creation stays that of the first registration: it belongs to the node's life, not to the daemon's.
/// </remarks>
public sealed partial class EpmdRegistration : IAsyncDisposable
{
    private const int AttemptsBeforeOwnServer = 4; // about 1.5 s with the default pauses: a daemon that only restarts gets its port back

    private readonly EpmdClient _client;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private Socket? _connection;
    private Task _watch = Task.CompletedTask;
    private int _registrations;
    private int _disposed;

    internal EpmdRegistration(EpmdClient client, EpmdNode node, ILogger logger, TimeProvider time)
    {
        _client = client;
        Node = node;
        _logger = logger;
        _time = time;
    }

    /// <summary>What is registered.</summary>
    public EpmdNode Node { get; }

    /// <summary>The creation epmd gave to this life of the node; never 0.</summary>
    public uint Creation { get; private set; }

    /// <summary>Our own server, if this registration had to start one.</summary>
    public EpmdServer? Server { get; private set; }

    /// <summary>How many times the node was registered: 1, and one more for each return of the daemon.</summary>
    public int Registrations => Volatile.Read(ref _registrations);

    /// <summary>Frees the name, and ends our own server if there is one.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stop.CancelAsync();
        await _watch;
        _connection?.Dispose();
        if (Server is not null)
            await Server.DisposeAsync();
        _stop.Dispose();
    }

    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            (_connection, Creation) = await _client.AliveAsync(Node, cancellationToken);
        }
        catch (EpmdException e) when (e.Error == EpmdError.Unreachable && _client.Options.StartServer)
        {
            await StartServerAsync();
            (_connection, Creation) = await _client.AliveAsync(Node, cancellationToken);
        }

        if (Creation == 0)
            Creation = 1; // a daemon that gives none; 0 would mean "not distributed"
        Interlocked.Increment(ref _registrations);
        _watch = WatchAsync(_stop.Token);
    }

    private async Task StartServerAsync()
    {
        if (Server is not null)
            await Server.DisposeAsync();
        try
        {
            Server = EpmdServer.Start(_client.Options, _logger, _time);
        }
        catch (SocketException)
        {
            // Somebody else was quicker; the next attempt to register finds him.
        }
    }

    private async Task WatchAsync(CancellationToken stop)
    {
        byte[] ignored = new byte[16];
        try
        {
            while (true)
            {
                try
                {
                    while (await _connection!.ReceiveAsync(ignored, stop) > 0) { }
                }
                catch (SocketException)
                {
                    // Lost, as by an orderly end.
                }

                _connection!.Dispose();
                Log.EpmdLost(_logger, Node.Name);
                await RegisterAgainAsync(stop);
                Log.EpmdBack(_logger, Node.Name);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task RegisterAgainAsync(CancellationToken stop)
    {
        EpmdOptions options = _client.Options;
        TimeSpan pause = options.RetryDelay;
        for (int attempt = 1; ; attempt++)
        {
            await Task.Delay(pause, _time, stop);
            try
            {
                (_connection, _) = await _client.AliveAsync(Node, stop);
                Interlocked.Increment(ref _registrations);
                return;
            }
            catch (EpmdException e)
            {
                Log.EpmdNotYet(_logger, Node.Name, e.Message);
                if (e.Error == EpmdError.Unreachable && options.StartServer && attempt >= AttemptsBeforeOwnServer)
                    await StartServerAsync();
            }

            pause = pause * 2 < options.MaxRetryDelay ? pause * 2 : options.MaxRetryDelay;
        }
    }
}
