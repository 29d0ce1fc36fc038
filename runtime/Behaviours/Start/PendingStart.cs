namespace CloudScale.Runtime.Behaviours;

/// <summary>A start that has not been acknowledged yet.</summary>
internal readonly struct PendingStart(Origin origin, Pid pid, ReceiveMark mark)
{
    internal readonly Origin Origin = origin;

    internal readonly Pid Pid = pid;

    internal readonly ReceiveMark Mark = mark;

    /// <summary>Waits for the acknowledgement, the report of an end before it, or the time-out of the start.</summary>
    internal AnswerAwaitable News(Self self) => self.TryReceiveAnswer(Origin.Alias, Origin.Options.Timeout, Mark);
}
