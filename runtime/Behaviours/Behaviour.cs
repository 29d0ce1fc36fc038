using CloudScale.Runtime.Behaviours;

namespace CloudScale;

/// <summary>What GenServer, GenStateMachine and GenEvent have in common: how they start, stop, and answer <c>sys</c>. Not to be derived from directly.</summary>
/// <remarks>
/// Threads: the callbacks run one at a time in the process. The object is the process's state; it belongs to one process, once.
/// </remarks>
public abstract partial class Behaviour : ProcessHandler
{
    private Origin _origin = null!; // set by the starter, or when the process starts
    private Self _self;
    private Watches _watches;

    /// <summary>What was made with the object and is to end with its process: a scope of services.</summary>
    internal IDisposable? Belongings { get; set; }

    private protected Behaviour() { }

    /// <summary>The process. Only for use in callbacks, and in what they await.</summary>
    /// <remarks>By reference, so that <c>Self.TrapExit = true</c> compiles. It is not to be replaced.</remarks>
    protected ref Self Self => ref _self;

    /// <summary>Who started it with a link; none for a process without a parent.</summary>
    private protected Pid Parent => _origin.Parent;

    private protected Origin Origin => _origin;

    /// <summary>What OTP calls it: <c>gen_server</c>.</summary>
    private protected abstract Atom Kind { get; }

    /// <summary>The class whose callbacks these are, as Erlang sees a module.</summary>
    private protected virtual Atom Module => ModuleName.Of(GetType());

    /// <summary>The starter, before it spawns: what the process is told about its start.</summary>
    internal void Adopt(Origin origin)
    {
        if (_origin is not null)
            throw new InvalidOperationException($"This {GetType().Name} has been started before. Each process needs an object of its own.");
        _origin = origin;
    }

    /// <inheritdoc/>
    protected sealed override void OnDictionary(IDictionary<object, object> dictionary) => _origin?.Describe(dictionary, GetType());

    // ---- what the behaviours do ----

    /// <summary>Runs the user's Init.</summary>
    private protected abstract ProcessTask<InitResult> OnInit();

    /// <summary>The start has been acknowledged.</summary>
    private protected abstract ProcessTask OnReady(in InitResult result);

    /// <summary>A call.</summary>
    private protected abstract ProcessTask OnCall(object request, From from);

    /// <summary>A cast.</summary>
    private protected abstract ProcessTask OnCast(object request);

    /// <summary>Any other message but those of sys and a parent's exit.</summary>
    private protected abstract ProcessTask OnInfo(object message);

    /// <summary>Runs the user's Terminate.</summary>
    private protected abstract ProcessTask OnTerminate(object reason);

    // ---- life ----

    /// <inheritdoc/>
    protected sealed override ProcessTask OnStart(Self self)
    {
        _self = self;
        _origin ??= new Origin();
        if (Belongings is { } belongings)
            self.Own(belongings);
        if (CodeServer.IsUsed)
            BeginTracking();
        BeginDebug(_origin.Options.Debug);
        if (_origin.Options.Name is { } name)
        {
            if (name.Registry is not null)
                return RegisterAndInitAsync(name);
            if (!TryRegister((Atom)name.Name))
                return NameTaken(self.WhereIs((Atom)name.Name));
        }

        return Init();
    }

    private async ProcessTask RegisterAndInitAsync(ServerName name)
    {
        bool isOurs = await name.Registry!.Register(_self, name.Name, _self.Pid);
        if (isOurs)
            await Init();
        else
            await NameTaken(await name.Registry.WhereIs(_self, name.Name));
    }

    private ProcessTask NameTaken(Pid by)
    {
        Acknowledge(StartResult.NameTaken(by));
        EndNow(Atoms.Normal);
        return default;
    }

