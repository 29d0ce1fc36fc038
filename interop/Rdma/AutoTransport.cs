using System.Collections.Concurrent;
using System.Net;
using CloudScale.Interop.Connections;
using CloudScale.Interop.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CloudScale.Interop.Rdma;

/// <summary>RDMA with nodes that have it, TCP with all others, each connection by itself.</summary>
/// <remarks>
/// Every connection begins by TCP, so other nodes, Erlang's too, are called and call as ever. Two nodes that both use this transport tell each other in the handshake; then the connection moves to RDMA while it lives, without losing order. If that does not
/// come about it stays with TCP, and is tried again later. Nodes that use nothing but RDMA are taken as well. Where this machine has no RDMA it is TCP, and one line of the log says why. Threads: any.
/// </remarks>
public sealed class AutoTransport : ITransport
{
    private readonly TcpTransport _tcp;
    private readonly RdmaTransport _rdma;
    private readonly ConcurrentDictionary<UInt128, MovableConnection> _expected = new(); // those that were called and have agreed, by the tokens they gave
    private ILogger? _logger;
    private int _hasSaid;

    /// <summary>Makes the transport; nothing is opened yet.</summary>
    /// <param name="rdma">How RDMA is used.</param>
    /// <param name="tcp">How TCP is used.</param>
    /// <param name="logger">Is told what RDMA is here; null for that of the node that uses this transport.</param>
    /// <param name="timeProvider">Waits between attempts.</param>
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
        _logger = logger;
        Time = timeProvider ?? TimeProvider.System;
    }

    /// <summary>Longest pause between two attempts to move a connection; the first ones come sooner.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long one attempt may take.</summary>
    public TimeSpan RdmaTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Where to listen by RDMA, if that is a network of its own; null for the address and, if it is free, the port of TCP. Others are told in the handshake.</summary>
    public IPEndPoint? RdmaEndPoint { get; init; }

    internal TimeProvider Time { get; }

    /// <inheritdoc/>
    public async ValueTask<ITransportListener> ListenAsync(EndPoint endPoint, CancellationToken cancellationToken = default)
    {
        ITransportListener tcp = await _tcp.ListenAsync(endPoint, cancellationToken);
        if (!UsesRdma())
            return tcp;
        try
        {
            return new AutoListener(this, tcp, ListenByRdma((IPEndPoint)tcp.EndPoint));
        }
        catch (TransportException e)
        {
            Log.RdmaNotListening(_logger!, tcp.EndPoint, e.Message);
            return tcp;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ITransportConnection> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken = default)
    {
        ITransportConnection tcp = await _tcp.ConnectAsync(endPoint, cancellationToken);
        return UsesRdma() ? new MovableConnection(this, tcp, listener: null) : tcp;
    }

    /// <summary>A logger for what it has to say, if it has none.</summary>
    internal void UseLogger(ILogger logger) => _logger ??= logger;

    /// <summary>By which threads completions are looked for; see <see cref="RdmaTransport.PollBy"/>.</summary>
    internal void PollBy(Func<IPolledInput, bool>? pollBy) => _rdma.PollBy = pollBy;

    internal Task<RdmaConnection> ConnectByRdmaAsync(IPEndPoint endPoint, UInt128 token, CancellationToken cancellationToken) =>
        _rdma.ConnectAsync(endPoint, token, cancellationToken);

    /// <summary>A connection may be called by RDMA from now on.</summary>
    internal void Expect(UInt128 token, MovableConnection connection) => _expected[token] = connection;

    internal void ExpectNoMore(UInt128 token) => _expected.TryRemove(token, out _);

    /// <summary>A connection that has come by RDMA with a token. Owner: this.</summary>
    internal async Task HandOverAsync(RdmaConnection connection)
    {
        if (_expected.TryGetValue(connection.Token, out MovableConnection? moving))
            await moving.TakeAsync(connection);
        else
            await connection.DisposeAsync(); // it has ended since the request came
    }

    private RdmaListener ListenByRdma(IPEndPoint tcp)
    {
        try
        {
            return _rdma.Listen(RdmaEndPoint ?? tcp, _expected.ContainsKey);
        }
        catch (TransportException) when (RdmaEndPoint is null)
        {
            return _rdma.Listen(new IPEndPoint(tcp.Address, 0), _expected.ContainsKey); // the number is somebody else's there
        }
    }

    private bool UsesRdma()
    {
        if (Interlocked.Exchange(ref _hasSaid, 1) == 0)
            Log.RdmaState(_logger ??= NullLogger.Instance, RdmaSupport.Description);
        return RdmaSupport.IsAvailable;
    }
}
