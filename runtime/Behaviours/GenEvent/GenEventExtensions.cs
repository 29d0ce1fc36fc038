using CloudScale.Runtime.Behaviours;

namespace CloudScale;

/// <summary>The client's side of event managers, ours and Erlang's. OTP's <c>gen_event</c>.</summary>
/// <remarks>
/// Threads: the process of the <see cref="Self"/>. Requests wait for ever unless they say otherwise, as in OTP; one that gets no answer throws a <see cref="ProcessExitException"/> with
/// <c>{Reason, {gen_event, Function, [Manager | …]}}</c>.
/// </remarks>
public static class GenEventExtensions
{
    private static readonly Atom s_module = Atom.Of("gen_event");
    private static readonly TimeSpan s_callTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Tells the handlers of an event and does not wait. Never fails.</summary>
    public static ProcessTask Notify(this Self self, ServerRef manager, object happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        if (manager.Via is { } via)
            return NotifyViaAsync(self, via, happened);
        Tuple message = Tuple.Of(Atom.Of("notify"), happened);
        if (manager.Name is { } name)
            self.Send(name, manager.Node ?? self.Pid.Node.Name, message);
        else
            self.Send(manager.Pid, message);
        return default;
    }

    /// <summary>Tells the handlers of an event, and returns when all of them have handled it.</summary>
    public static async ProcessTask SyncNotify(this Self self, ServerRef manager, object happened) =>
        await AskAsync(self, manager, "sync_notify", Timeout.InfiniteTimeSpan, Atom.Of("sync_notify"), happened);

    /// <summary>Asks one handler.</summary>
    /// <param name="self">Who asks.</param>
    /// <param name="manager">The manager.</param>
    /// <param name="handler">The handler.</param>
    /// <param name="query">Any term.</param>
    /// <param name="timeout">How long to wait; 5 s by default.</param>
    /// <returns>The answer; <c>{error, bad_module}</c> if there is no such handler, <c>{error, {'EXIT', Reason}}</c> if it failed.</returns>
    public static ProcessTask<object> CallHandler(
        this Self self,
        ServerRef manager,
        HandlerId handler,
        object query,
        TimeSpan? timeout = null
    )
    {
        ArgumentNullException.ThrowIfNull(handler);
        return AskAsync(self, manager, "call", timeout ?? s_callTimeout, Atom.Of("call"), handler.ToTerm(), query);
    }

