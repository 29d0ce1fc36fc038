using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>What a scheduler does with a process after a slice.</summary>
internal enum SliceEnd
{
    /// <summary>It parked: it belongs to whoever wakes it, and must not be touched.</summary>
    Parked,

    /// <summary>It used up its budget and goes to the end of the queue.</summary>
    Yielded,

    /// <summary>It is gone.</summary>
    Exited,
}

/// <summary>The running of a process: one slice.</summary>
internal sealed partial class Process
{
    /// <summary>
    /// Reductions a slice may use; a receive or send is one. Enough for a receiver to drain what one sender leaves: it cannot interrupt the senders, and a receiver that
    /// gives way too early waits behind all of them while its queue outgrows the caches and survives collections (fan-in, 2,000: 52–66 ns a message; 16,000: 28–36). A
    /// slice of cheap messages is still below a millisecond; the watchdog looks after dear ones.
    /// </summary>
    internal const int SliceBudget = 16_000;

    /// <summary>Owner: runs until the process waits, has used its budget, or exits.</summary>
    /// <param name="scheduler">Where.</param>
    /// <param name="budget">Reductions.</param>
    /// <param name="message">The message that woke it, if that is not in the mailbox; older than whatever has arrived since.</param>
    internal SliceEnd RunSlice(Scheduler scheduler, int budget, Envelope? message = null)
    {
        Runner = scheduler;
        if (Hooks != Hooks.None)
            OnSliceBegin();
        _reductions = budget;
        Debug.Assert(scheduler.Hand is null, "whoever was resumed for a message has taken it");
        bool inHand = false;
        if (message is not null)
        {
            inHand = TakesAtOnce(message);
            if (inHand)
                scheduler.Hand = message;
            else
                _mailbox.Append(message);
        }

        if (!inHand && _mailbox.HasArrivals)
            TakeArrivals();
#if EXPLORATION
        _mailbox.DirectSignal?.Deliver(this);
        _mailbox.DirectSignal = null;
#endif
        while (true)
        {
            if (_exit != ExitState.None)
                return RunExit();

            if (inHand || _wait == WaitState.Ready || _wait == WaitState.Turn || (_wait < WaitState.Foreign && TryMatch()))
            {
                inHand = false;
                _wait = WaitState.Ready;
                Resume();
                if (_wait >= WaitState.Finished)
                {
                    if (_wait == WaitState.Finished)
                    {
                        CountReductions(scheduler, budget);
                        Terminate();
                        return SliceEnd.Exited;
                    }

                    EnterHibernation();
                }

                if (_reductions <= 0)
                {
                    CountReductions(scheduler, budget);
                    if (Hooks != Hooks.None)
                        OnSliceEnd();
                    Runner = null;
                    return SliceEnd.Yielded;
                }
            }

            // It waits, and has seen every message in its queue. Parking fails if something has come; a look into the mailbox is all that is left of a poll.
            if (!_mailbox.HasArrivals && _wait != WaitState.Poll)
            {
                CountReductions(scheduler, budget);
                _reductions = budget;
                if (Hooks != Hooks.None)
                    OnSliceEnd();
                Runner = null;
                if (_mailbox.TryPark())
                    return SliceEnd.Parked;
                Runner = scheduler;
            }

            if (_mailbox.HasArrivals)
                TakeArrivals();
        }
    }

    /// <summary>
    /// Whether what resumes now takes this message before it does anything else: then the message need not go through the mailbox (see <see cref="Runnable"/>).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TakesAtOnce(Envelope message)
    {
        if (
            _wait != WaitState.Message
            || _exit != ExitState.None
            || _mailbox.Head is not null
            || _mailbox.HasArrivals
            || Hooks != Hooks.None
        )
            return false;
        if (_matcher is not { } matcher)
            return Continuation is not null || _code is ProcessHandler; // else it hibernates
        if (matcher.MayThrow || !matcher.Matches(message))
            return false;
        _matched = true;
        return true;
    }

