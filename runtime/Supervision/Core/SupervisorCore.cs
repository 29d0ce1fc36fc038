using CloudScale.Runtime.Behaviours;

namespace CloudScale.Runtime.Supervision;

/// <summary>What a supervisor decides: events in, steps out. It knows no clock and no processes.</summary>
/// <remarks>
/// Threads: its owner. An event is a sequence of steps. Whoever takes them carries out each before he asks for the next, and sets what it brought first: <see cref="Started"/>, <see cref="StopReason"/>,
/// <see cref="StopReasons"/>, <see cref="NowMs"/>. No other event may come in between. Source: OTP, supervisor.
/// </remarks>
internal sealed partial class SupervisorCore
{
    internal static readonly Atom ChildTerminated = Atom.Of("child_terminated");
    internal static readonly Atom StartError = Atom.Of("start_error");
    internal static readonly Atom ShutdownError = Atom.Of("shutdown_error");
    private static readonly Atom s_failedToStartChild = Atom.Of("failed_to_start_child");
    private static readonly Atom s_reachedMaxRestartIntensity = Atom.Of("reached_max_restart_intensity");

    private readonly RestartWindow _window = new();
    private Func<Child, double> _chance;

    /// <param name="flags">Checked flags.</param>
    /// <param name="chance">From 0 to below 1, for back-off.</param>
    internal SupervisorCore(SupervisorFlags flags, Func<Child, double> chance)
    {
        Flags = flags;
        _chance = chance;
        Children = new ChildTable(byId: !IsDynamic);
    }

    internal SupervisorFlags Flags { get; private set; }

    internal ChildTable Children { get; }

    /// <summary>The one kind of child that a dynamic supervisor has.</summary>
    internal ChildSpec? Template { get; private set; }

    internal IEnumerable<long> Restarts => _window.Restarts;

    internal bool IsDynamic => Flags.Strategy == RestartStrategy.SimpleOneForOne;

    // ---- what steps bring ----

    internal long NowMs;
    internal StartResult Started;
    internal object StopReason = Atoms.Normal;
    internal IReadOnlyList<(Child Child, object Reason)> StopReasons = [];

    // ---- what events bring ----

    /// <summary>The answer to a request.</summary>
    internal object Answer = Atoms.Ok;

    /// <summary>Why the first children could not be started; null if they were.</summary>
    internal object? Failure { get; private set; }

    /// <summary>The supervisor is to stop its children and exit with <c>shutdown</c>.</summary>
    internal bool IsShuttingDown { get; private set; }

    /// <summary>The children that Init names: started in their order, or none of them.</summary>
    internal IEnumerable<Step> OnInit(IReadOnlyList<ChildSpec> specs)
    {
        if (IsDynamic)
        {
            Template = specs[0];
            yield break;
        }

        foreach (ChildSpec spec in specs)
            Children.Add(new Child(spec, List.Empty));
        foreach (Child child in Children.All())
        {
            yield return new Step(StepKind.Start, child);
            if (Take(child) is not { } reason)
            {
                if (child.IsRunning)
                    yield return new Step(StepKind.Progress, child);
                continue;
            }

            yield return Report(StartError, reason, child);
            foreach (Step step in StopAll())
                yield return step;
            Failure = Tuple.Of(s_failedToStartChild, child.Spec.Id, reason);
            yield break;
        }
    }

    /// <summary>Takes what a start brought.</summary>
    /// <returns>Why it failed; null if it did not.</returns>
    private object? Take(Child child)
    {
        if (Started.IsOk)
        {
            Children.Runs(child, Started.Pid);
            child.StartedMs = NowMs;
            return null;
        }

        if (!Started.IsIgnore)
            return Started.Error ?? Atoms.Undefined;
        Children.Stops(child);
        if (child.Spec.IsTemporary || IsDynamic)
            Children.Remove(child);
        return null;
    }

