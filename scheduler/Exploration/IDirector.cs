namespace CloudScale.Scheduling;

/// <summary>Directs a system without threads: which process runs next, for how long, and when what was sent arrives.</summary>
/// <remarks>
/// The seam under CloudScale.Testing. A directed system has one scheduler, which counts as blocked from the start: so all that becomes runnable takes the way of a blocked
/// scheduler to <see cref="SchedulerGroup.Inject"/>, and the run queues stay empty. No send takes the short cut of <see cref="Self"/> (see
/// <see cref="ProcessSystem.ShortCut"/>), so all that is sent passes <c>ProcessSystem.Post</c> or <c>PostSignal</c>. A node with threads pays for none of this.
/// Threads: any; only what comes from the thread that drives the system can be replayed.
/// </remarks>
internal interface IDirector
{
    /// <summary>A process became runnable; it is offered once, and again after each slice that it ended by giving way.</summary>
    void Offer(Process process);

    /// <summary>A message or signal was sent. The director gives it to <see cref="Process.PostMessage"/> or <see cref="Process.PostSignal"/> now or later, those of one sender in order.</summary>
    /// <returns>What the sender is told; <see cref="Posted.Dead"/> only if nothing will be delivered.</returns>
    Posted Post(Process to, Envelope envelope);
}
