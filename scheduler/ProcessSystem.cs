using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace CloudScale.Scheduling;

/// <summary>The local half of a node: its processes, their names, and the schedulers that run them.</summary>
/// <remarks>Threads: any, unless a member says otherwise. Several may live in one .NET process and know nothing of each other.</remarks>
public sealed partial class ProcessSystem : IAsyncDisposable, IDisposable
{
    private const ulong ReferenceBlock = 1 << 16;

    internal readonly ProcessTable Table;
    internal readonly NameTable Names = new();
    internal readonly RemotePeers Remotes = new();
    internal readonly Clock Clock;
    internal readonly SchedulerGroup Group;

    /// <summary>Directs a system under test; null for every other.</summary>
    internal readonly IDirector? Director;

    /// <summary>Whose processes a send reaches the short way: those of this node. None in a directed system, whose director wants to see every send.</summary>
    internal NodeIdentity? ShortCut;
    private readonly ILogger _logger;
    private readonly TimeProvider _timeProvider;
    private long _references;
    private long _spawnedByHosts;
    private int _stopState;
    private readonly Lock _stopLock = new();
    private Task? _stopTask;

    /// <summary>Sets up the schedulers and starts them.</summary>
    public ProcessSystem(ProcessSystemOptions? options = null)
    {
        options ??= new ProcessSystemOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Schedulers, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxBlockedSchedulers, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxProcesses, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxProcesses, 1 << 27, nameof(options));
        Identity = options.Identity;
        Director = options.Director;
        ShortCut = Director is null ? Identity : null;
        Remote = new NoRemote(this);
        _timeProvider = options.TimeProvider;
        Clock = new Clock(options.TimeProvider);
        Table = new ProcessTable(options.MaxProcesses);
        _logger = options.Logger;
        Group = new SchedulerGroup(this, options);
        Group.Start();
        SchedulerMetrics.Add(this);
        if (SchedulerEventSource.Log.IsEnabled())
            SchedulerEventSource.Log.NodeStarted(Identity.Name.Name, options.Schedulers);
    }

    /// <summary>The node these processes belong to.</summary>
    public NodeIdentity Identity { get; }

    /// <summary>Takes signals for processes of other nodes. Set it before the first process is spawned.</summary>
    public IRemoteSignals Remote { get; set; }

    /// <summary>
    /// Leaves work to the scheduler whose thread this is: it is done when nothing else is to be run there, after some slices, or by the watchdog. False on any other thread. For those who send what
    /// processes say: what is said in one go goes out together.
    /// </summary>
    /// <param name="item">What is to be done, by any thread and once. It must not throw or wait.</param>
    public static bool TryDefer(IThreadPoolWorkItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return AfterSlice.TryDefer(item);
    }

    /// <summary>Has schedulers look at a source of input when they have nothing else to do, for as long as there are schedulers. False where that cannot be had: off Linux, and once the schedulers stop. Then the owner has to look himself.</summary>
    public bool TryAddInput(IInputSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Group.TryAddInput(source);
    }

    /// <summary>Where the node logs what its processes have to say: crashes above all.</summary>
    public ILogger Logger => _logger;

    /// <summary>Processes alive.</summary>
    public long ProcessCount
    {
        get
        {
            Counts counts = Group.Totals();
            return counts.Spawned + Volatile.Read(ref _spawnedByHosts) - counts.Exited;
        }
    }

    /// <summary>Starts a process that runs an async body.</summary>
    /// <exception cref="SystemLimitException">The node has its most processes.</exception>
    /// <exception cref="InvalidOperationException">The node is stopping.</exception>
    public Pid Spawn(Func<Self, ProcessTask> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return Spawn(body, default, null).Pid;
    }

    /// <summary>Starts a process that runs a handler.</summary>
    /// <inheritdoc cref="Spawn(Func{Self, ProcessTask})" path="/exception"/>
    public Pid Spawn(ProcessHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Spawn(handler, default, null).Pid;
    }

    /// <summary>Starts a process with options that hold from its first instant.</summary>
    /// <inheritdoc cref="Spawn(Func{Self, ProcessTask})" path="/exception"/>
    public Pid Spawn(Func<Self, ProcessTask> body, SpawnOptions options)
    {
        ArgumentNullException.ThrowIfNull(body);
        return Spawn(body, options, null).Pid;
    }

    /// <summary>Starts a process with options that hold from its first instant.</summary>
    /// <inheritdoc cref="Spawn(Func{Self, ProcessTask})" path="/exception"/>
    public Pid Spawn(ProcessHandler handler, SpawnOptions options)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Spawn(handler, options, null).Pid;
    }

    internal Process Spawn(object code, SpawnOptions options, Process? parent)
    {
        Scheduler? scheduler = CurrentScheduler;
        Process process = Create(code, options, parent, scheduler);
        if (options.Link && parent is not null)
        {
            parent.AdoptLink(process.Pid);
            process.AdoptLink(parent.Pid);
        }

        if (options.Monitor is { IsNone: false } monitor && parent is not null)
        {
            MonitorOptions how = options.MonitorOptions;
            parent.AddMonitor(monitor, new MonitorTarget(process.Pid, false, null, how));
            process.OnMonitor(parent.Pid, monitor, null, how.Alias == AliasMode.ReplyDemonitor);
        }

        if (parent is { IsTraced: true })
            Traced(parent, TraceFlags.Processes, TraceKind.Spawn, null, process.Pid);
        Start(process, scheduler);
        return process;
    }

    /// <summary>Makes a process that can be found, and is not started.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Process Create(object code, SpawnOptions options, Process? parent, Scheduler? scheduler)
    {
        if (Volatile.Read(ref _stopState) != 0)
            throw new InvalidOperationException("The node is stopping: it starts no more processes.");

        Process process = new(this, scheduler is null ? ReserveNumber() : scheduler.Numbers.Take(), code, parent?.Number ?? 0)
        {
            TrapExit = options.TrapExit,
            Priority = options.Priority,
        };
        if (parent?.HasOwnGroupLeader ?? false)
            process.GroupLeader = parent.GroupLeader;
        if (options.Attributes is { } attributes)
            SetAttributes(process, attributes);
        if (_tracesNew || parent is { IsTraced: true })
            AdoptTraces(process, parent);
        Table.Set(process);
        if (options.Name is { } name && !Names.TryAdd(name, process))
        {
            // Before it is linked or counted: a spawn that fails leaves nothing behind.
            Table.Clear(process.Number);
            Table.Release([ProcessTable.Next(process.Number)]);
            throw new ArgumentException($"The name {name} is registered already.", nameof(options));
        }

        return process;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Start(Process process, Scheduler? scheduler)
    {
        if (scheduler is null)
        {
            Interlocked.Increment(ref _spawnedByHosts);
            Group.Inject(process);
        }
        else
        {
            scheduler.CountSpawn();
            scheduler.ScheduleLast(process);
        }
    }

    private static void SetAttributes(Process process, SpawnAttributes attributes)
    {
        if (attributes.Label is not null)
            process.Label = attributes.Label;
        if (!attributes.GroupLeader.IsNone)
            process.GroupLeader = attributes.GroupLeader;
        if (attributes.MailboxLimit is not null)
            process.SetMailboxLimit(attributes.MailboxLimit);
    }

    /// <summary>The group leader of processes that were given none: who serves input and output. None until a node sets it.</summary>
    public Pid DefaultGroupLeader { get; set; }

    /// <summary>Sends a message from outside of any process. A pid that is gone swallows it.</summary>
    /// <exception cref="ArgumentNullException">The message is null, which is no term.</exception>
    public void Send(Pid to, object message)
    {
        if (IsHere(to))
            Post(to, Payloads.Wrap(message));
        else if (!to.IsNone)
            Remote.Send(SystemPid, to, message ?? throw new ArgumentNullException(nameof(message)));
    }

    /// <summary>Sends a message to an alias from outside of any process; dropped if it is none (any more).</summary>
    public void Send(Reference alias, object message, bool priority = false)
    {
        (object? payload, long bits) = Payloads.Split(message);
        if (!alias.IsNone)
            SendAlias(SystemPid, alias, payload, bits, priority, monitorIsGone: false);
    }

    /// <summary>Sends a message to a registered name of this node; false if nobody bears it.</summary>
    public bool Send(Atom name, object message)
    {
        ArgumentNullException.ThrowIfNull(name);
        Process? process = Names.Find(name);
        return process is not null && Post(process, Payloads.Wrap(message)) != Posted.Dead;
    }

    /// <summary>Sends an exit signal from outside of any process, as <c>exit(Pid, Reason)</c>.</summary>
    public void Exit(Pid to, object reason) => SendExit(SystemPid, to, reason, ExitKind.Explicit);

    /// <summary>Whether a local process is alive.</summary>
    public bool IsAlive(Pid pid) => IsHere(pid) && Table.Find(pid.Number) is { IsAlive: true };

    /// <summary>Pids of all processes alive.</summary>
    public IReadOnlyList<Pid> Processes()
    {
        List<Pid> pids = [];
        Table.ForEach(process =>
        {
            if (!process.IsExited)
                pids.Add(process.Pid);
        });
        return pids;
    }

    /// <summary>Describes a process; null if it is not alive. Answered by the process's own scheduler between two slices, so a body that blocks delays it.</summary>
    /// <param name="pid">A process of this node.</param>
    /// <param name="details">What costs more than the rest, and is asked for.</param>
    public Task<ProcessInfo?> GetInfoAsync(Pid pid, ProcessDetails details = ProcessDetails.None)
    {
        if (!IsHere(pid) || Table.Find(pid.Number) is not { } process)
            return Task.FromResult<ProcessInfo?>(null);
        TaskCompletionSource<ProcessInfo?> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (PostSignal(process, new InfoSignal(answer, details)) == Posted.Dead)
            answer.TrySetResult(null);
        return answer.Task;
    }

    /// <summary>Messages waiting in a process's mailbox; an estimate, taken without disturbing it. Null if it is not alive.</summary>
    public int? MessageQueueLength(Pid pid) => IsHere(pid) ? Table.Find(pid.Number)?.MessageQueueLength : null;

    /// <summary>A new reference, unique among connected nodes.</summary>
    public Reference MakeReference() => NewReference();

    internal Reference NewReference() => new(Identity, NewReferenceNumber());

    internal ulong NewReferenceNumber() => CurrentScheduler?.NextReference() ?? (ulong)Interlocked.Increment(ref _references);

    /// <summary>Blocks of reference numbers lie above those for host threads.</summary>
    internal (ulong Next, ulong End) ReserveReferences()
    {
        ulong end = (ulong)Interlocked.Add(ref _referenceBlocks, (long)ReferenceBlock) + (1UL << 62);
        return (end - ReferenceBlock, end);
    }

    private long _referenceBlocks;

    /// <summary>The pid that signals from outside of any process come from.</summary>
    internal Pid SystemPid => new(Identity, 0);

    internal Scheduler? CurrentScheduler => Scheduler.Current is { } scheduler && scheduler.System == this ? scheduler : null;

    internal static void OnExited(Process process)
    {
        Scheduler scheduler = Scheduler.Current!;
        scheduler.Numbers.Return(process.Number);
        scheduler.CountExit();
    }

    /// <summary>Logs the crash, once, and makes its exit reason.</summary>
    internal object ReportCrash(Process process, Exception exception)
    {
        string type = exception.GetType().FullName ?? exception.GetType().Name;
        if (SchedulerEventSource.Log.IsEnabled())
            SchedulerEventSource.Log.ProcessCrashed(process.Pid.ToString(), exception.ToString());
        LogCrash(_logger, process.Pid, process.Name ?? process.Label, exception);
        return Tuple.Of(
            Atoms.Exception,
            Atom.Of(type.Length <= Atom.MaxCharacters ? type : type[..Atom.MaxCharacters]),
            exception.Message,
            exception.StackTrace ?? ""
        );
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Process {Pid} ({Name}) crashed.")]
    private static partial void LogCrash(ILogger logger, Pid pid, object? name, Exception exception);

    /// <summary>Any thread: a message found a full mailbox whose overflow is <see cref="MailboxOverflow.Kill"/>.</summary>
    internal void OnMailboxOverflow(Process process, MailboxLimit limit)
    {
        if (SchedulerEventSource.Log.IsEnabled())
            SchedulerEventSource.Log.MailboxOverflow(process.Pid.ToString(), limit.Messages);
        LogOverflow(_logger, process.Pid, process.Name, limit.Messages);
        PostSignal(process, new ExitSignal(SystemPid, Atoms.Kill, ExitKind.Explicit));
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "Process {Pid} (registered as {Name}) is killed: its mailbox holds its most messages, {Limit}."
    )]
    private static partial void LogOverflow(ILogger logger, Pid pid, Atom? name, int limit);

    private ulong ReserveNumber()
    {
        Span<ulong> one = stackalloc ulong[1];
        Table.Reserve(one);
        return one[0];
    }
}
