namespace CloudScale.Runtime.Supervision;

/// <summary>Where a child stands.</summary>
internal enum ChildState : byte
{
    /// <summary>It does not run, and will not by itself: <c>undefined</c>.</summary>
    Stopped,

    /// <summary>It runs, under <see cref="Child.Pid"/>.</summary>
    Running,

    /// <summary>It has failed and is to be started again: <c>restarting</c>.</summary>
    Restarting,
}

/// <summary>A child of a supervisor, running or not.</summary>
internal sealed class Child(ChildSpec spec, List arguments)
{
    internal ChildSpec Spec = spec;

    /// <summary>What its start added to those of the specification; only for dynamic children.</summary>
    internal readonly List Arguments = arguments;

    internal ChildState State;

    /// <summary>Its pid; the last one it had, if it does not run.</summary>
    internal Pid Pid;

    /// <summary>By its specification, or by what its factory made.</summary>
    internal bool IsSupervisor = spec.Type == ChildType.Supervisor;

    /// <summary>When it was started last, in milliseconds.</summary>
    internal long StartedMs;

    /// <summary>Restarts in a row, for its back-off.</summary>
    internal int Failures;

    /// <summary>Changes whenever a restart that was put off is not to be made any more.</summary>
    internal int Turn;

    /// <summary>The start that the supervisor did not wait for and that is not over; null for none.</summary>
    internal object? Start;

    /// <summary>How that start failed; the process is about to exit.</summary>
    internal StartResult? StartFailure;

    internal Child? Before;
    internal Child? After;
    internal bool IsKept;

    internal bool IsRunning => State == ChildState.Running;

    internal ChildShutdown Shutdown => Spec.Shutdown.For(IsSupervisor);

    /// <summary>As <c>which_children</c> shows it.</summary>
    internal object Shown =>
        State switch
        {
            ChildState.Running => Pid,
            ChildState.Restarting => ChildTable.Restarting,
            _ => Atoms.Undefined,
        };

    /// <summary>As reports name it: OTP's <c>offender</c> and <c>started</c>.</summary>
    internal List Describe() =>
        List.Of(
            Tuple.Of(Atom.Of("pid"), Pid.IsNone ? Atoms.Undefined : Pid),
            Tuple.Of(ChildSpecTerms.Id, Spec.Id),
            Tuple.Of(Atom.Of("mfargs"), Spec.Start.ToTerm(Arguments)),
            Tuple.Of(Atom.Of("restart_type"), ChildSpecTerms.Of(Spec.Restart)),
            Tuple.Of(ChildSpecTerms.Significant, Spec.IsSignificant ? Atoms.True : Atoms.False),
            Tuple.Of(ChildSpecTerms.Shutdown, Shutdown.ToTerm()),
            Tuple.Of(Atom.Of("child_type"), ChildSpecTerms.Of(IsSupervisor))
        );
}
