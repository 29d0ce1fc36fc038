using System.Diagnostics.CodeAnalysis;
using System.Net;
using CloudScale.Interop.Connections;
using CloudScale.Interop.Epmd;
using CloudScale.Interop.Handshake;
using CloudScale.Interop.Transport;
using CloudScale.Runtime;
using CloudScale.Runtime.Global;
using CloudScale.Runtime.Services;
using CloudScale.Runtime.Services.Io;
using CloudScale.Runtime.Services.Standard;
using CloudScale.Scheduling;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CloudScale;

/// <summary>A node: lightweight processes in this .NET process, and connections to Erlang and CloudScale nodes.</summary>
/// <remarks>Threads: all members may be called from any thread. Several nodes may live in one .NET process.</remarks>
public sealed partial class Node : IAsyncDisposable
{
    private const string Nameless = "undefined";

    private readonly NodeOptions _options;
    private readonly Distribution? _distribution;
    private ProcessSystem? _processes;

    private Node(NodeOptions options, ILogger logger)
    {
        _options = options;
        Logger = logger;
        Subscribers = new NodeSubscribers(this);
        SpawnRequests = new SpawnRequests(this, logger);
        NodeMonitors = new NodeMonitors(this);
        Functions = new FunctionTable(logger);
        RemoteSpawn = Functions;
        if (options.Name is null && options.NamedBy is null)
            return;
        if (string.IsNullOrEmpty(options.Cookie))
            throw new ArgumentException(
                $"Node '{options.Name ?? Nameless}' needs a Cookie: the shared secret of its cluster.",
                nameof(options)
            );
        _distribution = new Distribution(ToDistributionOptions(options, logger, PollInput), new IncomingSignals(this));
    }

