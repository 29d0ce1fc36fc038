namespace CloudScale.Scheduling;

/// <summary>A bounded mailbox: who may post, and who waits for room.</summary>
internal sealed partial class Process
{
    /// <summary>What a plain send into a full mailbox costs its sender, when it is made to wait: an eighth of a slice.</summary>
    internal const int OverflowCharge = SliceBudget / 8;

    /// <summary>Owner, or before the process is published: bounds the mailbox; null takes the bound away.</summary>
    internal void SetMailboxLimit(MailboxLimit? limit)
    {
        if (limit is not null)
            ArgumentOutOfRangeException.ThrowIfLessThan(limit.Messages, 1, nameof(limit));
        WakeAllWaiters();
        ProcessAttributes attributes = Extension.Attribute();
        Volatile.Write(
            ref attributes.Bound,
            limit is null ? null : new MailboxBound(limit, _mailbox.Received + _mailbox.CountArrivals(CountLimit))
        );
        SetHook(Hooks.Bounded, limit is not null);
    }

    internal MailboxLimit? MailboxLimit => _extension?.Attributes?.Bound?.Limit;

    /// <summary>Any thread: whether a message may be posted now.</summary>
    internal Admission Admit()
    {
        if ((Hooks & Hooks.Bounded) == 0 || Volatile.Read(ref _extension)?.Attributes?.Bound is not { } bound)
            return Admission.Yes;
        if (bound.TryReserve(_mailbox.Taken))
            return Admission.Yes;
        switch (bound.Limit.Overflow)
        {
            case MailboxOverflow.DropNewest:
                bound.CountDropped();
                return Admission.No;
            case MailboxOverflow.Wait:
                return Admission.Full;
            default:
                if (bound.BeginKill()) // one signal and one line in the log, however many more are sent until it is gone
                    System.OnMailboxOverflow(this, bound.Limit);
                return Admission.No;
        }
    }

    /// <summary>Any thread: after <see cref="Admission.Full"/>, for a sender that cannot wait.</summary>
    internal void AdmitAnyway() => Volatile.Read(ref _extension)?.Attributes?.Bound?.Reserve();

    /// <summary>Any thread: whether the mailbox is full, and senders are to wait for room.</summary>
    internal bool AsksToWait =>
        Volatile.Read(ref _extension)?.Attributes?.Bound is { Limit.Overflow: MailboxOverflow.Wait } bound
        && bound.Room(_mailbox.Taken) <= 0;

    /// <summary>Owner, in the body: whether the slice is over, where the next await gives way.</summary>
    internal bool IsSpent => _reductions <= 0;

    internal void OnAwaitRoom(Action wake)
    {
        if (_extension?.Attributes?.Bound is not { } bound || bound.Room(_mailbox.Taken) > 0)
        {
            wake();
            return;
        }

        bound.AddWaiter(wake);
#if EXPLORATION
        if (Mutations.Is(Mutation.RoomNotTold))
            return;
#endif
        SetHook(Hooks.Awaited, true);
    }

    private void WakeWaiters()
    {
        if (_extension?.Attributes?.Bound is not { } bound)
            return;
        bound.Wake(bound.Room(_mailbox.Taken));
        SetHook(Hooks.Awaited, bound.HasWaiters);
    }

    private void WakeAllWaiters()
    {
        if (_extension?.Attributes?.Bound is not { } bound)
            return;
        bound.Wake(long.MaxValue);
        SetHook(Hooks.Awaited, false);
    }

    /// <summary>Owner: what senders and schedulers have to mind from now on.</summary>
    internal void SetHook(Hooks hook, bool on) => Hooks = on ? Hooks | hook : Hooks & ~hook;
}

/// <summary>Whether a message may be posted.</summary>
internal enum Admission
{
    Yes,

    /// <summary>It is dropped, and that is accounted for.</summary>
    No,

    /// <summary>There is no room: the sender waits, or posts anyway and pays.</summary>
    Full,
}
