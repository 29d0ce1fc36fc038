namespace CloudScale.Runtime.Applications;

/// <summary>The process that starts and stops applications, one decision at a time: registered as <c>application_controller</c>.</summary>
/// <remarks>
/// It waits for nobody: a start or stop that takes long is a message when it is over. What it knows lies in the table, so one that starts anew goes on where the one before left off. Source: OTP kernel,
/// application_controller.
/// </remarks>
internal sealed class ApplicationController(ApplicationTable table, Action<Atom, object> onEnd) : GenServer
{
    private static readonly Atom s_alreadyStarted = Atom.Of("already_started");
    private static readonly Atom s_alreadyLoaded = Atom.Of("already_loaded");
    private static readonly Atom s_notStarted = Atom.Of("not_started");
    private static readonly Atom s_notLoaded = Atom.Of("not_loaded");
    private static readonly Atom s_running = Atom.Of("running");
    private static readonly Atom s_noSuchFile = Atom.Of("no such file or directory");
    private static readonly Atom s_terminated = Atom.Of("application_terminated");
    private static readonly Atom s_startFailure = Atom.Of("application_start_failure");

    private readonly Dictionary<Atom, Starting> _starting = [];
    private readonly Dictionary<Atom, Stopping> _stopping = [];
    private readonly Dictionary<Reference, Atom> _masters = []; // by monitor

    internal sealed record Load(ApplicationDefinition Definition);

    internal sealed record Unload(Atom Name);

    internal sealed record StartRequest(Atom Name, ApplicationRestart Restart, ApplicationStartType Type);

    internal sealed record StopRequest(Atom Name);

    protected override ProcessTask<InitResult> Init()
    {
        Self.TrapExit = true;
        foreach (RunningApplication one in table.Running)
        {
            if (!one.Master.IsNone)
                _masters.Add(Self.Monitor(one.Master), one.Name);
        }

        return InitResult.Ok;
    }

    protected override ProcessTask<Next> HandleCall(object request, From from) =>
        request switch
        {
            Load load => Reply(DoLoad(load.Definition)),
            Unload unload => Reply(DoUnload(unload.Name)),
            StartRequest start => DoStart(start, from),
            StopRequest stop => DoStop(stop.Name, from),
            _ => base.HandleCall(request, from),
        };

    protected override ProcessTask<Next> HandleInfo(object message)
    {
        switch (message)
        {
            case ApplicationMaster.Report report:
                OnReport(report);
                return NoReply;
            case Down down when _masters.Remove(down.Reference, out Atom? name):
                OnMasterGone(name, down.Reason);
                return NoReply;
            case Exit exit:
                return Stop(exit.Reason); // the node stops
            default:
                return base.HandleInfo(message);
        }
    }

    protected override object GetState() =>
        List.Of([
            .. table.Running.Select(static one =>
                (object)Tuple.Of(one.Name, ToAtom(one.Restart), one.Master.IsNone ? Atoms.Undefined : one.Master)
            ),
        ]);

    internal static Atom ToAtom(ApplicationRestart restart) =>
        restart switch
        {
            ApplicationRestart.Permanent => Atom.Of("permanent"),
            ApplicationRestart.Transient => Atom.Of("transient"),
            _ => Atom.Of("temporary"),
        };

    private static Tuple Failed(object reason) => Tuple.Of(Atoms.Error, reason);

    // ---- load ----

    private object DoLoad(ApplicationDefinition definition)
    {
        ApplicationDefinition[] all = [.. definition.WithIncluded()];
        foreach (ApplicationDefinition one in all)
        {
            if (table.Loaded.ContainsKey(one.Name))
                return Failed(Tuple.Of(s_alreadyLoaded, one.Name));
        }

        foreach (ApplicationDefinition one in all)
        {
            table.Loaded[one.Name] = one;
            table.Environments.GetOrAdd(one.Name, static _ => new ApplicationEnvironment()).Define(one.Environment);
            foreach (ApplicationDefinition included in one.IncludedApplications)
                table.IncludedIn[included.Name] = one.Name;
        }

        return Atoms.Ok;
    }

    private object DoUnload(Atom name)
    {
        if (table.IsRunning(name) || _starting.ContainsKey(name))
            return Failed(Tuple.Of(s_running, name));
        if (!table.Loaded.TryGetValue(name, out ApplicationDefinition? definition))
            return Failed(Tuple.Of(s_notLoaded, name));
        foreach (ApplicationDefinition one in definition.WithIncluded())
        {
            table.Loaded.TryRemove(one.Name, out _);
            table.Environments.TryRemove(one.Name, out _);
            table.IncludedIn.TryRemove(one.Name, out _);
        }

        return Atoms.Ok;
    }

