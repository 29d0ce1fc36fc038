using CloudScale.Runtime.Applications;
using CloudScale.Scheduling;

namespace CloudScale;

/// <summary>The applications of a node: loaded, started in the order of what they need, stopped in the reverse. OTP's <c>application</c> module.</summary>
/// <remarks>
/// Threads: what takes a <see cref="Self"/> is called in a process, which waits; all else from any thread. Errors are OTP's terms: <c>{error, {already_started, Name}}</c>, <c>{error, {not_started, Needed}}</c>,
/// <c>{error, {"no such file or directory", "name.app"}}</c> for one that was not loaded, <c>{error, {bad_return, …}}</c>. Source: OTP kernel, application.
/// </remarks>
public sealed partial class NodeApplications
{
    private static readonly Atom[] s_builtIn = ["kernel", "stdlib", "runtime_tools"];

    private readonly ApplicationTable _table = new();
    private readonly ProcessSystem _processes;
    private readonly Action<Atom, object> _onEnd;

    /// <summary>The applications of some processes. They are to be <see cref="Start()">started</see>; those of a <see cref="Node"/> are.</summary>
    /// <param name="processes">The processes.</param>
    /// <param name="onEnd">Called with the name of an application and <c>{application_terminated, Name, Reason}</c> when its end is to end the node. On a scheduler: it must not wait.</param>
    public NodeApplications(ProcessSystem processes, Action<Atom, object> onEnd)
    {
        ArgumentNullException.ThrowIfNull(processes);
        ArgumentNullException.ThrowIfNull(onEnd);
        _processes = processes;
        _onEnd = onEnd;
    }

    /// <summary>The name of the process that starts and stops them.</summary>
    public static Atom ControllerName { get; } = Atom.Of("application_controller");

    /// <summary>How long all of them have to stop when the node stops; 30 s by default.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Starts the process that starts and stops them.</summary>
    public Pid Start() => _processes.Spawn(NewController(), new SpawnOptions { Name = ControllerName });

    internal ApplicationController NewController() => new(_table, _onEnd);

    /// <summary>What every node has, and no application needs to wait for.</summary>
    internal static bool IsBuiltIn(Atom name) => Array.IndexOf(s_builtIn, name) >= 0;

    // ---- looking ----

    /// <summary>Applications that are loaded, running or not.</summary>
    public IReadOnlyCollection<ApplicationDefinition> Loaded => [.. _table.Loaded.Values];

    /// <summary>Applications that run, the one started last first: <c>which_applications</c>.</summary>
    public IReadOnlyList<ApplicationDefinition> Running =>
        [.. _table.Running.Reverse().Select(one => _table.Loaded.GetValueOrDefault(one.Name)).OfType<ApplicationDefinition>()];

    /// <summary>Whether an application runs.</summary>
    public bool IsRunning(Atom name) => _table.IsRunning(name);

    internal ApplicationRestart RestartOf(Atom name) => _table.Find(name)?.Restart ?? ApplicationRestart.Temporary;

    /// <summary>The top supervisor of an application; none if it does not run, or has none.</summary>
    public Pid GetSupervisor(Atom name) => _table.Find(name)?.Top ?? default;

    /// <summary>The application that a process is of, by its group leader; null for none.</summary>
    public async ValueTask<Atom?> GetApplicationAsync(Pid process) =>
        await _processes.GetInfoAsync(process).ConfigureAwait(false) is { } info ? ApplicationOf(info.GroupLeader) : null;

    /// <summary>The application that the calling process is of; null for none.</summary>
    public Atom? GetApplication(Self self) => ApplicationOf(self.GroupLeader);

    private Atom? ApplicationOf(Pid leader) => leader.IsNone ? null : Array.Find(_table.Running, one => one.Master == leader)?.Name;

    // ---- loading, starting, stopping ----

    /// <summary>Loads an application with those it includes, and makes their environments.</summary>
    /// <returns><c>ok</c> or an error.</returns>
    public async ProcessTask<object> Load(Self self, ApplicationDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        object answer = await Ask(self, new ApplicationController.Load(definition));
        if (ReferenceEquals(answer, Atoms.Ok))
            Configure(definition);
        return answer;
    }

