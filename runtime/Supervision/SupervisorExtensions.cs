using CloudScale.Runtime.Supervision;

namespace CloudScale;

/// <summary>A child as <c>which_children</c> shows it.</summary>
/// <param name="Id">Its id; <c>undefined</c> for a dynamic child.</param>
/// <param name="Pid">Its process; none if it does not run.</param>
/// <param name="IsRestarting">Whether it has failed and is about to be started again.</param>
/// <param name="Type">What it is.</param>
/// <param name="Modules">A list of module names, or the atom <c>dynamic</c>.</param>
public sealed record ChildInfo(object Id, Pid Pid, bool IsRestarting, ChildType Type, object Modules);

/// <summary>How many children a supervisor has: OTP's <c>count_children</c>.</summary>
/// <param name="Specs">Specifications; one for a dynamic supervisor.</param>
/// <param name="Active">Children that run.</param>
/// <param name="Supervisors">Children that are supervisors, running or not.</param>
/// <param name="Workers">Children that are workers, running or not.</param>
public sealed record ChildCounts(long Specs, long Active, long Supervisors, long Workers);

/// <summary>What became of a request about a child.</summary>
public enum ChildOutcome
{
    /// <summary>It is done.</summary>
    Ok,

    /// <summary>There is no such child.</summary>
    NotFound,

    /// <summary>The child runs, and must be terminated first.</summary>
    Running,

    /// <summary>The child is about to be started again, and must be terminated first.</summary>
    Restarting,

    /// <summary>Children of a <c>simple_one_for_one</c> supervisor know no such request, or only by pid.</summary>
    SimpleOneForOne,
}

/// <summary>Asking supervisors, ours and Erlang's: the functions of OTP's <c>supervisor</c> module.</summary>
/// <remarks>Threads: the process of the <see cref="Self"/>. Each waits for as long as the supervisor takes, and exits with <c>noproc</c> or the supervisor's reason if there is none or it ends meanwhile.</remarks>
public static class SupervisorExtensions
{
    private static readonly Atom s_startChild = Atom.Of("start_child");
    private static readonly Atom s_terminateChild = Atom.Of("terminate_child");
    private static readonly Atom s_restartChild = Atom.Of("restart_child");
    private static readonly Atom s_deleteChild = Atom.Of("delete_child");
    private static readonly Atom s_getChildSpec = Atom.Of("get_childspec");
    private static readonly Atom s_whichChildren = Atom.Of("which_children");
    private static readonly Atom s_countChildren = Atom.Of("count_children");
    private static readonly Func<object, StartResult> s_readStart = StartResult.FromTerm;
    private static readonly Func<object, ChildOutcome> s_readOutcome = ToOutcome;

    /// <summary>Starts one more child. Its specification is kept until it is deleted, or ends if it is temporary.</summary>
    /// <returns>How the start ended; errors <c>already_present</c>, <c>{already_started, Pid}</c>, <c>{Reason, Child}</c>, and those of <see cref="ChildSpec.Check"/>.</returns>
    public static ProcessTask<StartResult> StartChild(this Self self, ServerRef supervisor, ChildSpec child)
    {
        ArgumentNullException.ThrowIfNull(child);
        return Ask(self, supervisor, Tuple.Of(s_startChild, child), s_readStart);
    }

    /// <summary>Starts a child of a <c>simple_one_for_one</c> supervisor.</summary>
    /// <param name="self">Who asks.</param>
    /// <param name="supervisor">The supervisor.</param>
    /// <param name="arguments">What its start function or factory is given.</param>
    public static ProcessTask<StartResult> StartChild(this Self self, ServerRef supervisor, params object[] arguments) =>
        Ask(self, supervisor, Tuple.Of(s_startChild, List.Create(arguments)), s_readStart);

    /// <summary>Stops a child. Its specification is kept, unless it is temporary.</summary>
    /// <param name="self">Who asks.</param>
    /// <param name="supervisor">The supervisor.</param>
    /// <param name="id">The child's id; its pid, if the supervisor is <c>simple_one_for_one</c>.</param>
    public static ProcessTask<ChildOutcome> TerminateChild(this Self self, ServerRef supervisor, object id) =>
        Ask(self, supervisor, Tuple.Of(s_terminateChild, id), s_readOutcome);

