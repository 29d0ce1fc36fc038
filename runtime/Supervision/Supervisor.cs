using CloudScale.Runtime.Behaviours;
using CloudScale.Runtime.Supervision;

namespace CloudScale;

/// <summary>A supervisor: starts children, restarts those that fail, stops them in order. Derive and override <see cref="Init"/>, or build one with <see cref="SupervisorBuilder"/>. OTP's <c>supervisor</c>.</summary>
/// <remarks>
/// Start it as any behaviour, with <c>self.StartLink</c>, <c>node.StartAsync</c> or as a child of another supervisor. It traps exits. While it starts or stops a child it does nothing else, but for children that
/// are <see cref="ChildSpec.IsAsync"/>. Threads: <see cref="Init"/> runs in the supervisor's process. Wire: <c>gen_server</c> calls as OTP's <c>supervisor</c> module makes them. Source: OTP, supervisor.
/// </remarks>
public abstract partial class Supervisor : Behaviour
{
    private static readonly Atom s_kind = Atom.Of("gen_server"); // what a supervisor is to sys
    private static readonly Atom s_init = Atom.Of("init");

    private SupervisorCore? _core;

    private protected sealed override Atom Kind => s_kind;

    private SupervisorCore Core => _core!;

    /// <summary>Says what is supervised, and how. Called once at the start, and again after a change of code.</summary>
    protected abstract ProcessTask<SupervisorInit> Init();

    // ---- results ----

    /// <summary>Only the child that failed is restarted.</summary>
    protected static SupervisorInit OneForOne(params IReadOnlyList<ChildSpec> children) => Of(RestartStrategy.OneForOne, children);

    /// <summary>All children are restarted when one has failed.</summary>
    protected static SupervisorInit OneForAll(params IReadOnlyList<ChildSpec> children) => Of(RestartStrategy.OneForAll, children);

    /// <summary>The child that failed is restarted, and those started after it.</summary>
    protected static SupervisorInit RestForOne(params IReadOnlyList<ChildSpec> children) => Of(RestartStrategy.RestForOne, children);

    /// <summary>Children of one kind come and go: <c>self.StartChild(supervisor, arguments)</c>.</summary>
    protected static SupervisorInit SimpleOneForOne(ChildSpec child) => Of(RestartStrategy.SimpleOneForOne, [child]);

    private static SupervisorInit Of(RestartStrategy strategy, IReadOnlyList<ChildSpec> children) =>
        new(new SupervisorFlags { Strategy = strategy }, children);

    // ---- start ----

    private protected sealed override async ProcessTask<InitResult> OnInit()
    {
        Self.TrapExit = true;
        SupervisorInit? init = await Init();
        if (init is null)
            return InitResult.Stop(Tuple.Of(Atom.Of("bad_return"), Tuple.Of(Module, s_init, Atoms.Undefined)));
        if (ReferenceEquals(init, SupervisorInit.Ignore))
            return InitResult.Ignore;
        if (SupervisorCore.FaultOf(init) is { } fault)
            return InitResult.Stop(fault);
        _core = new SupervisorCore(init.Flags, Chance);
        await CarryOut(_core.OnInit(init.Children));
        return _core.Failure is { } failure ? InitResult.Stop(Tuple.Of(Atoms.Shutdown, failure)) : InitResult.Ok;
    }

    /// <summary>Nodes that were started together must not draw alike; one that is replayed must. So it follows from who waits, and for which time.</summary>
    private double Chance(Child child) =>
        new SeededChance(Self.Pid.Node.Creation, Self.Pid.Number, child.Pid.Number, child.Failures).Next();

    private protected sealed override ProcessTask OnReady(in InitResult result) => default;

    // ---- turns ----

    private protected sealed override ProcessTask OnCall(object request, From from) =>
        // A dynamic supervisor does little else than these two: one async method each, and no sequence of steps.
        request is Tuple { Count: 2 } pair
        && Core.IsDynamic
            ? pair[1] switch
            {
                List { IsProper: true } arguments when ReferenceEquals(pair[0], SupervisorCore.StartChildRequest) => StartDynamic(
                    arguments,
                    from,
                    request
                ),
                Pid pid
                    when ReferenceEquals(pair[0], SupervisorCore.TerminateChildRequest)
                        && Core.Children.Find(pid) is { IsRunning: true } child => TerminateDynamic(child, from, request),
                _ => Turn(Core.OnRequest(request), request, from),
            }
            : Turn(Core.OnRequest(request), request, from);