    /// <summary>Owner, in the body: the message it was resumed for, or the oldest in the mailbox.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Envelope? TakeOldest()
    {
        Scheduler scheduler = Runner!;
        Envelope? inHand = scheduler.Hand;
        if (inHand is null)
            return _mailbox.Dequeue();
        scheduler.Hand = null;
        _mailbox.CountPassed();
        return inHand;
    }

    /// <summary>Runs the body until it waits or ends. A completed inner method leaves the one that awaits it as the continuation, so the stack stays flat.</summary>
    private void Resume()
    {
        if (Continuation is not null)
        {
            do Continuation.MoveNext();
            while (_wait == WaitState.Ready && Continuation is not null);

            if (_wait != WaitState.Ready)
                return;
        }

        if (_code is ProcessHandler handler)
            ResumeHandler(handler);
        else if (_code is Func<Self, ProcessTask> body)
            StartBody(body);
        else
            throw new UnreachableException("a started body is ready only with a continuation");
    }

    private void StartBody(Func<Self, ProcessTask> body)
    {
        _code = null;
        _started = true;
        ProcessTask task;
        try
        {
            task = body(new Self(this));
        }
        catch (Exception exception)
        {
            FinishFaulted(exception);
            return;
        }

        if (task.Box is null)
            _wait = WaitState.Finished;
        else
            AdoptRoot(task.Box);
    }

    /// <summary>Calls the handler for message after message, until there is none, the budget is spent, or a call waits.</summary>
    private void ResumeHandler(ProcessHandler handler)
    {
        do
        {
            ProcessTask task;
            try
            {
                if (!_started)
                {
                    _started = true;
                    task = handler.OnStart(new Self(this));
                }
                else
                {
                    Envelope? envelope = TakeOldest();
                    if (envelope is null)
                        break;
                    _reductions--;
                    task = handler.OnMessage(new Self(this), new Message(envelope.Payload, envelope.Bits));
                }
            }
            catch (Exception exception)
            {
                FinishFaulted(exception);
                return;
            }

            if (task.Box is not null)
            {
                AdoptRoot(task.Box);
                if (_wait != WaitState.Ready)
                    return;
                handler = (ProcessHandler)_code!; // it may have given way to another
            }

            if (_ended)
            {
                _wait = WaitState.Finished;
                return;
            }
        } while (_reductions > 0);

        _matcher = null;
        _wait = WaitState.Message;
    }

    private void AdoptRoot(ProcessBox root)
    {
        if (root.IsCompleted)
            OnRootCompleted(root);
        else
            root.IsRoot = true;
    }

    /// <summary>The outermost method has ended: the body is done, or the handler is ready for its next message.</summary>
    internal void OnRootCompleted(ProcessBox root)
    {
        Continuation = null;
        if (root.Fault is { } fault)
        {
            FinishFaulted(fault);
            return;
        }

        if (_code is not ProcessHandler)
        {
            _wait = WaitState.Finished;
            return;
        }

        // The state machine is still on the stack, in its last instruction; clearing its fields here is what the base library does too.
        root.Free();
        _matcher = null;
        _wait = _exit == ExitState.None && !_ended ? WaitState.Ready : WaitState.Finished; // ready: messages may have queued up meanwhile
    }

    /// <summary>Owner, in a handler's call that waits: what comes after that call is handled by another object.</summary>
    internal void ReplaceHandler(ProcessHandler next) => _code = next;

    /// <summary>Owner, in a handler's call: the process ends when that call is over.</summary>
    internal void EndHandler(object reason)
    {
        if (!ReferenceEquals(reason, Atoms.Normal))
            Extension.Rarely().ExitReason = reason;
        _ended = true;
    }

    private void FinishFaulted(Exception exception)
    {
        _wait = WaitState.Finished;
        if (_exit == ExitState.None)
            Extension.Rarely().ExitReason = exception is ProcessExitException exit ? exit.Reason : System.ReportCrash(this, exception);
    }

