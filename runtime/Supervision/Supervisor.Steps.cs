using System.Diagnostics.CodeAnalysis;
using CloudScale.Runtime.Behaviours;
using CloudScale.Runtime.Supervision;

namespace CloudScale;

/// <content>Carrying out what the core decides.</content>
public abstract partial class Supervisor
{
    private Dictionary<Origin, Child>? _starts; // that nobody waits for

    /// <summary>A child runs under a pid from here on.</summary>
    private protected virtual void OnChildStarted(object id, Pid pid) { }

    private long NowMs => (long)Self.System.MonotonicTime.TotalMilliseconds;

    private async ProcessTask CarryOut(IEnumerable<Step> steps)
    {
        Core.NowMs = NowMs;
        foreach (Step step in steps)
        {
            switch (step.Kind)
            {
                case StepKind.Start:
                    Core.Started = await Start(step.Child);
                    if (Core.Started.IsOk)
                        OnChildStarted(step.Child.Spec.Id, Core.Started.Pid);
                    break;
                case StepKind.Stop:
                    Core.StopReason = await StopAsync(step.Child);
                    break;
                case StepKind.StopTogether:
                    Core.StopReasons = await StopTogetherAsync();
                    break;
                default:
                    CarryOut(step);
                    break;
            }

            Core.NowMs = NowMs;
        }
    }

    /// <summary>A step that nothing is waited for in.</summary>
    private void CarryOut(in Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Retry:
                Retry(step.Child, step.DelayMs);
                break;
            case StepKind.Progress:
                ReportProgress(step.Child);
                break;
            default:
                FailureCounts.Of(Self.System).Add();
                Report(step);
                break;
        }
    }

    private void Retry(Child child, long delayMs)
    {
        RetryTick tick = new(child, child.Turn);
        if (delayMs == 0)
            Self.Send(Self.Pid, tick);
        else
            Self.SendAfter(TimeSpan.FromMilliseconds(delayMs), Self.Pid, tick);
    }

    // ---- start ----

    private ProcessTask<StartResult> Start(Child child) =>
        child.Spec.Start is FactoryStart factory ? Start(child, factory) : StartAsync(child);

    /// <summary>Begins the start of a child with default options, for <see cref="StartDynamic"/>, which waits for its end itself.</summary>
    /// <returns>False if it has failed already.</returns>
    private bool TryBeginStart(Child child, FactoryStart factory, out PendingStart start, out StartResult failure)
    {
        try
        {
            start = StarterExtensions.BeginLinked(Self, Make(child, factory));
            failure = default;
            return true;
        }
        catch (Exception exception)
        {
            start = default;
            failure = FailedStart(exception);
            return false;
        }
    }

    private static bool IsOrdinary(Child child, [NotNullWhen(true)] out FactoryStart? factory)
    {
        factory = child.Spec is { IsAsync: false, Options: null } ? child.Spec.Start as FactoryStart : null;
#if EXPLORATION
        if (Mutations.Is(Mutation.LinksAfterInit))
            factory = null;
#endif
        return factory is not null;
    }

    private static Behaviour Make(Child child, FactoryStart factory)
    {
        Behaviour behaviour = factory.Make(child.Arguments);
        if (child.Spec.Type is null)
            child.IsSupervisor = behaviour is Supervisor;
        return behaviour;
    }

    /// <summary>As most children are started: no more async methods than needed.</summary>
    private ProcessTask<StartResult> Start(Child child, FactoryStart factory)
    {
        try
        {
            Behaviour behaviour = Make(child, factory);
#if EXPLORATION
            if (Mutations.Is(Mutation.LinksAfterInit))
                return StartAndLinkLateAsync(behaviour, child.Spec.Options ?? StartOptions.Default);
#endif
            return child.Spec.IsAsync
                ? new(BeginStart(child, behaviour, child.Spec.Options ?? StartOptions.Default))
                : Self.StartLink(behaviour, child.Spec.Options);
        }
        catch (Exception exception)
        {
            return new(FailedStart(exception));
        }
    }

    private async ProcessTask<StartResult> StartAsync(Child child)
    {
        try
        {
            switch (child.Spec.Start)
            {
                case BodyStart body:
                    return StartResult.Ok(Self.SpawnLink(body.Body));
                case FunctionStart function:
                    return await function.Run(Self, child.Arguments);
                default:
                    ExportedStart exported = (ExportedStart)child.Spec.Start;
                    StartResult started = StartResult.FromTerm(
                        await ExternalFunctions.Call(Self, exported.Module, exported.Function, exported.With(child.Arguments))
                    );
                    if (started.IsOk)
                        Self.Link(started.Pid); // a function that peers may call as well need not link what it starts; nothing, if it has
                    return started;
            }
        }
        catch (Exception exception) when (IsRunning)
        {
            return FailedStart(exception);
        }
    }

    private static StartResult FailedStart(Exception exception) => StartResult.Failed(Tuple.Of(Atoms.Exit, CrashReason.Of(exception)));

