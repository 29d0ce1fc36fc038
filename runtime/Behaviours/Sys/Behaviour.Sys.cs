using CloudScale.Runtime.Behaviours;
using CloudScale.Runtime.HotCode;
using Microsoft.Extensions.Logging;

namespace CloudScale;

/// <content>System messages, <c>{system, From, Request}</c>, as OTP's <c>sys</c> sends them.</content>
public abstract partial class Behaviour
{
    private static readonly Atom s_status = Atom.Of("status");
    private static readonly Atom s_module = Atom.Of("module");
    private static readonly Atom s_running = Atom.Of("running");
    private static readonly Atom s_suspended = Atom.Of("suspended");
    private static readonly Atom s_callbackFailed = Atom.Of("callback_failed");
    private static readonly Atom s_replaceState = Atom.Of("system_replace_state");
    private static readonly Atom s_getState = Atom.Of("system_get_state");
    private static readonly Atom s_unknownSystemMessage = Atom.Of("unknown_system_msg");

    private SysWatch? _sys;

    private protected bool IsDebugged => (_watches & Watches.Debug) != 0;

    /// <summary>The state as <c>sys:get_state</c> shows it.</summary>
    private protected abstract object SystemState { get; }

    /// <summary>Replaces the state by what a function makes of it, and gives the state that counts now.</summary>
    private protected abstract ProcessTask<object> ReplaceSystemState(Func<object, ProcessTask<object>> replace);

    /// <summary>The last element of <c>sys:get_status</c>, as OTP formats it for this behaviour.</summary>
    private protected abstract object SystemStatus(StatusRequest request);

    private protected abstract ProcessTask OnCodeChange(object oldVersion, object extra);

    private protected SysWatch SysWatch => _sys ??= new SysWatch();

    private ProcessTask OnSystemMessage(object request, From from)
    {
        bool wasSuspended = _sys is { IsSuspended: true };
        ProcessTask handled = HandleSystemRequest(request, from);
        if (!handled.GetAwaiter().IsCompleted)
            return AfterSystemMessageAsync(handled, wasSuspended);
        handled.GetAwaiter().GetResult();
        return AfterSystemMessage(wasSuspended);
    }

    private async ProcessTask AfterSystemMessageAsync(ProcessTask handled, bool wasSuspended)
    {
        await handled;
        await AfterSystemMessage(wasSuspended);
    }

    private ProcessTask AfterSystemMessage(bool wasSuspended)
    {
        if ((_watches & Watches.Ended) != 0)
            return default;
        RestartTimeout();
        return _sys is { IsSuspended: true } && !wasSuspended ? SuspendedAsync() : default;
    }

    /// <summary>Held: nothing is taken but system messages and the exit of the parent; all else stays in the mailbox.</summary>
    private async ProcessTask SuspendedAsync()
    {
        EndTimeoutWhileHeld(out long timeoutMs);
        Behaviour current = this; // another, after a change of code
        while (current._sys!.IsSuspended && (current._watches & Watches.Ended) == 0)
        {
            object message = await current._self.Receive<object>(current.IsForHeld);
            if (message is Exit exit)
                await current.Finish(exit.Reason, exit);
            else if (message is Tuple system && From.TryFrom(system[1], out From from))
                await current.HandleSystemRequest(system[2], from);
            current = current.TakeSuccessor() ?? current;
        }

        if (timeoutMs >= 0 && (current._watches & Watches.Ended) == 0)
            current.BeginTimeout(timeoutMs);
    }

    private void EndTimeoutWhileHeld(out long timeoutMs)
    {
        timeoutMs = _timeout?.Length ?? -1;
        EndTimeout();
    }

    private bool IsForHeld(object message) =>
        message is Tuple { Count: 3 } system
            ? ReferenceEquals(system[0], s_system) && From.TryFrom(system[1], out _)
            : message is Exit exit && exit.From == Parent;

    private ProcessTask HandleSystemRequest(object request, From from)
    {
        switch (request)
        {
            case Atom { Name: "get_state" }:
                return AnswerState(from, StateAnswer());
            case Atom { Name: "get_status" }:
                return Answer(from, Status());
            case Atom { Name: "suspend" }:
                SysWatch.IsSuspended = true;
                return Answer(from, Atoms.Ok);
            case Atom { Name: "resume" }:
                SysWatch.IsSuspended = false;
                OnKept();
                return Answer(from, Atoms.Ok);
            case Tuple and [Atom { Name: "terminate" }, var reason]:
                _self.Reply(from, Atoms.Ok);
                return Finish(reason, message: null);
            case Tuple and [Atom { Name: "replace_state" }, var function]:
                return ReplaceStateAsync(function, from);
            case Tuple and [Atom { Name: "debug" }, var command]:
                return Answer(from, SysCommands.Debug(this, command));
            case Tuple and [Atom { Name: "change_code" }, _, var version, var extra] when _sys is { IsSuspended: true }:
                return ChangeCodeAsync(version, extra, from);
            case CodeSwap swap when _sys is { IsSuspended: true }:
                return SwapAsync(swap, from);
            case CodeSwapUndo undo when _sys is { IsSuspended: true }:
                return UndoSwap(undo, from);
            case HandlersSwap swap when _sys is { IsSuspended: true }:
                return SwapHandlersAsync(swap, from);
            case HandlersSwapUndo undo when _sys is { IsSuspended: true }:
                return UndoHandlersSwap(undo, from);
            default:
                return Answer(from, Tuple.Of(Atoms.Error, Tuple.Of(s_unknownSystemMessage, request)));
        }
    }

