using CloudScale.Runtime.Behaviours;

namespace CloudScale;

/// <summary>An event manager: a process that passes events to the handlers installed in it. OTP's <c>gen_event</c>.</summary>
/// <remarks>
/// Handlers from this node are installed as objects. Those whose kind was made known with <see cref="Know"/> can be installed by their name from anywhere, from Erlang too. The manager traps exits.
/// Threads: <see cref="Know"/> before the start, all else through its process. Wire: the messages of <c>gen_event</c>. Source: OTP, gen_event.
/// </remarks>
public sealed partial class GenEvent : Behaviour
{
    private static readonly Atom s_kind = Atom.Of("gen_event");

    private readonly Dictionary<Atom, Func<GenEventHandler>> _kinds = [];
    private readonly List<InstalledHandler> _handlers = []; // the newest first, as OTP has them
    private bool _hibernates;

    private protected override Atom Kind => s_kind;

    private protected override Atom Module => s_kind;

    /// <summary>Makes a kind of handler known, so that it can be installed by name.</summary>
    /// <param name="module">The name, to Erlang a module.</param>
    /// <param name="create">Makes a fresh one.</param>
    /// <returns>This manager.</returns>
    public GenEvent Know(Atom module, Func<GenEventHandler> create)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(create);
        _kinds[module] = create;
        return this;
    }

    private protected override ProcessTask<InitResult> OnInit()
    {
        Self.TrapExit = true;
        return InitResult.Ok;
    }

    private protected override ProcessTask OnReady(in InitResult result) => default;

    private protected override ProcessTask OnCall(object request, From from) => OnInfoAsync(new GenCall(from, request).ToTerm());

    private protected override ProcessTask OnCast(object request) => OnInfoAsync(new GenCast(request).ToTerm());

    private protected override ProcessTask OnInfo(object message)
    {
        switch (message)
        {
            case Tuple and [Atom { Name: "notify" }, var happened]:
                return NotifyAsync(happened);
            case Tuple and [Pid, var caller, var request] when From.TryFrom(caller, out From from):
                return OnRequestAsync(request, from);
            case Exit exit when _handlers.Exists(handler => handler.Supervisor == exit.From):
                return OnSupervisorExitAsync(exit);
            default:
                return OnInfoAsync(message);
        }
    }

    private async ProcessTask NotifyAsync(object happened)
    {
        await EachAsync(Atom.Of("notify"), happened, static (handler, happened) => handler.HandleEvent(happened));
        await RestAsync();
    }

    private async ProcessTask OnInfoAsync(object message)
    {
        await EachAsync(Atom.Of("info"), message, static (handler, message) => handler.HandleInfo(message));
        await RestAsync();
    }

    private async ProcessTask RestAsync()
    {
        if (!_hibernates)
            return;
        _hibernates = false;
        await HibernateAsync();
    }

    private async ProcessTask OnRequestAsync(object request, From from)
    {
        Self.Reply(from, await AnswerAsync(request));
        await RestAsync();
    }

    private async ProcessTask<object> AnswerAsync(object request)
    {
        switch (request)
        {
            case Tuple and [Atom { Name: "sync_notify" }, var happened]:
                await EachAsync(Atom.Of("notify"), happened, static (handler, happened) => handler.HandleEvent(happened));
                return Atoms.Ok;
            case Tuple and [Atom { Name: "call" }, var id, var query] when HandlerId.TryFrom(id, out HandlerId handler):
                return await QueryAsync(handler, query);
            case Tuple and [Atom { Name: "add_handler" }, var id, var argument] when HandlerId.TryFrom(id, out HandlerId handler):
                return await InstallAsync(handler, argument, supervisor: default);
            case Tuple
            and [Atom { Name: "add_sup_handler" }, var id, var argument, Pid parent] when HandlerId.TryFrom(id, out HandlerId handler):
                return await InstallAsync(handler, argument, parent);
            case Tuple and [Atom { Name: "delete_handler" }, var id, var argument] when HandlerId.TryFrom(id, out HandlerId handler):
                return Find(handler) is { } installed
                    ? await RemoveAsync(installed, argument, lastEvent: null, Atoms.Normal)
                    : Tuple.Of(Atoms.Error, Atom.Of("module_not_found"));
            case Tuple
            and [Atom { Name: "swap_handler" }, var id, var argument, var next, var nextArgument]
                when HandlerId.TryFrom(id, out HandlerId handler) && HandlerId.TryFrom(next, out HandlerId successor):
                return await SwapAsync(Find(handler), argument, successor, nextArgument, supervisor: default, lastEvent: null);
            case Tuple
            and [Atom { Name: "swap_sup_handler" }, var id, var argument, var next, var nextArgument, Pid parent]
                when HandlerId.TryFrom(id, out HandlerId handler) && HandlerId.TryFrom(next, out HandlerId successor):
                return await SwapAsync(Find(handler), argument, successor, nextArgument, parent, lastEvent: null);
            case Atom { Name: "which_handlers" }:
                return List.Create([.. _handlers.Select(handler => handler.Id.ToTerm())]);
            case Atom { Name: "get_modules" }:
                return List.Create([.. _handlers.Select(handler => (object)handler.Id.Module).Distinct()]);
            default:
                return Tuple.Of(Atoms.Error, Atom.Of("bad_request"));
        }
    }

    private InstalledHandler? Find(HandlerId id) => _handlers.Find(handler => handler.Id == id);

    // ---- sys ----

    private protected override async ProcessTask OnTerminate(object reason)
    {
        foreach (InstalledHandler handler in _handlers.ToArray())
            await RemoveAsync(handler, Atom.Of("stop"), lastEvent: null, Atoms.Shutdown);
    }

    private protected override async ProcessTask OnCodeChange(object oldVersion, object extra)
    {
        foreach (InstalledHandler handler in _handlers)
            await handler.Handler.CodeChange(oldVersion, extra);
    }

    private protected override object SystemState => List.Create([.. _handlers.Select(handler => (object)handler.StateTerm)]);

    private protected override async ProcessTask<object> ReplaceSystemState(Func<object, ProcessTask<object>> replace)
    {
        foreach (InstalledHandler handler in _handlers)
        {
            try
            {
                if (await replace(handler.StateTerm) is Tuple and [_, _, var state])
                    handler.Handler.SetState(state);
            }
            catch (Exception) when (IsRunning)
            {
                // As in OTP: a handler for which the function fails keeps its state.
            }
        }

        return SystemState;
    }

    private protected override object SystemStatus(StatusRequest request) =>
        List.Of(
            Tuple.Of(Atom.Of("header"), StatusTerms.Header("Status for event handler ", Origin.Name ?? Self.Pid)),
            Tuple.Of(
                Atom.Of("data"),
                List.Of(
                    Tuple.Of(List.FromString("Status"), request.State),
                    Tuple.Of(List.FromString("Logged Events"), request.Log),
                    Tuple.Of(List.FromString("Parent"), request.Parent)
                )
            ),
            Tuple.Of(
                Atom.Of("items"),
                Tuple.Of(List.FromString("Installed handlers"), List.Create([.. _handlers.Select(handler => (object)handler.StatusTerm)]))
            )
        );

    private protected override object StateForReport(object reason, object? message) => SystemState;
}