    /// <summary>A linked process has exited.</summary>
    internal IEnumerable<Step> OnExit(Pid pid, object reason)
    {
        Child? child = Children.Find(pid);
        if (child is not { IsRunning: true })
            yield break;
        child.State = ChildState.Stopped;
        child.Start = null;
        if (child.Spec.BackOff is { } backOff && NowMs - child.StartedMs >= (long)backOff.ResetAfter.TotalMilliseconds)
            child.Failures = 0;
        StartResult? unstarted = child.StartFailure;
        child.StartFailure = null;
        if (unstarted is { IsIgnore: true })
        {
            OnStopped(child);
            yield break;
        }

        Atom context = unstarted is null ? ChildTerminated : StartError;
        object why = unstarted?.Error ?? reason;
        bool isFailure = unstarted is not null || !CrashReason.IsOrderly(why);
        bool isRestarted = child.Spec.Restart == ChildRestart.Permanent || (child.Spec.Restart == ChildRestart.Transient && isFailure);
        if (isRestarted || isFailure)
            yield return Report(context, why, child);
        if (isRestarted)
        {
            foreach (Step step in Restart(child, isDue: child.Spec.BackOff is null))
                yield return step;
            yield break;
        }

        OnStopped(child);
        IsShuttingDown |= EndsWith(child);
    }

    /// <summary>The time has come for a restart that was put off.</summary>
    internal IEnumerable<Step> OnRetry(Child child, int turn) =>
        child.Turn == turn && child is { State: ChildState.Restarting, IsKept: true } ? Restart(child, isDue: true) : [];

    /// <summary>Stops everything: the last child first, dynamic children together.</summary>
    internal IEnumerable<Step> StopAll()
    {
        if (!IsDynamic)
            return Stop(Children.All());
        return Children.Count == 0 ? [] : StopTogether();
    }

    private IEnumerable<Step> StopTogether()
    {
        StopReasons = [];
        yield return new Step(StepKind.StopTogether, Children.Last!);
        foreach (
            IGrouping<object, (Child Child, object Reason)> group in StopReasons.GroupBy(stopped => stopped.Reason, TermComparer.Instance)
        )
        {
            Child one = group.First().Child;
            if (!IsExpected(one, group.Key))
                yield return Report(ShutdownError, group.Key, one) with
                {
                    Children = group.Count(),
                };
        }

        foreach (Child child in Children.All())
        {
            Children.Stops(child);
            Children.Remove(child);
        }
    }

    /// <summary>Stops children, the last first. Temporary ones are forgotten.</summary>
    private IEnumerable<Step> Stop(Child[] children)
    {
#if EXPLORATION
        if (Mutations.Is(Mutation.StopsInOrderOfStart))
            Array.Reverse(children);
#endif
        for (int i = children.Length - 1; i >= 0; i--)
        {
            foreach (Step step in Stop(children[i]))
                yield return step;
        }
    }

    private IEnumerable<Step> Stop(Child child)
    {
        if (child.IsRunning)
        {
            yield return new Step(StepKind.Stop, child);
            if (FaultOfStop(child) is { } fault)
                yield return fault;
        }

        OnStopped(child);
    }

    /// <summary>What there is to report of how a child stopped, before it counts as stopped; null for nothing.</summary>
    internal Step? FaultOfStop(Child child) => IsExpected(child, StopReason) ? null : Report(ShutdownError, StopReason, child);

    /// <summary>The child has ended, and not to be restarted: its specification is kept, unless it is temporary.</summary>
    internal void OnStopped(Child child)
    {
        Children.Stops(child);
        if (child.Spec.IsTemporary || IsDynamic)
            Children.Remove(child);
    }

    /// <summary>Whether a child that was told to stop exited as told. A permanent one has no other way.</summary>
    private static bool IsExpected(Child child, object reason) =>
        ReferenceEquals(reason, child.Shutdown.IsBrutal ? Atoms.Killed : Atoms.Shutdown)
        || (child.Spec.Restart != ChildRestart.Permanent && CrashReason.IsOrderly(reason));

    private bool EndsWith(Child child)
    {
        if (!child.Spec.IsSignificant || Flags.AutoShutdown == AutoShutdown.Never)
            return false;
        return Flags.AutoShutdown == AutoShutdown.AnySignificant
            || !Array.Exists(Children.All(), other => other.Spec.IsSignificant && other.State != ChildState.Stopped);
    }

    private static Step Report(Atom context, object reason, Child child) =>
        new(StepKind.Report, child) { Context = context, Reason = reason };
}