    private ProcessTask Answer(From from, object answer)
    {
        _self.Reply(from, answer);
        return default;
    }

    /// <summary>Answers with a state, or with why there is none, in the form that the caller's release wants.</summary>
    private ProcessTask AnswerState(From from, object answer)
    {
        Atom node = from.Caller.Node.Name;
        if (ReferenceEquals(node, _self.System.Identity.Name) || IsFailure(answer))
            return Answer(from, answer);
        _self.System.Spawn(async other =>
            other.Reply(from, await PeerReleases.TagsStates(other, node) ? Tuple.Of(Atoms.Ok, answer) : answer)
        );
        return default;
    }

    private static bool IsFailure(object answer) =>
        answer is Tuple and [Atom { Name: "error" }, Tuple and [Atom { Name: "callback_failed" }, ..]];

    private object StateAnswer()
    {
        try
        {
            return SystemState;
        }
        catch (Exception exception)
        {
            return CallbackFailed(s_getState, exception);
        }
    }

    /// <summary>Class and reason as they were raised: no stack, as in OTP.</summary>
    private Tuple CallbackFailed(Atom function, Exception exception)
    {
        (ErlangClass failure, object reason) = exception switch
        {
            ErlangException erlang => (erlang.Class, erlang.Reason),
            ProcessExitException exit => (ErlangClass.Exit, exit.Reason),
            _ => (ErlangClass.Error, CrashReason.Of(exception)),
        };
        return Tuple.Of(Atoms.Error, Tuple.Of(s_callbackFailed, Tuple.Of(Kind, function), Tuple.Of(failure.ToAtom(), reason)));
    }

    private async ProcessTask ReplaceStateAsync(object function, From from)
    {
        object answer;
        try
        {
            answer = await ReplaceSystemState(state => SysCommands.Apply(_self, function, state));
        }
        catch (Exception exception) when (IsRunning)
        {
            answer = CallbackFailed(s_replaceState, exception);
        }

        await AnswerState(from, answer);
    }

    private async ProcessTask ChangeCodeAsync(object version, object extra, From from)
    {
        object answer = Atoms.Ok;
        try
        {
            await OnCodeChange(version, extra);
        }
        catch (Exception exception) when (IsRunning)
        {
            answer = Tuple.Of(Atoms.Error, Tuple.Of(Atoms.Exit, CrashReason.Of(exception)));
        }

        _self.Reply(from, answer);
    }

    private Tuple Status()
    {
        List<object> dictionary = [];
        foreach (KeyValuePair<object, object> entry in _self.Dictionary)
            dictionary.Add(Tuple.Of(entry.Key, entry.Value));
        List pdict = List.Create([.. dictionary]);
        Atom state = _sys is { IsSuspended: true } ? s_suspended : s_running;
        Pid parent = Parent.IsNone ? _self.Pid : Parent;
        List debug = _sys?.Options ?? List.Empty;
        StatusRequest request = new(pdict, state, parent, _sys?.Log ?? List.Empty);
        return Tuple.Of(s_status, _self.Pid, Tuple.Of(s_module, Kind), List.Of(pdict, state, parent, debug, SystemStatus(request)));
    }

    // ---- debug ----

    private void BeginDebug(SysDebugOptions options)
    {
        if (options == SysDebugOptions.None)
            return;
        if ((options & SysDebugOptions.Trace) != 0)
            SysWatch.IsTracing = true;
        if ((options & SysDebugOptions.Log) != 0)
            SysWatch.KeepLog(SysCommands.DefaultLogSize);
        if ((options & SysDebugOptions.Statistics) != 0)
            SysWatch.Count(on: true, Clock);
        DebugChanged();
    }

    internal SysWatch Watched => SysWatch;

    internal ProcessSystemClock Clock => new(_self.System.SystemTime, _self.Reductions);

    /// <summary>After a change of what sys watches.</summary>
    internal void DebugChanged() => _watches = SysWatch.IsActive ? _watches | Watches.Debug : _watches & ~Watches.Debug;

    internal void PrintLog()
    {
        foreach (object happened in SysWatch.Log)
            BehaviourLog.Traced(_self.System.Logger, DebugName, Term.Format(happened));
    }

    private object DebugName => _origin.Name ?? _self.Pid;

    /// <summary>Whether each message is an event for sys as it comes; a machine tells of its events instead.</summary>
    private protected virtual bool TellsMessages => true;

    private void DebugIn(object message)
    {
        if (TellsMessages)
            DebugEvent(Tuple.Of(s_in, message));
    }

    private protected void DebugOut(object reply, From to, object state) => DebugEvent(Tuple.Of(s_out, reply, to.ToTerm(), state));

    private protected void DebugEvent(Tuple happened)
    {
        if (SysWatch.IsTracing)
            BehaviourLog.Traced(_self.System.Logger, DebugName, Term.Format(happened));
        SysWatch.OnEvent(happened, DebugName);
        DebugChanged(); // a hook may have been the last
    }

    private static readonly Atom s_in = Atom.Of("in");
    private static readonly Atom s_out = Atom.Of("out");
}

/// <summary>What the status of a process is made of.</summary>
internal readonly record struct StatusRequest(List Dictionary, Atom State, Pid Parent, List Log);

internal static partial class BehaviourLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "*DBG* {Name}: {Happened}.")]
    internal static partial void Traced(ILogger logger, object name, string happened);
}
