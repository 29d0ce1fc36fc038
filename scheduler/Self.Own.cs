using CloudScale.Scheduling;

namespace CloudScale;

/// <summary>What a process knows and sets about itself; Erlang's <c>process_flag</c>, process dictionary and self-directed <c>process_info</c>.</summary>
public readonly partial struct Self
{
    /// <summary>Whether exit signals become <see cref="CloudScale.Exit"/> messages. To have it from the first instant, set it in <see cref="SpawnOptions"/>.</summary>
    public bool TrapExit
    {
        get => Owned().TrapExit;
        set => Owned().TrapExit = value;
    }

    /// <summary>The level this process runs at, from its next turn on.</summary>
    public ProcessPriority Priority
    {
        get => Owned().Priority;
        set => Owned().Priority = value;
    }

    /// <summary>What this process says it is, for people and tools: any term.</summary>
    public object? Label
    {
        get => Owned().Label;
        set => Owned().Label = value;
    }

    /// <summary>The name this process is registered under on its node; null for none.</summary>
    public Atom? RegisteredName => Owned().Name;

    /// <summary>The process that serves input and output of this one; processes spawned from here inherit it.</summary>
    public Pid GroupLeader
    {
        get => Owned().GroupLeader;
        set => Owned().GroupLeader = value;
    }

    /// <summary>Sets the group leader of another process, on whatever node.</summary>
    public void SetGroupLeader(Pid process, Pid leader) => Owned().System.SendGroupLeader(leader, process);

    /// <summary>The process that spawned this one; none if that was host code.</summary>
    public Pid Parent => Owned().Parent;

    /// <summary>The most messages the mailbox may hold; null, the default, for no limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The limit is below 1.</exception>
    public MailboxLimit? MailboxLimit
    {
        get => Owned().MailboxLimit;
        set => Owned().SetMailboxLimit(value);
    }

    /// <summary>Messages in the mailbox, with those that have just come.</summary>
    public int MessageQueueLength => Owned().MessageQueueLength;

    /// <summary>Reductions used so far.</summary>
    public long Reductions => Owned().Reductions;

    /// <summary>Describes this process as <see cref="ProcessSystem.GetInfoAsync"/> does.</summary>
    public ProcessInfo GetInfo(ProcessDetails details = ProcessDetails.None) => Owned().Describe(details);

    /// <summary>
    /// The process dictionary: values of this process alone, by key. Keys compare as terms do. It is made on first use; a local variable or a field of a handler is the
    /// better place for state, this one is for libraries that have no other.
    /// </summary>
    public IDictionary<object, object> Dictionary => Owned().Dictionary;

    /// <summary>Gives back what this process can do without, and waits until there is a message, which stays in the mailbox. Erlang's <c>hibernate/0</c>.</summary>
    public HibernateAwaitable Hibernate() => new(Owned(), null);

    /// <summary>Charges reductions for work that nobody counts, so that the process gives way earlier.</summary>
    public void BumpReductions(int reductions)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(reductions);
        Owned().Charge(Math.Min(reductions, Process.SliceBudget));
    }

    /// <summary>
    /// Leaves the body for good, drops all its frames, and begins another with the next message (which stays in the mailbox). For a process that will be idle for long.
    /// As in Erlang nothing of the old body runs any more: not the code behind the await, no <c>finally</c>, no end of a <c>using</c>. What is given to <see cref="Own"/> stays.
    /// </summary>
    public HibernateAwaitable Hibernate(Func<Self, ProcessTask> next)
    {
        ArgumentNullException.ThrowIfNull(next);
        return new(Owned(), next);
    }

    /// <summary>
    /// Holds the body of another process of this node, for tools: it takes signals and messages, and goes on when it has been resumed as often. Ends with this process.
    /// </summary>
    /// <returns>False if it is not alive.</returns>
    public async ProcessTask<bool> Suspend(Pid other)
    {
        Process me = Owned();
        if (other == me.Pid)
            throw new ArgumentException("A process cannot suspend itself.", nameof(other));
        me.RememberSuspended(other);
        bool alive = await me.System.SuspendAsync(other, me.Pid);
        if (!alive)
            me.ForgetSuspended(other);
        return alive;
    }

    /// <summary>Takes one suspension by this process back.</summary>
    public void Resume(Pid other)
    {
        Process me = Owned();
        me.ForgetSuspended(other);
        me.System.SendResume(me.Pid, other, all: false);
    }
}