    /// <summary>Sends a query to one handler and does not wait.</summary>
    public static ProcessTask<RequestId> SendHandlerRequest(this Self self, ServerRef manager, HandlerId handler, object query)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Requests.SendAsync(self, manager, self.Pid, Tuple.Of(Atom.Of("call"), handler.ToTerm(), query), s_module);
    }

    /// <summary>Installs a handler by the name of its kind, which the manager has to know.</summary>
    /// <returns><c>ok</c>, or what its Init said or failed with.</returns>
    public static ProcessTask<object> AddHandler(this Self self, ServerRef manager, HandlerId handler, object argument)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return AskAsync(self, manager, "add_handler", Timeout.InfiniteTimeSpan, Atom.Of("add_handler"), handler.ToTerm(), argument);
    }

    /// <summary>Installs an object in a manager of this node.</summary>
    /// <inheritdoc cref="AddHandler(Self, ServerRef, HandlerId, object)" path="/returns"/>
    public static ProcessTask<object> AddHandler(
        this Self self,
        ServerRef manager,
        HandlerId id,
        GenEventHandler handler,
        object? argument = null
    ) => AddHandler(self, manager, id, new HandlerOffer(handler, argument ?? List.Empty));

    /// <summary>
    /// Installs a handler that lives as long as this process, to which <c>{gen_event_EXIT, Handler, Reason}</c> is sent when it goes.
    /// </summary>
    /// <inheritdoc cref="AddHandler(Self, ServerRef, HandlerId, object)" path="/returns"/>
    public static ProcessTask<object> AddSupHandler(this Self self, ServerRef manager, HandlerId handler, object argument)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return AskAsync(
            self,
            manager,
            "add_sup_handler",
            Timeout.InfiniteTimeSpan,
            Atom.Of("add_sup_handler"),
            handler.ToTerm(),
            argument,
            self.Pid
        );
    }

    /// <summary>Installs an object, in a manager of this node, that lives as long as this process.</summary>
    /// <inheritdoc cref="AddSupHandler(Self, ServerRef, HandlerId, object)" path="/returns"/>
    public static ProcessTask<object> AddSupHandler(
        this Self self,
        ServerRef manager,
        HandlerId id,
        GenEventHandler handler,
        object? argument = null
    ) => AddSupHandler(self, manager, id, new HandlerOffer(handler, argument ?? List.Empty));

    /// <summary>Removes a handler.</summary>
    /// <returns>What its Terminate returned; <c>{error, module_not_found}</c>.</returns>
    public static ProcessTask<object> DeleteHandler(this Self self, ServerRef manager, HandlerId handler, object argument)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return AskAsync(self, manager, "delete_handler", Timeout.InfiniteTimeSpan, Atom.Of("delete_handler"), handler.ToTerm(), argument);
    }

    /// <summary>Puts one handler in the place of another: the new one's Init is told <c>{Argument, Result}</c>, with the result of the old one's Terminate.</summary>
    /// <returns><c>ok</c>, or what Init said or failed with.</returns>
    public static ProcessTask<object> SwapHandler(
        this Self self,
        ServerRef manager,
        HandlerId handler,
        object argument,
        HandlerId successor,
        object successorArgument
    )
    {
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentNullException.ThrowIfNull(successor);
        return AskAsync(
            self,
            manager,
            "swap_handler",
            Timeout.InfiniteTimeSpan,
            Atom.Of("swap_handler"),
            handler.ToTerm(),
            argument,
            successor.ToTerm(),
            successorArgument
        );
    }

    /// <summary>As <see cref="SwapHandler"/>, and the new one lives as long as this process.</summary>
    /// <inheritdoc cref="SwapHandler" path="/returns"/>
    public static ProcessTask<object> SwapSupHandler(
        this Self self,
        ServerRef manager,
        HandlerId handler,
        object argument,
        HandlerId successor,
        object successorArgument
    )
    {
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentNullException.ThrowIfNull(successor);
        return AskAsync(
            self,
            manager,
            "swap_sup_handler",
            Timeout.InfiniteTimeSpan,
            Atom.Of("swap_sup_handler"),
            handler.ToTerm(),
            argument,
            successor.ToTerm(),
            successorArgument,
            self.Pid
        );
    }

    /// <summary>The handlers installed, the newest first.</summary>
    public static async ProcessTask<IReadOnlyList<HandlerId>> WhichHandlers(this Self self, ServerRef manager)
    {
        object answer = await AskAsync(self, manager, "which_handlers", Timeout.InfiniteTimeSpan, Atom.Of("which_handlers"));
        List<HandlerId> handlers = [];
        foreach (object term in (List)answer)
        {
            if (HandlerId.TryFrom(term, out HandlerId handler))
                handlers.Add(handler);
        }

        return handlers;
    }

    private static ProcessTask<object> AskAsync(
        Self self,
        ServerRef manager,
        string function,
        TimeSpan timeout,
        Atom command,
        params ReadOnlySpan<object> arguments
    )
    {
        object request = arguments.IsEmpty ? command : Tuple.Create([command, .. arguments]);
        return AnswerAsync(self, manager, function, request, timeout);
    }

    private static async ProcessTask<object> AnswerAsync(Self self, ServerRef manager, string function, object request, TimeSpan timeout)
    {
        Response response = await Requests.CallAsync(self, manager, self.Pid, request, s_module, timeout);
        return response.IsReply
            ? response.Value!
            : throw Requests.Failure(response, s_module, Atom.Of(function), manager.ToTerm(), request, Requests.Limit(timeout));
    }

    private static async ProcessTask NotifyViaAsync(Self self, ServerName via, object happened)
    {
        Pid pid = await via.Registry!.WhereIs(self, via.Name);
        if (!pid.IsNone)
            await self.Notify(pid, happened);
    }
}
