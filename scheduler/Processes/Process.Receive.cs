using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>The receive side: how an awaiter looks, waits and takes.</summary>
internal sealed partial class Process
{
    private void CheckNotWaiting()
    {
        if (_wait != WaitState.Ready)
            Misuse.ThrowAlreadyWaiting();
    }

    /// <summary>Owner, in the body: true if the oldest message can be taken without waiting.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool BeginReceiveAny()
    {
        if (_wait != WaitState.Ready)
            Misuse.ThrowAlreadyWaiting();
        if (--_reductions > 0 && _mailbox.Head is not null && _exit == ExitState.None)
            return true;

        SetMatcher(null);
        _wait = _reductions > 0 || _mailbox.Head is null ? WaitState.Message : WaitState.Turn;
        return false;
    }

    /// <summary>Owner, in the body, after <see cref="BeginReceiveAny"/>: the oldest message.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Envelope EndReceiveAny()
    {
        if (_exit != ExitState.None)
            ThrowExit();
        Envelope? envelope = TakeOldest();
        Debug.Assert(envelope is not null, "a receive is resumed only when there is a message");
        return envelope;
    }

    /// <summary>Owner, in the body: true if a message that the matcher takes is there.</summary>
    /// <param name="matcher">What to take.</param>
    /// <param name="timeoutMs">0 looks once, negative waits for ever.</param>
    /// <param name="after">Where the scan starts; null for the oldest message.</param>
    internal bool BeginReceive(Matcher matcher, long timeoutMs, Envelope? after)
    {
        CheckNotWaiting();
        SetMatcher(matcher);
        if (after is not null && !_mailbox.IsConsumed(after) && _mailbox.Head is not PriorityEnvelope)
            _scan = after;
        _matched = false;
        _timedOut = false;
        _reductions--;
        if (_reductions > 0 && _exit == ExitState.None && Scan())
            return true;

        if (timeoutMs > 0)
            ArmTimeout(timeoutMs);
        _wait = timeoutMs == 0 ? WaitState.Poll : WaitState.Message;
        return false;
    }

    /// <summary>Owner, in the body, after <see cref="BeginReceive"/>: the message taken, or null for a time-out.</summary>
    internal Envelope? EndReceive()
    {
        if (_exit != ExitState.None)
            ThrowExit();
        if (_extension?.Rare is { } rare)
        {
            rare.TimeoutAt = 0;
            if (rare.MatcherFault is { } fault)
            {
                rare.MatcherFault = null;
                global::System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(fault);
            }
        }

        Envelope? passedOver = _scan;
        if (passedOver is not null)
            _scan = null;
        if (!_matched)
            return null;
        _matched = false;
        if (passedOver is null)
            return TakeOldest();
        Envelope taken = passedOver.Next!;
        _mailbox.Unlink(passedOver, taken);
        return taken;
    }

    /// <summary>Stores only what changes: a process mostly waits for the same again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SetMatcher(Matcher? matcher)
    {
        if (!ReferenceEquals(_matcher, matcher))
            _matcher = matcher;
    }

    /// <summary>Owner, in the body: gives up the turn.</summary>
    internal void BeginYield()
    {
        CheckNotWaiting();
        _reductions = 0;
        _wait = WaitState.Turn;
    }

    internal void EndYield()
    {
        if (_exit != ExitState.None)
            ThrowExit();
    }

    /// <summary>Owner: whether the current receive can go on: with a message, which is taken, or with a time-out.</summary>
    private bool TryMatch()
    {
        if (_matcher is null)
            return _mailbox.Head is not null; // a plain receive, or a handler between messages

        return (_matcher.MayThrow ? ScanGuarded() : Scan()) || _timedOut || _wait == WaitState.Poll;
    }

    /// <summary>Runs a predicate of the user outside of the body: what it throws is kept for where the body awaits.</summary>
    private bool ScanGuarded()
    {
        try
        {
            return Scan();
        }
        catch (Exception exception)
        {
            Extension.Rarely().MatcherFault = exception;
            return true;
        }
    }

    /// <summary>
    /// Owner: looks at the messages not yet examined, oldest first. On a match the message stays where it is, next after the last one passed over, until
    /// <see cref="EndReceive"/> takes it.
    /// </summary>
    private bool Scan()
    {
        Matcher matcher = _matcher!;
        Envelope? envelope = _scan is null ? _mailbox.Head : _scan.Next;
        while (envelope is not null)
        {
            if (matcher.Matches(envelope))
            {
                _matched = true;
                return true;
            }

            _scan = envelope;
            envelope = envelope.Next;
        }

        return false;
    }

    private void ArmTimeout(long timeoutMs)
    {
        ProcessExtension.RareState rare = Extension.Rarely();
        long deadline = System.Clock.TimeoutAfter(timeoutMs);
        rare.TimeoutAt = deadline;
        ArmTimer(rare, deadline);
    }

    /// <summary>Makes sure that a timer signal comes at the deadline or before. Deadlines mostly grow, and then this is a store.</summary>
    private void ArmTimer(ProcessExtension.RareState rare, long deadline)
    {
        if (rare.Timer is { IsArmed: true } timer && deadline >= timer.Deadline)
        {
            timer.Deadline = deadline;
            return;
        }

        // None armed, or it would fire too late: then a new one takes over. The old one's signal may be on its way, so it is not used again.
        ReceiveTimer? fresh = rare.Timer;
        if (fresh is not { IsArmed: false })
        {
            fresh?.Drop();
            fresh = new ReceiveTimer(this);
            rare.Timer = fresh;
        }

        fresh.Start(System.Group.WheelFor(Runner), deadline);
    }

    internal void OnTimer(ReceiveTimer timer)
    {
        timer.IsArmed = false;
        ProcessExtension.RareState rare = _extension!.Rare!;
        if (!ReferenceEquals(rare.Timer, timer) || Waiting != WaitState.Message || rare.TimeoutAt == 0)
            return;

        if (System.Clock.Now >= rare.TimeoutAt)
            _timedOut = true;
        else
            ArmTimer(rare, rare.TimeoutAt);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ThrowExit() => throw new ProcessExitException(_extension!.Rare!.ExitReason!);
}