    /// <summary>Forgets an application that does not run.</summary>
    /// <returns><c>ok</c> or an error.</returns>
    public ProcessTask<object> Unload(Self self, Atom name) => Ask(self, new ApplicationController.Unload(name));

    /// <summary>Starts an application; what it needs must run.</summary>
    /// <param name="self">Who asks, and waits.</param>
    /// <param name="name">Its name.</param>
    /// <param name="restart">What its end means for the node.</param>
    /// <returns><c>ok</c> or an error.</returns>
    public ProcessTask<object> Start(Self self, Atom name, ApplicationRestart restart = ApplicationRestart.Temporary) =>
        Ask(self, new ApplicationController.StartRequest(name, restart, ApplicationStartType.Normal));

    /// <summary>Starts an application unless it runs: <c>ensure_started</c>.</summary>
    /// <inheritdoc cref="Start(Self, Atom, ApplicationRestart)"/>
    public async ProcessTask<object> EnsureStarted(Self self, Atom name, ApplicationRestart restart = ApplicationRestart.Temporary)
    {
        object answer = await Start(self, name, restart);
        return answer is Tuple and [_, Tuple and [Atom { Name: "already_started" }, _]] ? Atoms.Ok : answer;
    }

    /// <summary>Starts applications and all they need, in order: <c>ensure_all_started</c>.</summary>
    /// <param name="self">Who asks, and waits.</param>
    /// <param name="names">Their names.</param>
    /// <param name="restart">What the end of each means for the node.</param>
    /// <param name="concurrently">Whether those that do not need each other start at the same time.</param>
    /// <returns><c>{ok, [Started]}</c>, or <c>{error, {Name, Reason}}</c>; then those that this call had started are stopped again.</returns>
    public async ProcessTask<object> EnsureAllStarted(
        Self self,
        IReadOnlyList<Atom> names,
        ApplicationRestart restart = ApplicationRestart.Temporary,
        bool concurrently = false
    )
    {
        ArgumentNullException.ThrowIfNull(names);
        ApplicationOrder order = new(_table);
        foreach (Atom name in names)
        {
            if (order.Add(name) is { } fault)
                return Tuple.Of(Atoms.Error, fault);
        }

        List<object> started = [];
        foreach (IReadOnlyList<Atom> rank in concurrently ? order.Ranks : order.OneByOne)
        {
            List<(Atom Name, RequestId Request)> requests = [];
            foreach (Atom name in rank)
                requests.Add(
                    (name, await self.SendRequest(ControllerName, new ApplicationController.StartRequest(name, restart, default)))
                );
            object? failure = null;
            foreach ((Atom name, RequestId request) in requests)
            {
                Response response = await self.ReceiveResponse(request);
                if (response.IsReply && ReferenceEquals(response.Value, Atoms.Ok))
                    started.Add(name);
                else if (response.Value is not (Tuple and [_, Tuple and [Atom { Name: "already_started" }, _]]))
                    failure ??= Tuple.Of(name, response.Value is Tuple and [_, var reason] ? reason : response.Value ?? Atoms.NoProc);
            }

            if (failure is null)
                continue;
            for (int i = started.Count - 1; i >= 0; i--)
                await Stop(self, (Atom)started[i]);
            return Tuple.Of(Atoms.Error, failure);
        }

        return Tuple.Of(Atoms.Ok, List.Create([.. started]));
    }

    /// <summary>Stops an application: <c>PrepareStop</c>, its processes in order, <c>Stop</c>. Those that need it are not looked at, as in OTP.</summary>
    /// <returns><c>ok</c> or an error.</returns>
    public ProcessTask<object> Stop(Self self, Atom name) => Ask(self, new ApplicationController.StopRequest(name));

    /// <summary>Stops all that run, the one started last first.</summary>
    public async ProcessTask StopAll(Self self)
    {
        while (_table.Running is [.., var last])
            await Stop(self, last.Name);
    }

    private ProcessTask<object> Ask(Self self, object request) =>
        ReferenceEquals(self.System, _processes)
            ? self.Call(ControllerName, request, timeout: Timeout.InfiniteTimeSpan)
            : throw new ArgumentException("The process is of another node than the applications.", nameof(self));
}
