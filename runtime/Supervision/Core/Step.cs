namespace CloudScale.Runtime.Supervision;

/// <summary>What a supervisor does next.</summary>
internal enum StepKind : byte
{
    /// <summary>Start the child, and say how it went in <see cref="SupervisorCore.Started"/>.</summary>
    Start,

    /// <summary>Stop the child, and say why it exited in <see cref="SupervisorCore.StopReason"/>.</summary>
    Stop,

    /// <summary>Stop all children at once, and say why they exited in <see cref="SupervisorCore.StopReasons"/>.</summary>
    StopTogether,

    /// <summary>Bring <see cref="SupervisorCore.OnRetry"/> about after <see cref="Step.DelayMs"/>; after what waits already, if that is zero.</summary>
    Retry,

    /// <summary>Report <see cref="Step.Context"/> and <see cref="Step.Reason"/>.</summary>
    Report,

    /// <summary>Report that the child has been started.</summary>
    Progress,
}

/// <summary>What a supervisor does next.</summary>
internal readonly record struct Step(StepKind Kind, Child Child)
{
    internal long DelayMs { get; init; }

    /// <summary>OTP's <c>errorContext</c>: <c>child_terminated</c>, <c>start_error</c>, <c>shutdown</c>, <c>shutdown_error</c>.</summary>
    internal Atom? Context { get; init; }

    internal object? Reason { get; init; }

    /// <summary>How many children a report is about, where they are many.</summary>
    internal int Children { get; init; }
}