    /// <summary>An exit signal was accepted: lets the body unwind where it waits for the process itself, then ends it.</summary>
    private SliceEnd RunExit()
    {
        bool canUnwind = _exit == ExitState.Unwind && Waiting != WaitState.Foreign && HasHandlers();
        if (canUnwind)
        {
            _exit = ExitState.Unwinding;
            _wait = WaitState.Ready;
            Resume(); // whatever it awaited throws; if it waits again, it has had its chance
        }

        Terminate();
        return SliceEnd.Exited;
    }

    /// <summary>Whether any method the body is in has something to run at an exit; else it is dropped as it is.</summary>
    private bool HasHandlers()
    {
        for (ProcessBox? box = Continuation; box is not null; box = box.Parent)
        {
            if (box.HasHandlers)
                return true;
        }

        return false;
    }

    /// <summary>What runs next. It is mostly what ran last: then nothing is stored, and no write barrier paid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void SetContinuation(ProcessBox? box)
    {
        if (!ReferenceEquals(Continuation, box))
            Continuation = box;
    }

    /// <summary>Called by the method builder: the body awaits something that is not ours.</summary>
    internal void AwaitForeign<TAwaiter>(ProcessBox box, ref TAwaiter awaiter)
        where TAwaiter : INotifyCompletion
    {
        CheckNotWaiting();
        ForeignResumeSignal resume = new(this);
        SetContinuation(box);
        _scan = resume;
        _wait = WaitState.Foreign;
        Action post = resume.Post;
        if (awaiter is ICriticalNotifyCompletion critical)
            critical.UnsafeOnCompleted(post);
        else
            awaiter.OnCompleted(post);
    }

    internal void OnForeignResume(ForeignResumeSignal signal)
    {
#if EXPLORATION
        if (Mutations.Is(Mutation.DoubleResume))
            _wait = WaitState.Ready;
#endif
        if (Waiting == WaitState.Foreign && ReferenceEquals(_scan, signal))
        {
            _scan = null;
            Waiting = WaitState.Ready;
        }
    }

    /// <summary>Owner, in the body: waits for room in another's mailbox.</summary>
    internal void BeginAwaitRoom(Pid target)
    {
        CheckNotWaiting();
        ForeignResumeSignal resume = new(this);
        _scan = resume;
        _wait = WaitState.Foreign;
        System.AwaitRoom(target, resume.Post);
    }

    internal void EndAwaitRoom()
    {
        if (_exit != ExitState.None)
            ThrowExit();
    }

    /// <summary>Owner, in the body: lets go of what stands empty, then waits for a message; true if one is there.</summary>
    internal bool BeginHibernate()
    {
        _extension?.Trim();
        return BeginReceiveAny();
    }

    /// <summary>Owner, in the body: the message it was woken for stays in the mailbox.</summary>
    internal void EndHibernate()
    {
        if (_exit != ExitState.None)
            ThrowExit();
        Scheduler scheduler = Runner!;
        if (scheduler.Hand is not { } inHand)
            return;
        scheduler.Hand = null;
        _mailbox.Append(inHand);
    }

    /// <summary>Owner, in the body: leaves the body for good; another begins with the next message.</summary>
    internal void BeginHibernate(Func<Self, ProcessTask> next)
    {
        CheckNotWaiting();
        _code = next;
        _wait = WaitState.Hibernate;
    }

    /// <summary>Lets go of the body's frames, as of all that an idle process can do without.</summary>
    private void EnterHibernation()
    {
        Continuation = null;
        _matcher = null;
        _scan = null;
        _wait = WaitState.Message;
        _extension?.Trim();
    }

    /// <summary>Owner: what hooks ask for when a slice ends.</summary>
    private void OnSliceEnd()
    {
        if ((Hooks & Hooks.Awaited) != 0)
            WakeWaiters();
        if (IsTraced)
            System.Traced(this, TraceFlags.Running, TraceKind.Out);
    }

    private void OnSliceBegin()
    {
        if (IsTraced)
            System.Traced(this, TraceFlags.Running, TraceKind.In);
    }

    private void CountReductions(Scheduler scheduler, int budget)
    {
        int used = budget - _reductions;
        _reductionsTotal += used;
        scheduler.CountReductions(used);
    }
}
