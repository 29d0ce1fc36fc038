using CloudScale.Runtime.Behaviours;
using CloudScale.Runtime.Supervision;
using Microsoft.Extensions.Logging;

namespace CloudScale;

/// <content>What sys and the node's logger are told.</content>
public abstract partial class Supervisor
{
    /// <summary>As reports name a supervisor: <c>{local, Name}</c>, <c>{global, Name}</c>, <c>{via, Module, Name}</c>, or <c>{Pid, Module}</c>.</summary>
    private object SupervisorName =>
        Origin.Name switch
        {
            null => Tuple.Of(Self.Pid, Module),
            Atom name => Tuple.Of(Atom.Of("local"), name),
            object other => other,
        };

    /// <summary>OTP's record of the state, so that tools which look for the module find it.</summary>
    private protected sealed override object SystemState
    {
        get
        {
            Child[] children = Core.Children.All();
            Array.Reverse(children);
            SupervisorFlags flags = Core.Flags;
            object kept = Core.Template is { } template
                ? Tuple.Of(List.Of(template.Id), Map.Of((template.Id, SupervisorCore.Record(new Child(template, List.Empty)))))
                : Tuple.Of(
                    List.Create([.. children.Select(child => child.Spec.Id)]),
                    Map.Create([.. children.Select(child => KeyValuePair.Create(child.Spec.Id, (object)SupervisorCore.Record(child)))])
                );
            object dynamics = Core.IsDynamic
                ? Tuple.Of(
                    Atom.Of("maps"),
                    Map.Create([.. children.Select(child => KeyValuePair.Create((object)child.Pid, (object)child.Arguments))])
                )
                : Atoms.Undefined;
            return Tuple.Of(
                Atom.Of("state"),
                SupervisorName,
                FlagTerms.Of(flags.Strategy),
                kept,
                dynamics,
                (long)flags.Intensity,
                (long)flags.Period.TotalSeconds,
                List.Create([.. Core.Restarts.Select(restart => (object)restart)]),
                (long)children.Count(child => child.State == ChildState.Restarting),
                ChildSpecTerms.Of(flags.AutoShutdown),
                Module,
                List.Empty
            );
        }
    }

    private protected sealed override async ProcessTask<object> ReplaceSystemState(Func<object, ProcessTask<object>> replace)
    {
        object state = SystemState;
        return Term.AreEqual(await replace(state), state)
            ? state
            : throw new NotSupportedException("A supervisor takes no other state: what it supervises would be left to itself.");
    }

    private protected sealed override object SystemStatus(StatusRequest request) =>
        List.Of(
            Tuple.Of(Atom.Of("header"), StatusTerms.Header("Status for generic server ", Origin.Name ?? Self.Pid)),
            StatusTerms.Data(request),
            Tuple.Of(Atom.Of("data"), List.Of(Tuple.Of(List.FromString("State"), SystemState))),
            Tuple.Of(Atom.Of("supervisor"), List.Of(Tuple.Of(List.FromString("Callback"), Module)))
        );

    /// <summary>Init says what holds from now on; what runs goes on.</summary>
    private protected sealed override async ProcessTask OnCodeChange(object oldVersion, object extra)
    {
        SupervisorInit init = await Init();
        if (!ReferenceEquals(init, SupervisorInit.Ignore) && Core.OnCodeChange(init) is { } fault)
            throw new ProcessExitException(fault);
    }

    private protected sealed override object StateForReport(object reason, object? message) =>
        _core is null ? Atoms.Undefined : SystemState;

    private void Report(in Step step)
    {
        if (!Self.System.Logger.IsEnabled(LogLevel.Error))
            return;
        List offender = step.Child.Describe();
        if (step.Children > 0)
            offender = offender.Slice(1, offender.Count - 1).Prepend(Tuple.Of(Atom.Of("nb_children"), (long)step.Children));
        SupervisorLog.Failed(
            Self.System.Logger,
            Term.Format(SupervisorName),
            step.Context!.Name,
            Term.Format(step.Reason),
            Term.Format(offender)
        );
    }

    private void ReportProgress(Child child)
    {
        if (Self.System.Logger.IsEnabled(LogLevel.Debug))
            SupervisorLog.Started(Self.System.Logger, Term.Format(SupervisorName), Term.Format(child.Describe()));
    }
}

internal static partial class SupervisorLog
{
    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "Supervisor: {Supervisor}. Context: {ErrorContext}. Reason: {Reason}. Offender: {Offender}."
    )]
    internal static partial void Failed(ILogger logger, string supervisor, string errorContext, string reason, string offender);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Supervisor: {Supervisor}. Started: {Started}.", SkipEnabledCheck = true)]
    internal static partial void Started(ILogger logger, string supervisor, string started);
}