    private protected sealed override ProcessTask OnCast(object request)
    {
        LogUnexpected(new GenCast(request));
        return default;
    }

    private protected sealed override ProcessTask OnInfo(object message)
    {
        switch (message)
        {
            case Exit exit:
                if (Core.Children.Find(exit.From) is not { IsRunning: true } child)
                    return default;
                Forget(child);
                return Turn(Core.OnExit(exit.From, exit.Reason), exit);
            case RetryTick tick:
                return Turn(Core.OnRetry(tick.Child, tick.Turn), tick);
            case Origin origin:
                return OnStarted(origin);
            case StartTimeoutTick tick:
                OnStartTimeout(tick);
                return default;
            case Down:
                return default; // of a child that was given up and has gone after all
            default:
                LogUnexpected(message);
                return default;
        }
    }

    /// <summary>Carries an event out, answers if it is a call, and stops if that is what it comes to.</summary>
    /// <param name="steps">What to do.</param>
    /// <param name="message">The event; of a call what was asked.</param>
    /// <param name="from">Who asked; none if it is no call.</param>
    private async ProcessTask Turn(IEnumerable<Step> steps, object message, From from = default)
    {
        try
        {
            await CarryOut(steps);
        }
        catch (Exception exception) when (IsRunning)
        {
            await Crash(exception, from.Caller.IsNone ? message : new GenCall(from, message));
            return;
        }

        await EndTurn(from);
    }

    private async ProcessTask StartDynamic(List arguments, From from, object request)
    {
        Child child = Core.NewDynamic(arguments);
        try
        {
            if (!IsOrdinary(child, out FactoryStart? factory))
                Core.Started = await Start(child);
            else if (TryBeginStart(child, factory, out PendingStart start, out Core.Started))
                Core.Started = await StarterExtensions.End(Self, start, await start.News(Self));
            if (Core.Started.IsOk)
                OnChildStarted(child.Spec.Id, Core.Started.Pid);
        }
        catch (Exception exception) when (IsRunning)
        {
            await Crash(exception, new GenCall(from, request));
            return;
        }

        if (child.Spec.BackOff is not null)
            Core.NowMs = NowMs; // only back-off asks how long a child has run
        Core.OnDynamicStarted(child);
        await EndTurn(from);
    }

    private async ProcessTask TerminateDynamic(Child child, From from, object request)
    {
        try
        {
            Reference monitor = BeginStop(child, out TimeSpan patience, out ReceiveMark mark);
            Core.StopReason = await EndStop(child, await Self.TryReceiveAnswer(monitor, patience, mark), monitor, mark);
            if (Core.FaultOfStop(child) is { } fault)
                CarryOut(fault);
        }
        catch (Exception exception) when (IsRunning)
        {
            await Crash(exception, new GenCall(from, request));
            return;
        }

        Core.OnStopped(child);
        Core.Answer = Atoms.Ok;
        await EndTurn(from);
    }

    private ProcessTask EndTurn(in From from)
    {
        if (!from.Caller.IsNone)
            Self.Reply(from, Core.Answer);
        if (IsDebugged)
            DebugEvent(Tuple.Of(Atom.Of("noreply"), SystemState));
        return Core.IsShuttingDown ? Finish(Atoms.Shutdown, message: null) : default;
    }

    private protected sealed override ProcessTask OnTerminate(object reason) => _core is null ? default : CarryOut(_core.StopAll());
}

/// <summary>A number that follows from others, between 0 and 1.</summary>
internal readonly struct SeededChance(ulong first, ulong second, ulong third, int fourth)
{
    /// <summary>SplitMix64 over the four: enough to keep waits apart, and nothing more is asked of it.</summary>
    internal double Next()
    {
        ulong mixed = Mix(Mix(Mix(Mix(first) ^ second) ^ third) ^ (ulong)fourth);
        return (mixed >> 11) * (1.0 / (1UL << 53));
    }

    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
