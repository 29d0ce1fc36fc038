namespace CloudScale.Samples.InteropNode.Servers;

/// <summary><c>task_sup</c>: what Elixir's <c>Task.Supervisor</c> asks of its process.</summary>
/// <remarks>
/// Wire: <c>{start_task, Arguments, Restart, Shutdown}</c>, answered with <c>{ok, Pid}</c>. Arguments are <c>[Owner, monitor]</c> for a task whose owner awaits its result (<see cref="Awaited"/>), and
/// <c>[Owner, Callers, {M, F, Args}]</c> for one that nobody awaits. Source: Elixir, Task.Supervisor, Task.Supervised, DynamicSupervisor.
/// </remarks>
internal sealed class TaskSupervisor(FunctionTable functions) : GenServer
{
    private static readonly List s_modules = List.Of(ElixirName.Of("Task.Supervised"));
    private readonly List<Pid> _tasks = []; // the oldest first

    protected override ProcessTask<InitResult> Init()
    {
        Self.TrapExit = true;
        return InitResult.Ok;
    }

    protected override ProcessTask<Next> HandleCall(object request, From from)
    {
        switch (request)
        {
            case Tuple and [Atom { Name: "start_task" }, List arguments, _, _] when BodyOf(arguments) is { } body:
                Pid task = Self.SpawnLink(body);
                _tasks.Add(task);
                return Reply(Tuple.Of(Atoms.Ok, task));
            case Tuple and [Atom { Name: "terminate_child" }, Pid child]:
                if (!_tasks.Contains(child))
                    return Reply(Tuple.Of(Atoms.Error, (Atom)"not_found"));
                Self.Exit(child, Atoms.Shutdown);
                return Reply(Atoms.Ok);
            case Atom { Name: "which_children" }:
                return Reply(List.Create([.. _tasks.Select(static pid => Tuple.Of(Atoms.Undefined, pid, (Atom)"worker", s_modules))]));
            case Atom { Name: "count_children" }:
                return Reply(Counts());
            default:
                return Reply(Tuple.Of(Atoms.Error, (Atom)"unknown_call"));
        }
    }

    protected override ProcessTask<Next> HandleCast(object request) => NoReply;

    protected override ProcessTask<Next> HandleInfo(object message)
    {
        if (message is Exit exit)
            _tasks.Remove(exit.From);
        return NoReply;
    }

    protected override object GetState() => List.Create([.. _tasks.Select(static pid => (object)pid)]);

    protected override void SetState(object state)
    {
        if (state is not List { IsProper: true } tasks || !tasks.All(static task => task is Pid))
            throw ErlangException.BadArgument();
        _tasks.Clear();
        _tasks.AddRange(tasks.Cast<Pid>());
    }

    private Map Counts()
    {
        long count = _tasks.Count;
        return Map.Of(((Atom)"specs", count), ((Atom)"active", count), ((Atom)"supervisors", 0L), ((Atom)"workers", count));
    }

    private Func<Self, ProcessTask>? BodyOf(List arguments) =>
        arguments switch
        {
            [Tuple and [_, _, Pid owner], Atom mode] => self => Awaited(self, owner, isMonitored: mode.Name == "monitor"),
            [Tuple, _, Tuple and [Atom module, Atom function, List { IsProper: true } values]] => async self =>
                await Apply(self, module, function, values),
            _ => null,
        };

    /// <summary>Waits to be told what to do, <c>{Owner, Ref, ReplyTo, Callers, {M, F, Args}}</c>, and sends <c>{Ref, Result}</c>. An owner who is gone will say nothing.</summary>
    private async ProcessTask Awaited(Self self, Pid owner, bool isMonitored)
    {
        Reference monitor = isMonitored ? self.Monitor(owner) : default;
        Received<object> order = await self.TryReceive<object>(
            message =>
                message is Tuple and [Pid from, _, _, _, Tuple and [Atom, Atom, List { IsProper: true }]] && from == owner
                || message is Down down && down.Reference == monitor,
            isMonitored ? TimeSpan.FromSeconds(5) : Timeout.InfiniteTimeSpan
        );
        if (!order.HasValue)
            throw new ProcessExitException(Atoms.Timeout);
        if (order.Value is Down gone)
            throw new ProcessExitException(Tuple.Of(Atoms.Shutdown, gone.Reason));
        if (isMonitored)
            self.Demonitor(monitor, flush: true);
        if (order.Value is Tuple and [_, var reference, var replyTo, _, Tuple and [Atom module, Atom function, List values]])
            Destination.TrySend(self, replyTo, Tuple.Of(reference, await Apply(self, module, function, values)));
    }

    /// <summary>What the function returns; if it fails, the task ends as one of Elixir does.</summary>
    private async ProcessTask<object> Apply(Self self, Atom module, Atom function, List arguments)
    {
        CallOutcome outcome = await functions.TryApply(self, module, function, arguments);
        return outcome.Failure is null ? outcome.Value : throw new ProcessExitException(outcome.ToExitReason());
    }
}
