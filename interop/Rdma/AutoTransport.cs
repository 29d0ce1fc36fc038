using System.Collections.Concurrent;
using System.Net;
using CloudScale.Interop.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CloudScale.Interop.Rdma;

/// <summary>RDMA with nodes that have it, TCP with all others, each connection by itself.</summary>
/// <remarks>
/// Listens by both at one number, which is a port of TCP and one of RDMA; what is registered with epmd is that number, so other nodes, Erlang's too, connect by TCP as ever. Who connects tries RDMA first, and TCP if nobody answers there;
/// an address that did not is left alone for <see cref="RetryAfter"/>. Where this machine has no RDMA it is TCP, and one line of the log says why. Threads: any.
/// </remarks>
public sealed class AutoTransport : ITransport
{
    private readonly TcpTransport _tcp;
    private readonly RdmaTransport _rdma;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<EndPoint, long> _withoutRdma = new(); // when they were asked
    private int _hasSaid;

    /// <summary>Makes the transport; nothing is opened yet.</summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public AutoTransport(
        RdmaTransportOptions? rdma = null,
        TcpTransportOptions? tcp = null,
        ILogger? logger = null,
        TimeProvider? timeProvider = null
    )
    {
        _rdma = new RdmaTransport(rdma);
        _tcp = new TcpTransport(tcp);
        _logger = logger ?? NullLogger.Instance;
        _time = timeProvider ?? TimeProvider.System;
    }

    /// <summary>For how long an address that has no RDMA is not asked again.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long another node may take to answer by RDMA before TCP is tried.</summary>
    public TimeSpan RdmaTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public async ValueTask<ITransportListener> ListenAsync(EndPoint endPoint, CancellationToken cancellationToken = default)
    {
        ITransportListener tcp = await _tcp.ListenAsync(endPoint, cancellationToken);
        if (!UsesRdma())
            return tcp;
        try
        {
            return new Listener(tcp, await _rdma.ListenAsync(tcp.EndPoint, cancellationToken));
        }
        catch (TransportException e)
        {
            Log.RdmaNotListening(_logger, tcp.EndPoint, e.Message);
            return tcp;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ITransportConnection> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        if (UsesRdma() && !IsKnownWithoutRdma(endPoint) && await TryRdmaAsync(endPoint, cancellationToken) is { } connection)
            return connection;
        return await _tcp.ConnectAsync(endPoint, cancellationToken);
    }

    private async ValueTask<ITransportConnection?> TryRdmaAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(RdmaTimeout);
        string reason;
        try
        {
            return await _rdma.ConnectAsync(endPoint, limit.Token);
        }
        catch (TransportException e)
        {
            reason = e.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            reason = $"no answer within {RdmaTimeout.TotalSeconds} s";
        }

        _withoutRdma[endPoint] = _time.GetTimestamp();
        Log.RdmaNotThere(_logger, endPoint, reason);
        return null;
    }

    private bool IsKnownWithoutRdma(EndPoint endPoint)
    {
        if (!_withoutRdma.TryGetValue(endPoint, out long asked))
            return false;
        if (_time.GetElapsedTime(asked) < RetryAfter)
            return true;
        _withoutRdma.TryRemove(endPoint, out _);
        return false;
    }

    private bool UsesRdma()
    {
        if (Interlocked.Exchange(ref _hasSaid, 1) == 0)
            Log.RdmaState(_logger, RdmaSupport.Description);
        return RdmaSupport.IsAvailable;
    }

    /// <summary>Two listeners as one.</summary>
    private sealed class Listener(ITransportListener tcp, ITransportListener rdma) : ITransportListener
    {
        private readonly ITransportListener[] _both = [rdma, tcp];
        private readonly Task<ITransportConnection?>?[] _pending = new Task<ITransportConnection?>?[2];
        private readonly CancellationTokenSource _ended = new();

        public EndPoint EndPoint => tcp.EndPoint;

        /// <remarks>The one that has not answered goes on waiting, and is asked by the next call.</remarks>
        public async ValueTask<ITransportConnection?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            for (int i = 0; i < _both.Length; i++)
                _pending[i] ??= _both[i].AcceptAsync(_ended.Token).AsTask();
            Task<ITransportConnection?> first = await Task.WhenAny(_pending!).WaitAsync(cancellationToken);
            _pending[Array.IndexOf(_pending, first)] = null;
            try
            {
                return await first;
            }
            catch (OperationCanceledException) when (_ended.IsCancellationRequested)
            {
                return null;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _ended.CancelAsync();
            foreach (ITransportListener listener in _both)
                await listener.DisposeAsync();
            foreach (Task<ITransportConnection?> pending in _pending.OfType<Task<ITransportConnection?>>())
                await EndAsync(pending);
        }

        /// <summary>A connection that nobody has asked for any more.</summary>
        private static async ValueTask EndAsync(Task<ITransportConnection?> pending)
        {
            try
            {
                if (await pending is { } connection)
                    await connection.DisposeAsync();
            }
            catch (Exception e) when (e is OperationCanceledException or TransportException)
            {
                // There is none.
            }
        }
    }
}