    /// <summary>Starts a node. When the task ends it can be reached.</summary>
    /// <param name="options">Name, cookie and all the rest.</param>
    /// <param name="logger">Where crashes of processes and refused connections are logged.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <exception cref="ArgumentException">An option is not valid; the text says which.</exception>
    /// <exception cref="EpmdException">The name is taken, or epmd cannot be reached and may not be started.</exception>
    public static async Task<Node> StartAsync(NodeOptions options, ILogger? logger = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        Node node = new(options, logger ?? NullLogger.Instance);
        try
        {
            await node.StartAsync(cancellationToken).ConfigureAwait(false);
            return node;
        }
        catch
        {
            await node.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The node's full name; <c>nonode@nohost</c> if it is not distributed.</summary>
    public Atom Name => Processes.Identity.Name;

    /// <summary>Name and creation.</summary>
    public NodeIdentity Identity => Processes.Identity;

    /// <summary>The processes of this node.</summary>
    public ProcessSystem Processes => _processes ?? throw new InvalidOperationException("The node has not started yet.");

    /// <summary>Nodes connected now.</summary>
    public IReadOnlyList<NodeInfo> Nodes => _distribution?.Nodes ?? [];

    /// <summary>The functions that other nodes may call by name. Export yours as soon as the node runs.</summary>
    public FunctionTable Functions { get; }

    internal ILogger Logger { get; }

    internal NodeSubscribers Subscribers { get; }

    internal BusySenders? BusySenders { get; private set; }

    internal SpawnRequests SpawnRequests { get; }

    /// <summary>What other nodes may start here.</summary>
    internal IRemoteSpawn RemoteSpawn { get; set; }

    internal NodeMonitors NodeMonitors { get; }

    internal Distribution? Distribution => _distribution;

    internal TimeProvider Clock => _options.TimeProvider;

    internal IPAddress ListenAddress => AddressOf(_options);

    /// <inheritdoc cref="ProcessSystem.Spawn(Func{Self, ProcessTask})"/>
    public Pid Spawn(Func<Self, ProcessTask> body, SpawnOptions options = default) => Processes.Spawn(body, options);

    /// <inheritdoc cref="ProcessSystem.Spawn(ProcessHandler)"/>
    public Pid Spawn(ProcessHandler handler, SpawnOptions options = default) => Processes.Spawn(handler, options);

    /// <inheritdoc cref="ProcessSystem.Register(Atom, Pid)"/>
    public void Register(Atom name, Pid pid) => Processes.Register(name, pid);

    /// <inheritdoc cref="ProcessSystem.WhereIs(Atom)"/>
    public Pid WhereIs(Atom name) => Processes.WhereIs(name);

    /// <summary>Sends a message from outside of any process, to a process of this node or another.</summary>
    public void Send(Pid to, object message) => Processes.Send(to, message);

    /// <summary>Sends a message to a registered name of this node; false if nobody bears it.</summary>
    public bool Send(Atom name, object message) => Processes.Send(name, message);

    /// <summary>Sends a message to a registered name of another node; connects on first use.</summary>
    public void Send(Atom name, Atom node, object message)
    {
        if (ReferenceEquals(node, Name))
            Processes.Send(name, message);
        else
            Processes.Remote.Send(new Pid(Identity, 0), name, node, message);
    }

    /// <inheritdoc cref="ProcessSystem.Exit(Pid, object)"/>
    public void Exit(Pid to, object reason) => Processes.Exit(to, reason);

    /// <summary>Stops the node: its applications stop in order; then all other processes get <c>shutdown</c>, after the grace period <c>kill</c>; then the connections close and the name is free.</summary>
    public async Task StopAsync()
    {
        await StopApplicationsAsync().ConfigureAwait(false);
        await StopAsync(_options.ShutdownGrace).ConfigureAwait(false);
    }

    /// <summary>Stops without a word to processes.</summary>
    internal Task StopNowAsync() => StopAsync(TimeSpan.Zero);

    private async Task StopAsync(TimeSpan grace)
    {
        if (_processes is not null)
            await _processes.StopAsync(grace).ConfigureAwait(false);
        if (_distribution is not null)
            await _distribution.StopAsync().ConfigureAwait(false);
    }

    private bool PollInput(IPolledInput input) => _processes is { } processes && processes.TryAddInput(new ConnectionInput(input));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_distribution is null)
        {
            OnNamed(new NodeIdentity(Atom.Of("nonode@nohost"), 0));
            return;
        }

        await _distribution.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The name and creation are settled and no connection has been taken yet: the moment to set up the processes.</summary>
    [MemberNotNull(nameof(_processes))]
    internal void OnNamed(NodeIdentity identity)
    {
        _processes = new ProcessSystem(
            new ProcessSystemOptions
            {
                Identity = identity,
                Schedulers = _options.Schedulers,
                MaxProcesses = _options.MaxProcesses,
                TimeProvider = _options.TimeProvider,
                Logger = Logger,
            }
        );
        if (_distribution is not null)
        {
            OutgoingSignals outgoing = new(_processes, _distribution, SpawnRequests);
            _processes.Remote = outgoing;
            BusySenders = outgoing.Busy;
        }

        _registry = new ProcessRegistry(_processes);
        _applications = NewApplications();
        Runtime.Behaviours.ExternalFunctions.Set(_processes, Functions);
        StandardModules.Export(this, _options.AllowedFunctions);
        ServiceKeeper.Start(
            _processes,
            new(IoAtoms.User, () => new OutputDevice(_options.Output ?? Console.Out, isDefault: true)),
            new(NetKernel.Name, () => new NetKernel(Functions)),
            new(Rex.Name, () => new Rex(Functions)),
            new(LogReceiver.Name, () => new LogReceiver(Logger)),
            new(LogReceiver.ProxyName, () => new LogReceiver(Logger)),
            new(PgScope.DefaultName, NewGroups),
            new(GlobalNameServer.Name, NewGlobal),
            new(ProcessRegistry.ServerName, NewRegistryServer),
            new(NodeApplications.ControllerName, NewApplicationController, TrapExit: true)
        );
    }

    private static EpmdOptions EpmdOf(NodeOptions options) =>
        options.EpmdPort is { } port
            ? new EpmdOptions { Port = port, StartServer = options.StartEpmd }
            : new EpmdOptions { StartServer = options.StartEpmd };

    private static IPAddress AddressOf(NodeOptions options)
    {
        if (options.ListenAddress is { } chosen)
            return chosen;
        string name = options.Name ?? "";
        string host = name[(name.IndexOf('@', StringComparison.Ordinal) + 1)..];
        bool isThisMachine = host == "localhost" || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));
        return isThisMachine ? IPAddress.Loopback : IPAddress.Any;
    }

    private static DistributionOptions ToDistributionOptions(NodeOptions options, ILogger logger, Func<IPolledInput, bool> pollInput) =>
        new()
        {
            Name = options.Name ?? Nameless,
            NamedBy = options.NamedBy,
            Cookie = options.Cookie!,
            IsHidden = options.Hidden,
            AdditionalFlags = DistributionFlags.UnicodeIo,
            TickTime = options.TickTime,
            AutoConnect = options.AutoConnect,
            Cookies = options.Cookies,
            UsesCompression = options.UsesCompression,
            IsAllowed = options.AllowedNodes is { } allowed ? new HashSet<string>(allowed, StringComparer.Ordinal).Contains : null,
            ListenAddress = AddressOf(options),
            ListenPortMin = options.ListenPort,
            ListenPortMax = options.ListenPort,
            Epmd = EpmdOf(options),
            Transport = options.Transport ?? (options.Tls is { } tls ? new TlsTransport(tls) : null),
            Directory = options.Directory,
            Logger = logger,
            Defer = ProcessSystem.TryDefer,
            PollInput = pollInput,
            TimeProvider = options.TimeProvider,
        };
}
