using CloudScale.Runtime.Supervision;

namespace CloudScale;

/// <summary>Puts something that is no behaviour under a supervisor: OTP's <c>supervisor_bridge</c>.</summary>
/// <remarks>Threads: the callbacks run in the bridge's process, which traps exits. The bridge ends with what it bridges, and that with the bridge. Source: OTP, supervisor_bridge.</remarks>
public abstract class SupervisorBridge : GenServer
{
    private Pid _subsystem;

    /// <summary>Starts what is bridged, and links the process that stands for it.</summary>
    /// <returns>Its process; or why there is none, and then the bridge's start ends in the same way.</returns>
    protected abstract ProcessTask<StartResult> StartSubsystem();

    /// <summary>Stops what is bridged. Also called when it has ended by itself.</summary>
    /// <param name="reason">Why.</param>
    protected abstract ProcessTask StopSubsystem(object reason);

    /// <inheritdoc/>
    protected sealed override async ProcessTask<InitResult> Init()
    {
        Self.TrapExit = true;
        StartResult result = await StartSubsystem();
        if (result.IsIgnore)
            return InitResult.Ignore;
        if (!result.IsOk)
            return InitResult.Stop(result.Error ?? Atoms.Undefined);
        _subsystem = result.Pid;
        return InitResult.Ok;
    }

    /// <inheritdoc/>
    protected sealed override ProcessTask<Next> HandleCall(object request, From from) => Reply(Tuple.Of(Atoms.Error, Atom.Of("badcall")));

    /// <inheritdoc/>
    protected sealed override ProcessTask<Next> HandleCast(object request) => NoReply;

    /// <inheritdoc/>
    protected sealed override ProcessTask<Next> HandleInfo(object message)
    {
        if (message is not Exit exit || exit.From != _subsystem)
            return NoReply;
        SupervisorLog.Failed(
            Self.System.Logger,
            Term.Format(Tuple.Of(Self.Pid, Module)),
            SupervisorCore.ChildTerminated.Name,
            Term.Format(exit.Reason),
            Term.Format(List.Of(Tuple.Of(Atom.Of("pid"), exit.From), Tuple.Of(Atom.Of("mod"), Module)))
        );
        return Stop(exit.Reason);
    }

    /// <inheritdoc/>
    protected sealed override ProcessTask Terminate(object reason) => StopSubsystem(reason);
}