    /// <summary>Starts a child again that does not run.</summary>
    /// <returns>How the start ended; errors <c>running</c>, <c>restarting</c>, <c>not_found</c>, <c>simple_one_for_one</c>.</returns>
    public static ProcessTask<StartResult> RestartChild(this Self self, ServerRef supervisor, object id) =>
        Ask(self, supervisor, Tuple.Of(s_restartChild, id), s_readStart);

    /// <summary>Forgets a child that does not run.</summary>
    public static ProcessTask<ChildOutcome> DeleteChild(this Self self, ServerRef supervisor, object id) =>
        Ask(self, supervisor, Tuple.Of(s_deleteChild, id), s_readOutcome);

    /// <summary>The children, the one started last first.</summary>
    public static async ProcessTask<IReadOnlyList<ChildInfo>> WhichChildren(this Self self, ServerRef supervisor)
    {
        List<ChildInfo> children = [];
        foreach (object child in (List)await Ask(self, supervisor, s_whichChildren))
        {
            if (child is not (Tuple and [var id, var process, Atom type, var modules]))
                throw Unexpected(child);
            children.Add(
                new ChildInfo(
                    id,
                    process is Pid pid ? pid : default,
                    ReferenceEquals(process, ChildTable.Restarting),
                    type.Name == "supervisor" ? ChildType.Supervisor : ChildType.Worker,
                    modules
                )
            );
        }

        return children;
    }

    /// <summary>How many children there are.</summary>
    public static async ProcessTask<ChildCounts> CountChildren(this Self self, ServerRef supervisor)
    {
        Dictionary<object, long> counts = new(TermComparer.Instance);
        foreach (object count in (List)await Ask(self, supervisor, s_countChildren))
        {
            if (count is Tuple and [Atom key, long value])
                counts[key] = value;
        }

        long Of(string key) => counts.GetValueOrDefault(Atom.Of(key));
        return new ChildCounts(Of("specs"), Of("active"), Of("supervisors"), Of("workers"));
    }

    /// <summary>The specification of a child as Erlang's map; null if there is no such child.</summary>
    /// <param name="self">Who asks.</param>
    /// <param name="supervisor">The supervisor.</param>
    /// <param name="id">The child's id, or its pid, if the supervisor is <c>simple_one_for_one</c>.</param>
    public static async ProcessTask<Map?> GetChildSpec(this Self self, ServerRef supervisor, object id) =>
        await Ask(self, supervisor, Tuple.Of(s_getChildSpec, id)) is Tuple and [_, Map spec] ? spec : null;

    private static ProcessTask<object> Ask(Self self, ServerRef supervisor, object request) =>
        self.Call(supervisor, request, Timeout.InfiniteTimeSpan);

    private static ProcessTask<T> Ask<T>(Self self, ServerRef supervisor, object request, Func<object, T> readAnswer) =>
        supervisor is { Via: null, Name: null }
            ? self.Call(supervisor.Pid, request, readAnswer, Timeout.InfiniteTimeSpan)
            : AskAsync(self, supervisor, request, readAnswer);

    private static async ProcessTask<T> AskAsync<T>(Self self, ServerRef supervisor, object request, Func<object, T> readAnswer) =>
        readAnswer(await Ask(self, supervisor, request));

    private static ChildOutcome ToOutcome(object answer) =>
        answer switch
        {
            Atom { Name: "ok" } => ChildOutcome.Ok,
            Tuple and [_, Atom { Name: "not_found" }] => ChildOutcome.NotFound,
            Tuple and [_, Atom { Name: "running" }] => ChildOutcome.Running,
            Tuple and [_, Atom { Name: "restarting" }] => ChildOutcome.Restarting,
            Tuple and [_, Atom { Name: "simple_one_for_one" }] => ChildOutcome.SimpleOneForOne,
            _ => throw Unexpected(answer),
        };

    private static ProcessExitException Unexpected(object answer) => new(Tuple.Of(Atom.Of("bad_return_value"), answer));
}
