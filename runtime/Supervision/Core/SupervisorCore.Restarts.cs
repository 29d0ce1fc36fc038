namespace CloudScale.Runtime.Supervision;

/// <content>Restarts: who is stopped, who is started, and what happens if that fails.</content>
internal sealed partial class SupervisorCore
{
    /// <summary>Restarts a child that has failed, and those its failure concerns.</summary>
    /// <param name="child">The one that failed; it does not run.</param>
    /// <param name="isDue">False if it is to wait first, for its back-off.</param>
    private IEnumerable<Step> Restart(Child child, bool isDue)
    {
        if (isDue && !_window.TryAdd(NowMs, Flags))
        {
            yield return Report(Atoms.Shutdown, s_reachedMaxRestartIntensity, child);
            OnStopped(child);
            IsShuttingDown = true;
            yield break;
        }

        // If another of those concerned fails to start, that one is restarting, and this one no longer.
        child.State = ChildState.Stopped;
        child.Turn++;
        Child[] concerned = Concerned(child);
        if (concerned.Length > 1)
        {
            foreach (Step step in Stop([.. concerned.Where(other => other != child)]))
                yield return step;
        }

        if (!isDue)
        {
            yield return PutOff(child);
            yield break;
        }

        foreach (Child one in concerned)
        {
            if (!one.IsKept)
                continue; // a temporary child, stopped for the sake of the others
            yield return new Step(StepKind.Start, one);
            if (Take(one) is { } reason)
            {
                yield return Report(StartError, reason, one);
                yield return PutOff(one);
                yield break;
            }

            if (one.IsRunning && !IsDynamic)
                yield return new Step(StepKind.Progress, one);
        }
    }

    private Child[] Concerned(Child child) =>
        Flags.Strategy switch
        {
            RestartStrategy.OneForAll => Children.All(),
            RestartStrategy.RestForOne => ChildTable.From(child),
            _ => [child],
        };

    /// <summary>Shown as restarting until it is tried again: after whatever else the supervisor has been asked, or after its back-off.</summary>
    private Step PutOff(Child child)
    {
        child.State = ChildState.Restarting;
        child.Turn++;
        long delayMs = child.Spec.BackOff is { } backOff ? backOff.DelayMs(child.Failures, _chance(child)) : 0;
        child.Failures++;
        return new Step(StepKind.Retry, child) { DelayMs = delayMs };
    }
}