#if EXPLORATION
    private async ProcessTask<StartResult> StartAndLinkLateAsync(Behaviour behaviour, StartOptions options)
    {
        Origin origin = new(Self, options, isLinked: true);
        behaviour.Adopt(origin);
        Pid pid = Self.Spawn(behaviour, options.Spawn with { Name = null });
        Reference monitor = Self.Monitor(pid);
        object news = await Self.Receive<object>(message =>
            ReferenceEquals(message, origin) || (message is Down down && down.Reference == monitor)
        );
        Self.Demonitor(monitor, flush: true);
        if (news is Down gone)
            return StartResult.Failed(gone.Reason);
        if (origin.Result.IsOk)
            Self.Link(pid);
        return origin.Result;
    }
#endif

    /// <summary>Starts a child whose acknowledgement comes as a message.</summary>
    private StartResult BeginStart(Child child, Behaviour behaviour, StartOptions options)
    {
        if (options.Name is { Registry: null, Name: Atom name } && Self.WhereIs(name) is { IsNone: false } taken)
            return StartResult.NameTaken(taken);
        Origin origin = new(Self, options, isLinked: true);
        behaviour.Adopt(origin);
        Pid pid = Self.SpawnLink(behaviour, options.Spawn with { Name = null });
        child.Start = origin;
        (_starts ??= [])[origin] = child;
        if (options.Timeout != Timeout.InfiniteTimeSpan)
            Self.SendAfter(options.Timeout, Self.Pid, new StartTimeoutTick(origin, pid));
        return StartResult.Ok(pid);
    }

    /// <summary>A start that nobody waited for is over. If it failed, the process is about to exit, and that exit is the failure.</summary>
    private ProcessTask OnStarted(Origin origin)
    {
        if (_starts is null || !_starts.Remove(origin, out Child? child) || !ReferenceEquals(child.Start, origin))
            return default;
        child.Start = null;
        if (!origin.Result.IsOk)
            child.StartFailure = origin.Result;
        return default;
    }

    private void OnStartTimeout(StartTimeoutTick tick)
    {
        if (_starts is null || !_starts.Remove(tick.Origin, out Child? child) || !ReferenceEquals(child.Start, tick.Origin))
            return;
        child.Start = null;
        child.StartFailure = StartResult.Failed(Atoms.Timeout);
        Self.Exit(tick.Pid, Atoms.Kill);
    }

    // ---- stop ----

    /// <summary>Stops a child.</summary>
    /// <returns>Why it exited.</returns>
    private async ProcessTask<object> StopAsync(Child child)
    {
        Reference monitor = BeginStop(child, out TimeSpan patience, out ReceiveMark mark);
        return await EndStop(child, await Self.TryReceiveAnswer(monitor, patience, mark), monitor, mark);
    }

    /// <remarks>A monitor and not the link: a child that took its link back must not hold its supervisor for ever.</remarks>
    private Reference BeginStop(Child child, out TimeSpan patience, out ReceiveMark mark)
    {
        mark = Self.Mark();
        bool isBrutal = child.Shutdown.IsBrutal;
        patience = isBrutal ? Timeout.InfiniteTimeSpan : child.Shutdown.Patience;
        return Self.ExitMonitor(child.Pid, isBrutal ? Atoms.Kill : Atoms.Shutdown);
    }

    /// <param name="child">It was asked to exit.</param>
    /// <param name="end">The report; none where patience has run out.</param>
    /// <param name="monitor">Of the report.</param>
    /// <param name="mark">Where it is waited for from.</param>
    /// <returns>Why it exited.</returns>
    private ProcessTask<object> EndStop(Child child, Received<CallAnswer> end, Reference monitor, ReceiveMark mark)
    {
        if (!end.HasValue)
            return KillAsync(child, monitor, mark);
        Forget(child);
        Self.Unlink(child.Pid);
        // A monitor that was set too late says noproc: then the exit that came over the link says better why.
        object reason = end.Value.Value;
        return ReferenceEquals(reason, Atoms.NoProc) ? TakeExitAsync(child.Pid) : new(reason);
    }

    private async ProcessTask<object> KillAsync(Child child, Reference monitor, ReceiveMark mark)
    {
        Self.Exit(child.Pid, Atoms.Kill);
        return await EndStop(child, await Self.TryReceiveAnswer(monitor, Timeout.InfiniteTimeSpan, mark), monitor, mark);
    }

    private async ProcessTask<object> TakeExitAsync(Pid pid)
    {
        Received<Exit> exit = await Self.TryReceive<Exit>(message => message.From == pid, TimeSpan.Zero);
        return exit.HasValue ? exit.Value.Reason : Atoms.NoProc;
    }

    private void Forget(Child child)
    {
        if (child.Start is Origin origin)
            _starts?.Remove(origin);
    }

    /// <summary>Stops all children, which have one specification, at once: so many take as long as the slowest.</summary>
    private async ProcessTask<IReadOnlyList<(Child Child, object Reason)>> StopTogetherAsync()
    {
        Child[] children = Core.Children.All();
        ChildShutdown shutdown = children[0].Shutdown;
        ReceiveMark mark = Self.Mark();
        Dictionary<Reference, Child> running = new(children.Length);
        Dictionary<Pid, object> reasons = new(children.Length);
        foreach (Child child in children)
        {
            if (!child.IsRunning)
                continue;
            running.Add(Self.ExitMonitor(child.Pid, shutdown.IsBrutal ? Atoms.Kill : Atoms.Shutdown), child);
            reasons.Add(child.Pid, Atoms.NoProc);
            Forget(child);
        }

        Deadline deadline = new(Self, shutdown.IsBrutal ? Timeout.InfiniteTimeSpan : shutdown.Patience);
        // The exits that come over the links are taken with the reports: left in the mailbox they would be looked at again for each report, 20,000 × 20,000 times.
        bool IsNews(object message) =>
            message switch
            {
                Down down => running.ContainsKey(down.Reference),
                Exit exit => reasons.ContainsKey(exit.From),
                _ => false,
            };
        bool isPatient = true;
        while (running.Count > 0)
        {
            Received<object> news = await Self.TryReceive<object>(IsNews, isPatient ? deadline.Left : Timeout.InfiniteTimeSpan, mark);
            if (!news.HasValue)
            {
                isPatient = false;
                foreach (Child child in running.Values)
                    Self.Exit(child.Pid, Atoms.Kill);
            }
            else if (news.Value is Exit exit)
            {
                reasons[exit.From] = exit.Reason;
            }
            else if (news.Value is Down down && running.Remove(down.Reference, out Child? child))
            {
                if (ReferenceEquals(reasons[child.Pid], Atoms.NoProc))
                    reasons[child.Pid] = down.Reason;
                Self.Unlink(child.Pid);
            }
        }

        while ((await Self.TryReceive<Exit>(late => reasons.ContainsKey(late.From), TimeSpan.Zero, mark)) is { HasValue: true } last)
            reasons[last.Value.From] = last.Value.Reason;
        return [.. children.Where(child => reasons.ContainsKey(child.Pid)).Select(child => (child, reasons[child.Pid]))];
    }

    /// <summary>A restart that was put off.</summary>
    private sealed record RetryTick(Child Child, int Turn);

    /// <summary>A start that nobody waits for has had its time.</summary>
    private sealed record StartTimeoutTick(Origin Origin, Pid Pid);
}