    // ---- start ----

    private ProcessTask<Next> DoStart(StartRequest request, From from)
    {
        Atom name = request.Name;
        if (table.IsRunning(name))
            return Reply(Failed(Tuple.Of(s_alreadyStarted, name)));
        if (_starting.TryGetValue(name, out Starting? begun))
        {
            begun.Waiting.Add(from);
            return NoReply;
        }

        if (!table.Loaded.TryGetValue(name, out ApplicationDefinition? definition))
            return Reply(Failed(Tuple.Of(s_noSuchFile, $"{name.Name}.app")));
        if (MissingOf(definition) is { } missing)
            return Reply(Failed(Tuple.Of(s_notStarted, missing)));
        if (definition.Callbacks is null)
        {
            OnStarted(new RunningApplication(name, request.Restart, default, default));
            return Reply(Atoms.Ok);
        }

        ApplicationMaster master = new(definition, request.Type, Self.Pid);
        Pid pid = Self.Spawn(master.Run, new SpawnOptions { TrapExit = true, Label = Tuple.Of(Atom.Of("application_master"), name) });
        _starting.Add(name, new Starting(request.Restart, [from]));
        _masters.Add(Self.Monitor(pid), name);
        return NoReply;
    }

    /// <summary>What the application needs and does not run; null for nothing.</summary>
    private Atom? MissingOf(ApplicationDefinition definition) =>
        definition.Applications.FirstOrDefault(needed =>
            !table.IsRunning(needed)
            && !NodeApplications.IsBuiltIn(needed)
            && !(definition.OptionalApplications.Contains(needed) && !table.Loaded.ContainsKey(needed))
        );

    private void OnReport(ApplicationMaster.Report report)
    {
        if (!_starting.Remove(report.Name, out Starting? starting))
            return;
        if (report.Result.IsOk)
        {
            OnStarted(new RunningApplication(report.Name, starting.Restart, report.Master, report.Result.Pid));
            Answer(starting.Waiting, Atoms.Ok);
            return;
        }

        OnStartFailed(report.Name, starting, report.Result.Error ?? Atoms.Undefined);
    }

    private void OnStarted(RunningApplication application)
    {
        ApplicationLog.Started(Self.System.Logger, application.Name);
        table.Running = [.. table.Running, application];
    }

    private void OnStartFailed(Atom name, Starting starting, object reason)
    {
        Answer(starting.Waiting, Failed(reason));
        ApplicationLog.Exited(Self.System.Logger, name, Term.Format(reason), starting.Restart);
        if (starting.Restart != ApplicationRestart.Temporary)
            EndNode(name, Tuple.Of(s_startFailure, name, reason));
    }

    private void Answer(IEnumerable<From> waiting, object answer)
    {
        foreach (From from in waiting)
            Self.Reply(from, answer);
    }

    // ---- stop ----

    private ProcessTask<Next> DoStop(Atom name, From from)
    {
        if (_stopping.TryGetValue(name, out Stopping? begun))
        {
            begun.Waiting.Add(from);
            return NoReply;
        }

        if (table.Find(name) is not { } application)
            return Reply(Failed(Tuple.Of(s_notStarted, name)));
        if (application.Master.IsNone)
        {
            Forget(application);
            return Reply(Atoms.Ok);
        }

        _stopping.Add(name, new Stopping([from]));
        Self.Send(application.Master, ApplicationMaster.Terminate);
        return NoReply;
    }

    private void OnMasterGone(Atom name, object reason)
    {
        if (_starting.Remove(name, out Starting? starting))
        {
            OnStartFailed(name, starting, reason);
            return;
        }

        if (table.Find(name) is not { } application)
            return; // its start failed, as it has said
        Forget(application);
        ApplicationLog.Exited(Self.System.Logger, name, Term.Format(reason), application.Restart);
        if (_stopping.Remove(name, out Stopping? stopping))
            Answer(stopping.Waiting, Atoms.Ok);
        else if (application.Restart == ApplicationRestart.Permanent)
            EndNode(name, Tuple.Of(s_terminated, name, reason));
        else if (application.Restart == ApplicationRestart.Transient && !ReferenceEquals(reason, Atoms.Normal))
            EndNode(name, Tuple.Of(s_terminated, name, reason));
    }

    private void Forget(RunningApplication application) => table.Running = [.. table.Running.Where(one => one != application)];

    private void EndNode(Atom name, object reason)
    {
        ApplicationLog.EndsNode(Self.System.Logger, name, Term.Format(reason));
        onEnd(name, reason);
    }

    private sealed record Starting(ApplicationRestart Restart, List<From> Waiting);

    private sealed record Stopping(List<From> Waiting);
}
