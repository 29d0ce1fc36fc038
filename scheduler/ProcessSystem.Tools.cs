namespace CloudScale.Scheduling;

/// <summary>What tools do to processes.</summary>
public sealed partial class ProcessSystem
{
    /// <summary>Holds the body of a process: it takes signals and messages, and goes on when it has been resumed as often.</summary>
    /// <returns>False if it is not alive. Completed when it is held; a body that does not await delays that.</returns>
    public Task<bool> SuspendAsync(Pid pid) => SuspendAsync(pid, SystemPid);

    /// <summary>Takes back one suspension by <see cref="SuspendAsync(Pid)"/>.</summary>
    public void Resume(Pid pid) => SendResume(SystemPid, pid, all: false);

    internal Task<bool> SuspendAsync(Pid pid, Pid by)
    {
        TaskCompletionSource<bool> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!TryPostSignal(pid, new SuspendSignal(by, done)))
            done.TrySetResult(false); // else answered by the process, or in its place
        return done.Task;
    }

    /// <summary>Sends a message from outside of any process, and waits first while the receiver's mailbox is full and its limit says <see cref="MailboxOverflow.Wait"/>.</summary>
    /// <exception cref="OperationCanceledException">On await: cancelled before it was sent.</exception>
    public async ValueTask SendAsync(Pid to, object message, CancellationToken cancellationToken = default)
    {
        Envelope envelope = Payloads.Wrap(message);
        while (!TrySend(SystemPid, to, envelope))
        {
            TaskCompletionSource room = new(TaskCreationOptions.RunContinuationsAsynchronously);
            AwaitRoom(to, () => room.TrySetResult());
            await room.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends unless the mailbox is full and asks senders to wait. True also where there is nobody to wait for.</summary>
    internal bool TrySend(Pid from, Pid to, Envelope envelope)
    {
        if (!IsHere(to))
        {
            if (!to.IsNone)
                Remote.Send(from, to, Payloads.Unwrap(envelope.Payload, envelope.Bits));
            return true;
        }

        if (Find(to) is not { } process)
            return true;
        switch (process.Admit())
        {
            case Admission.Full:
                return false;
            case Admission.Yes:
                PostAdmitted(process, envelope);
                return true;
            default:
                return true;
        }
    }

    /// <summary>
    /// An integer that no other call gets until the node stops; Erlang's <c>unique_integer</c>. With <paramref name="monotonic"/> each is greater than all that were given before,
    /// at the price of one counter shared by all.
    /// </summary>
    public long UniqueInteger(bool monotonic = false) =>
        monotonic ? Interlocked.Increment(ref _monotonicIntegers) : (long)(NewReferenceNumber() - UniqueIntegerOffset);

    private const ulong UniqueIntegerOffset = 1UL << 61; // so that both signs occur, as in Erlang, where nothing else is promised
    private long _monotonicIntegers;
}
