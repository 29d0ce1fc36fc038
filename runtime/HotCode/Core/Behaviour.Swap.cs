using CloudScale.Runtime.HotCode;

namespace CloudScale;

/// <content>An object of new code takes over from one of old code, in a process that is held.</content>
public abstract partial class Behaviour
{
    private Behaviour? _successor; // from the swap until the loop of the held process has seen it

    /// <summary>A process whose code can be unloaded is known to the code server for as long as it lives.</summary>
    private void BeginTracking()
    {
        if (GetType().IsCollectible && CodeServer.Of(_self.System) is { } server)
            _self.Own(server.Track(_self.Pid, this));
    }

    private Behaviour? TakeSuccessor()
    {
        Behaviour? successor = _successor;
        _successor = null;
        return successor;
    }

    private async ProcessTask SwapAsync(CodeSwap swap, From from)
    {
        object answer = Atoms.Ok;
        await _self.Yield(); // an object can give way only in a call that has waited
        try
        {
            if (_isEntered)
                throw new NotSupportedException("A process that became a behaviour by EnterLoop cannot change its code.");
            Behaviour next = swap.Make(this);
            next._origin = _origin;
            next._self = _self;
            next._watches = _watches;
            next._sys = _sys;
            next._turns = _turns;
            next.Belongings = Belongings; // the services of a process are its own until it exits, whatever code it runs
            await next.OnTakeOver(this, swap.OldVersion, swap.Extra);
            GiveWayTo(next);
        }
        catch (Exception exception) when (IsRunning)
        {
            answer = Tuple.Of(Atoms.Error, Tuple.Of(Atoms.Exit, Runtime.Behaviours.CrashReason.Of(exception)));
        }

        _self.Reply(from, answer);
    }

    /// <summary>The object before has the state it had when the process was held: nothing has been handled since.</summary>
    private async ProcessTask UndoSwap(CodeSwapUndo undo, From from)
    {
        await _self.Yield();
        OnTakenBack();
        undo.Old._watches = _watches;
        GiveWayTo(undo.Old);
        _self.Reply(from, Atoms.Ok);
    }

    private void GiveWayTo(Behaviour next)
    {
        Become(_self, next);
        _successor = next;
        CodeServer.Of(_self.System)?.Replace(_self.Pid, next);
    }

    /// <summary>For event managers alone: handlers of new code take over.</summary>
    private protected virtual ProcessTask SwapHandlersAsync(HandlersSwap swap, From from) => RefuseHandlers(from);

    /// <summary>For event managers alone: the handlers before are in place again.</summary>
    private protected virtual ProcessTask UndoHandlersSwap(HandlersSwapUndo undo, From from) => RefuseHandlers(from);

    private ProcessTask RefuseHandlers(From from) => Answer(from, Tuple.Of(Atoms.Error, Tuple.Of(Atom.Of("no_event_manager"), Kind)));

    /// <summary>Takes the state of an object of old code over. An exception leaves that one in place.</summary>
    private protected virtual ProcessTask OnTakeOver(Behaviour old, object oldVersion, object extra) =>
        throw new NotSupportedException($"A {Kind.Name} cannot change its code while it runs.");

    /// <summary>The take-over is undone; what is shared with the object before is to be as it was.</summary>
    private protected virtual void OnTakenBack() { }

    /// <summary>The change of code counts.</summary>
    private protected virtual void OnKept() { }

    /// <summary>What the objects of two versions share must be of one type.</summary>
    private protected static T Same<T>(Behaviour old)
        where T : Behaviour => old as T ?? throw new NotSupportedException($"A {old.GetType().BaseType} cannot become a {typeof(T)}.");
}

public abstract partial class GenServer
{
    private protected sealed override async ProcessTask OnTakeOver(Behaviour old, object oldVersion, object extra)
    {
        SetState(await MigrateState(Same<GenServer>(old).GetState(), oldVersion, extra));
        await CodeChange(oldVersion, extra);
    }
}

public abstract partial class GenStateMachine<TState>
{
    private protected sealed override async ProcessTask OnTakeOver(Behaviour old, object oldVersion, object extra)
    {
        GenStateMachine<TState> machine = Same<GenStateMachine<TState>>(old);
        _waiting = machine._waiting;
        _postponed = machine._postponed;
        _timers = machine._timers;
        _hibernates = machine._hibernates;
        SetState(machine._state);
        SetData(await MigrateData(machine.GetData(), oldVersion, extra));
        await CodeChange(oldVersion, extra);
    }
}

public abstract partial class Supervisor
{
    private Action? _takeBack;

    private protected sealed override async ProcessTask OnTakeOver(Behaviour old, object oldVersion, object extra)
    {
        Supervisor supervisor = Same<Supervisor>(old);
        SupervisorInit init = await Init();
        Action takeBack = supervisor.Core.Lend(Chance);
        if (!ReferenceEquals(init, SupervisorInit.Ignore) && supervisor.Core.OnCodeChange(init) is { } fault)
        {
            takeBack();
            throw new ProcessExitException(fault);
        }

        _takeBack = takeBack;
        _core = supervisor._core;
        _starts = supervisor._starts;
    }

    private protected sealed override void OnTakenBack() => _takeBack?.Invoke();

    /// <summary>The change of code counts: what it replaced need not be kept.</summary>
    private protected sealed override void OnKept() => _takeBack = null;
}
