using CloudScale.Runtime.Behaviours;

namespace CloudScale;

/// <content>Handlers come, are called, and go, each for itself.</content>
public sealed partial class GenEvent
{
    private static readonly Atom s_exited = Atom.Of("gen_event_EXIT");
    private static readonly Atom s_removeHandler = Atom.Of("remove_handler");
    private static readonly Atom s_swapped = Atom.Of("swapped");

    private async ProcessTask EachAsync(Atom what, object content, Func<GenEventHandler, object, ProcessTask<HandlerNext>> call)
    {
        foreach (InstalledHandler installed in _handlers.ToArray())
        {
            if (_handlers.Contains(installed))
                await CallAsync(installed, Tuple.Of(what, content), content, call);
        }
    }

    /// <summary>Calls a handler, and does what it asks for.</summary>
    /// <returns>Its answer; null if it gave none; <c>{error, Reason}</c> if it failed.</returns>
    private async ProcessTask<object?> CallAsync(
        InstalledHandler installed,
        object lastEvent,
        object content,
        Func<GenEventHandler, object, ProcessTask<HandlerNext>> call
    )
    {
        HandlerNext next;
        try
        {
            next = await call(installed.Handler, content);
        }
        catch (Exception exception) when (IsRunning)
        {
            return await FailedAsync(installed, lastEvent, CrashReason.Of(exception));
        }

        switch (next.Move)
        {
            case HandlerMove.Hibernate:
                _hibernates = true;
                break;
            case HandlerMove.Remove:
                await RemoveAsync(installed, s_removeHandler, lastEvent, Atoms.Normal);
                break;
            case HandlerMove.Swap:
                HandlerSwap swap = next.Swap!;
                await SwapAsync(installed, swap.Arguments, swap.Successor, swap.SuccessorArguments, default, lastEvent);
                break;
            case HandlerMove.Refuse:
                return await FailedAsync(installed, lastEvent, Tuple.Of(Atom.Of("bad_return_value"), next.Reason!));
        }

        return next.Answer;
    }

    /// <summary>A handler that throws, or returns what it may not, is removed alone.</summary>
    private async ProcessTask<object?> FailedAsync(InstalledHandler installed, object lastEvent, object reason)
    {
        Tuple why = Tuple.Of(Atoms.Exit, reason);
        await RemoveAsync(installed, Tuple.Of(Atoms.Error, why), lastEvent, why);
        return Tuple.Of(Atoms.Error, why);
    }

    private async ProcessTask<object> QueryAsync(HandlerId id, object query)
    {
        if (Find(id) is not { } installed)
            return Tuple.Of(Atoms.Error, Atom.Of("bad_module"));
        object? reply = await CallAsync(
            installed,
            Tuple.Of(Atom.Of("call"), query),
            query,
            static (handler, query) => handler.HandleCall(query)
        );
        return reply
            ?? await FailedAsync(installed, Tuple.Of(Atom.Of("call"), query), Tuple.Of(Atom.Of("bad_return_value"), Atom.Of("no_reply")))
            ?? Atoms.Error;
    }

    /// <summary>Installs a handler: <c>ok</c>, or what its Init answered or failed with.</summary>
    private async ProcessTask<object> InstallAsync(HandlerId id, object argument, Pid supervisor)
    {
        HandlerOffer offer;
        try
        {
            if (Offered(id, argument) is not { } made)
                return Tuple.Of(Atoms.Exit, Tuple.Of(Atom.Of("undef"), Tuple.Of(id.Module, Atom.Of("init"), 1L)));
            offer = made;
            offer.Handler.Adopt(Self);
            HandlerNext next = await offer.Handler.Init(offer.Argument);
            if (next.Move == HandlerMove.Refuse)
                return Tuple.Of(Atoms.Error, next.Reason!);
            _hibernates |= next.Move == HandlerMove.Hibernate;
        }
        catch (Exception exception) when (IsRunning)
        {
            return Tuple.Of(Atoms.Exit, CrashReason.Of(exception));
        }

        if (!supervisor.IsNone)
            Self.Link(supervisor);
        _handlers.Insert(0, new InstalledHandler(id, offer.Handler, supervisor));
        OnHandlersChanged();
        return Atoms.Ok;
    }

    /// <summary>The object to install: the one that came, or a fresh one of a kind that is known. After a swap the argument is a pair, and the object in its first half.</summary>
    private HandlerOffer? Offered(HandlerId id, object argument) =>
        argument switch
        {
            HandlerOffer offer => offer,
            Tuple and [HandlerOffer offer, var last] => offer with { Argument = Tuple.Of(offer.Argument, last) },
            _ => _kinds.TryGetValue(id.Module, out Func<GenEventHandler>? create) ? new HandlerOffer(create(), argument) : null,
        };

    private async ProcessTask<object> SwapAsync(
        InstalledHandler? installed,
        object argument,
        HandlerId successor,
        object successorArgument,
        Pid supervisor,
        object? lastEvent
    )
    {
        object last = Atoms.Error;
        Pid old = installed?.Supervisor ?? default;
        Pid standsForIt = supervisor.IsNone ? old : supervisor;
        if (installed is not null)
            last = await RemoveAsync(
                installed,
                argument,
                lastEvent,
                Tuple.Of(s_swapped, successor.ToTerm(), standsForIt.IsNone ? Atoms.False : standsForIt)
            );
        return await InstallAsync(successor, Tuple.Of(successorArgument, last), standsForIt);
    }

    /// <summary>Removes a handler, and tells who stands for it.</summary>
    /// <returns>What its Terminate returned.</returns>
    private async ProcessTask<object> RemoveAsync(InstalledHandler installed, object argument, object? lastEvent, object reason)
    {
        _handlers.Remove(installed);
        OnHandlersChanged();
        object result;
        try
        {
            result = await installed.Handler.Terminate(argument);
        }
        catch (Exception exception) when (IsRunning)
        {
            result = Tuple.Of(Atoms.Exit, CrashReason.Of(exception));
        }

        if (reason is Tuple { Count: 2 })
            BehaviourLog.HandlerFailed(
                Self.System.Logger,
                installed.Id.ToString(),
                Origin.Name ?? Self.Pid,
                lastEvent is null ? "none" : Term.Format(lastEvent),
                Term.Format(StatusTerms.Shown(installed.Handler.FormatStatus(installed.Handler.GetState(), reason))),
                Term.Format(reason)
            );
        if (!installed.Supervisor.IsNone)
        {
            Self.Send(installed.Supervisor, Tuple.Of(s_exited, installed.Id.ToTerm(), reason));
            if (!_handlers.Exists(handler => handler.Supervisor == installed.Supervisor))
                Self.Unlink(installed.Supervisor);
        }

        return result;
    }

    /// <summary>Who stands for handlers has exited: they go with it.</summary>
    private async ProcessTask OnSupervisorExitAsync(Exit exit)
    {
        foreach (InstalledHandler installed in _handlers.FindAll(handler => handler.Supervisor == exit.From))
            await RemoveAsync(installed, Tuple.Of(Atom.Of("stop"), exit.Reason), exit, Atoms.Shutdown);
    }
}