    /// <summary>Another process may take the name, or free it, between a look and the attempt.</summary>
    private bool TryRegister(Atom name)
    {
        try
        {
            if (!_self.WhereIs(name).IsNone)
                return false;
            _self.Register(name, _self.Pid);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private ProcessTask Init()
    {
        try
        {
            ProcessTask<InitResult> init = OnInit();
            ProcessTask<InitResult>.Awaiter awaiter = init.GetAwaiter();
            return awaiter.IsCompleted ? Ready(awaiter.GetResult()) : InitAsync(init);
        }
        catch (Exception exception)
        {
            return InitFailed(exception);
        }
    }

    private async ProcessTask InitAsync(ProcessTask<InitResult> init)
    {
        InitResult result;
        try
        {
            result = await init;
        }
        catch (Exception exception) when (IsRunning)
        {
            await InitFailed(exception);
            return;
        }

        await Ready(result);
    }

    private ProcessTask Ready(in InitResult result)
    {
        switch (result.Outcome)
        {
            case InitOutcome.Ok:
                Acknowledge(StartResult.Ok(_self.Pid));
                BeginIdleWatch();
                return OnReady(result);
            case InitOutcome.Ignore:
                return NotStarted(StartResult.Ignore, Atoms.Normal);
            case InitOutcome.Error:
                return NotStarted(StartResult.Failed(result.Reason!), Atoms.Normal);
            default:
                return NotStarted(StartResult.Failed(result.Reason!), result.Reason!);
        }
    }

    private ProcessTask InitFailed(Exception exception)
    {
        object reason = CrashReason.Of(exception);
        return NotStarted(StartResult.Failed(reason), reason);
    }

    /// <summary>The name is free before the starter hears of the failure, so that it may try again at once.</summary>
    private ProcessTask NotStarted(StartResult result, object reason)
    {
        if (_origin.Options.Name is { Registry: not null } via)
            return UnregisterAsync(via, result, reason);
        if (_origin.Options.Name?.Name is Atom name)
            _self.Unregister(name);
        return Failed(result, reason);
    }

    private async ProcessTask UnregisterAsync(ServerName name, StartResult result, object reason)
    {
        await name.Registry!.Unregister(_self, name.Name);
        await Failed(result, reason);
    }

    private ProcessTask Failed(in StartResult result, object reason)
    {
        if (!CrashReason.IsOrderly(reason))
            ReportCrash(reason, message: null, client: default, DuringInit);
        Acknowledge(result);
        EndNow(reason);
        return default;
    }

    private void Acknowledge(in StartResult result) => _origin.Acknowledge(_self, result);

    /// <summary>Terminates and exits.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="message">What was being handled, for the report; null for nothing.</param>
    /// <param name="then">An answer that is due between the two.</param>
    private protected ProcessTask Finish(object reason, object? message, in PendingReply then = default)
    {
        _watches |= Watches.Ended;
        try
        {
            ProcessTask terminate = OnTerminate(reason);
            if (!terminate.GetAwaiter().IsCompleted)
                return FinishAsync(terminate, reason, message, then);
            terminate.GetAwaiter().GetResult();
        }
        catch (Exception exception)
        {
            reason = CrashReason.Of(exception);
        }

        Stopped(reason, message, then);
        return default;
    }

    private async ProcessTask FinishAsync(ProcessTask terminate, object reason, object? message, PendingReply then)
    {
        try
        {
            await terminate;
        }
        catch (Exception exception) when (IsRunning)
        {
            reason = CrashReason.Of(exception);
        }

        Stopped(reason, message, then);
    }

    private void Stopped(object reason, object? message, in PendingReply then)
    {
        if (then.Reply is not null)
            _self.Reply(then.From, then.Reply);
        if (!CrashReason.IsOrderly(reason))
            ReportCrash(reason, message, ClientOf(message), null);
        EndNow(reason);
    }

    /// <summary>A callback has thrown.</summary>
    private protected ProcessTask Crash(Exception exception, object? message) => Finish(CrashReason.Of(exception), message);

    private void EndNow(object reason)
    {
        _watches |= Watches.Ended;
        if (_isEntered)
            _endReason = reason;
        else
            End(_self, reason);
    }

    /// <summary>Whether the process is about to exit.</summary>
    private protected bool HasEnded => (_watches & Watches.Ended) != 0;

    /// <summary>False when an exit signal unwinds what is awaited: then no callback runs any more.</summary>
    private protected bool IsRunning => _self.System.IsAlive(_self.Pid);

    /// <summary>What each message has to be looked at for, beyond the ordinary.</summary>
    [Flags]
    private enum Watches : byte
    {
        None = 0,

        /// <summary>The process is about to exit: what is left in the mailbox is not handled.</summary>
        Ended = 1,

        /// <summary>A time-out of the last callback's result is pending: any message ends it.</summary>
        Timeout = 2,

        /// <summary>The process hibernates when idle.</summary>
        Idle = 4,

        /// <summary>sys watches.</summary>
        Debug = 8,
    }
}

/// <summary>An answer that is sent when the process has terminated and before it exits.</summary>
internal readonly record struct PendingReply(From From, object? Reply);
