using System.Collections.Concurrent;
using System.Net;
using CloudScale.Interop.Channel;
using CloudScale.Interop.Compression;
using CloudScale.Interop.Epmd;
using CloudScale.Interop.Handshake;
using CloudScale.Interop.Rdma;
using CloudScale.Interop.Transport;
using CloudScale.Serialization.Etf;
using Microsoft.Extensions.Logging;

namespace CloudScale.Interop.Connections;

/// <summary>This node among others: makes and takes connections, sends signals, reports what arrives.</summary>
/// <remarks>
/// Threads: any. Nothing that sends blocks. Order: signals from one thread to one node arrive in the order in which they were sent, over one connection. Source: ERTS
/// User's Guide, Distribution Protocol.
/// </remarks>
public sealed partial class Distribution : INodeConnectionOwner, IAsyncDisposable
{
    private static readonly TimeSpan s_stopFlush = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_acceptPause = TimeSpan.FromMilliseconds(100);

    private readonly DistributionOptions _options;
    private readonly IDistributionEvents _events;
    private readonly ITransport _transport;
    private readonly INodeDirectory _directory;
    private readonly ILogger _logger;
    private string _name; // undefined@host until it is given; then as it stays
    private readonly DistributionFlags _flags;
    private readonly OwnAbilities _abilities;
    private readonly ConcurrentDictionary<Atom, Peer> _peers = [];
    private readonly ConcurrentDictionary<string, string> _cookies;
    private readonly ConcurrentDictionary<Task, bool> _tasks = []; // loops to wait for at the end
    private readonly CancellationTokenSource _stop = new();
    private readonly Lazy<SocketWatch?> _watch;
    private NodeIdentity? _self;
    private ITransportListener? _listener;
    private INodeRegistration? _registration;
    private long _connectionIds;
    private int _state; // 0 new, 1 started, 2 stopped

