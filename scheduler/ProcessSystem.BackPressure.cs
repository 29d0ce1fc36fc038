namespace CloudScale.Scheduling;

/// <summary>Back-pressure between nodes: senders are held while a connection is busy, and a connection waits for a full mailbox.</summary>
public sealed partial class ProcessSystem
{
    // In whose name senders are held. A number that no process has: tools that suspend do it in names of their own.
    private Pid BusyPid => new(Identity, ulong.MaxValue);

    /// <summary>
    /// Holds a process that has sent to a busy node: its slice ends where it next awaits, and it goes on after as many <see cref="ReleaseSender"/>. What it has sent stays sent.
    /// </summary>
    /// <param name="sender">A process of this node; another pid, such as that of host code, is not held.</param>
    /// <param name="node">The node it has sent to, for who watches.</param>
    public void HoldSender(Pid sender, Atom node)
    {
        if (!TryPostSignal(sender, new SuspendSignal(BusyPid, null)))
            return;
        if (Scheduler.Current?.Running is { } running && running.Pid == sender)
            running.Charge(Process.SliceBudget);
        Watch?.OnBusyDistribution(sender, node);
    }

    /// <summary>Lets a held process go on.</summary>
    public void ReleaseSender(Pid sender) => SendResume(BusyPid, sender, all: false);

    /// <summary>
    /// Null if a process of this node takes more messages; else its mailbox is full, its limit asks senders to wait, and the task ends when there is room or the process is gone.
    /// Connections wait for it, so that TCP holds the sender.
    /// </summary>
    public Task? RoomFor(Pid to) =>
        Find(to) is { } process && (process.Hooks & Hooks.Bounded) != 0 && process.AsksToWait ? AwaitRoom(to) : null;

    // Apart, for what it makes is made for each message otherwise.
    private Task AwaitRoom(Pid to)
    {
        TaskCompletionSource room = new(TaskCreationOptions.RunContinuationsAsynchronously);
        AwaitRoom(to, () => room.TrySetResult());
        return room.Task;
    }

    /// <summary>The same for the bearer of a name.</summary>
    public Task? RoomFor(Atom name) => Names.Find(name) is { } process ? RoomFor(process.Pid) : null;

    /// <summary>The same for the owner of an alias.</summary>
    public Task? RoomFor(Reference alias) => alias.TryGetAliasOwner(out Pid owner) ? RoomFor(owner) : null;
}