    /// <summary>Makes the distribution of a node; nothing happens before <see cref="StartAsync"/>.</summary>
    /// <exception cref="ArgumentException">An option makes no sense; the message says which.</exception>
    public Distribution(DistributionOptions options, IDistributionEvents events)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(events);
        options.Validate();
        _options = options;
        _events = events;
        _logger = options.Logger;
        _addresses = new AddressLimiter(options.MaxCallsPerAddress, options.TimeProvider.TimestampFrequency);
        _name = options.FullName();
        _cookies = new ConcurrentDictionary<string, string>(options.Cookies, StringComparer.Ordinal);
        _transport = options.Transport ?? new TcpTransport();
        (_transport as AutoTransport)?.UseLogger(_logger);
        (_transport as AutoTransport)?.PollBy(options.PollInput);
        if (_transport is RdmaTransport rdma)
            rdma.PollBy = options.PollInput;
        _directory = options.Directory ?? new EpmdNodeDirectory(new EpmdClient(options.Epmd, options.Logger, options.TimeProvider));
        _tickTimes = new TickTimes(options.TickTime, options.TickIntensity);
        _flags =
            FlagSets.Implemented
            | options.AdditionalFlags
            | (options.IsHidden || options.NamedBy is not null ? DistributionFlags.None : DistributionFlags.Published);
        _abilities = AbilitiesOf(options, Lz4.IsAvailable, Lz4.Description);
        _watch = new Lazy<SocketWatch?>(() => options.PollInput is { } pollBy ? SocketWatch.TryMake(pollBy) : null);
    }

    /// <summary>What is offered to other nodes of this library. What was asked for and is not to be had is told once, in the log.</summary>
    internal static OwnAbilities AbilitiesOf(DistributionOptions options, bool hasLz4, string description)
    {
        if (!options.UsesCompression)
            return OwnAbilities.None;
        if (hasLz4)
            return OwnAbilities.Lz4;
        Log.NoCompression(options.Logger, description);
        return OwnAbilities.None;
    }

    /// <summary>The name and creation of this node.</summary>
    /// <exception cref="InvalidOperationException">It is not started yet.</exception>
    public NodeIdentity Self => _self ?? throw new InvalidOperationException("The distribution is not started.");

    /// <summary>Where this node takes connections.</summary>
    /// <exception cref="InvalidOperationException">It is not started yet, or takes none: its name is given by another node.</exception>
    public EndPoint EndPoint =>
        _listener?.EndPoint ?? throw new InvalidOperationException("The distribution is not started, or takes no connections.");

    /// <summary>The nodes that are connected at this moment.</summary>
    public IReadOnlyList<NodeInfo> Nodes =>
        [
            .. _peers
                .Values.Select(peer => peer.Connection)
                .Where(connection => connection is { IsClosed: false })
                .Select(connection => connection!.Info),
        ];

    /// <summary>Listens, enters the node in epmd, and takes connections; or, with <see cref="DistributionOptions.NamedBy"/>, connects to that node and has its name from it.</summary>
    /// <exception cref="IOException">The port or the name cannot be had; the message says why and what to do.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.CompareExchange(ref _state, 1, 0) != 0)
            throw new InvalidOperationException("The distribution was started before.");
        if (_options.NamedBy is { } giver)
        {
            await StartNamelessAsync(giver, cancellationToken);
            return;
        }

        try
        {
            _listener = await ListenAsync(cancellationToken);
            _registration = await _directory.RegisterAsync(_name, _listener.EndPoint, _options.IsHidden, cancellationToken);
        }
        catch
        {
            await StopAsync();
            throw;
        }

        _self = new NodeIdentity(Atom.Of(_name), _registration.Creation);
        _events.OnStarted(_self);
        Log.NodeStarted(_logger, _name, _listener.EndPoint);
        Track(AcceptAsync(_listener));
    }

    /// <summary>
    /// Leaves: takes the node out of epmd, sends what waits (for up to a second), closes every connection. All reports have been made when it returns.
    /// </summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _state, 2) != 1)
            return;
        if (_listener is not null)
            await _listener.DisposeAsync();
        if (_registration is not null)
            await _registration.DisposeAsync();
        EndTickTransition();

        // Each connection ends when the other side has read to the end and hung up; one that does not read is cut off.
        List<Task> ends = [];
        foreach (Peer peer in _peers.Values)
        {
            lock (peer.Gate)
            {
                if (peer.Connection is null)
                    continue;
                peer.Connection.Finish(CloseReasons.Terminated);
                ends.Add(peer.Reported!.Task);
            }
        }

        // Real time: a stop must end where nobody moves a test's clock, too.
        await Task.WhenAny(Task.WhenAll(ends), Task.Delay(s_stopFlush));

        await _stop.CancelAsync();
        foreach (Peer peer in _peers.Values)
            peer.Connection?.Close(CloseReasons.Terminated);
        while (!_tasks.IsEmpty)
            await Task.WhenAll(_tasks.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // logged where they are tracked
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>Sets the cookie for one node, for handshakes from now on; Erlang's <c>set_cookie(Node, Cookie)</c>.</summary>
    public void SetCookie(string nodeName, string cookie)
    {
        ArgumentException.ThrowIfNullOrEmpty(cookie);
        _cookies[nodeName] = cookie;
    }

    SocketWatch? INodeConnectionOwner.Watch => _watch.Value;

    void INodeConnectionOwner.OnNotBusy(NodeConnection connection) => _events.OnNotBusy(connection.Info.Name);

    Task? INodeConnectionOwner.OnControl(NodeConnection connection, in ControlMessage message, EncodedTerm body)
    {
        object Named(Pid pid, Atom? name) => name is null ? pid : name;
        if (message.Trace is { } trace)
            _events.OnTrace(trace, body);
        switch (message.Kind)
        {
            case ControlKind.Send:
                return _events.OnSend(message.To, body);
            case ControlKind.SendToName:
                return _events.OnRegisteredSend(message.From, message.Name!, body);
            case ControlKind.SendToAlias:
                return _events.OnAliasSend(message.Reference, body, message.IsPriority);
            case ControlKind.Link:
                _events.OnLink(message.From, message.To);
                break;
            case ControlKind.Unlink:
                _events.OnUnlink(message.UnlinkId, message.From, message.To);
                break;
            case ControlKind.UnlinkAck:
                _events.OnUnlinkAck(message.UnlinkId, message.From, message.To);
                break;
            case ControlKind.Exit:
                _events.OnExit(message.From, message.To, message.Payload!);
                break;
            case ControlKind.Exit2:
                _events.OnExit2(message.From, message.To, message.Payload!);
                break;
            case ControlKind.ExitToName:
                _events.OnRegisteredExit(message.From, message.Name!, message.Payload!);
                break;
            case ControlKind.ExitToAlias:
                _events.OnAliasExit(message.From, message.Reference, message.Payload!, message.IsPriority);
                break;
            case ControlKind.Monitor:
                _events.OnMonitor(message.From, Named(message.To, message.Name), message.Reference);
                break;
            case ControlKind.Demonitor:
                _events.OnDemonitor(message.From, Named(message.To, message.Name), message.Reference);
                break;
            case ControlKind.MonitorExit:
                _events.OnMonitorExit(Named(message.From, message.Name), message.To, message.Reference, message.Payload!);
                break;
            case ControlKind.GroupLeader:
                _events.OnGroupLeader(message.From, message.To);
                break;
            case ControlKind.SpawnRequest:
                _events.OnSpawnRequest((SpawnRequest)message.Payload!, body);
                break;
            case ControlKind.SpawnReply:
                _events.OnSpawnReply(message.Reference, message.To, (SpawnReplyFlags)message.UnlinkId, Named(message.From, message.Name));
                break;
            default:
                throw new InvalidOperationException($"No event for {message.Kind}.");
        }

        return null;
    }

    private string CookieFor(string nodeName) => _cookies.TryGetValue(nodeName, out string? cookie) ? cookie : _options.Cookie;

    private async Task<ITransportListener> ListenAsync(CancellationToken cancellationToken)
    {
        int last = Math.Max(_options.ListenPortMin, _options.ListenPortMax);
        for (int port = _options.ListenPortMin; ; port++)
        {
            try
            {
                return await _transport.ListenAsync(new IPEndPoint(_options.ListenAddress, port), cancellationToken);
            }
            catch (TransportException) when (port < last)
            {
                // The next one may be free.
            }
        }
    }

    private void Track(Task task)
    {
        _tasks[task] = true;
        _ = task.ContinueWith(
            static (done, distribution) => ((Distribution)distribution!).Untrack(done),
            this,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }

    private void Untrack(Task done)
    {
        if (done.Exception is { } bug)
            Log.LoopBug(_logger, bug.GetBaseException());
        _tasks.TryRemove(done, out _);
    }
}
