namespace CloudScale.Runtime.Services;

/// <summary>The process registered as <c>net_kernel</c>: it answers other nodes' pings, and starts processes for those that know no spawn requests.</summary>
/// <remarks>
/// Wire: calls <c>{is_auth, Node}</c>, answered <c>yes</c>, and <c>{spawn | spawn_link, M, F, A, GroupLeader}</c> and <c>{spawn_opt, M, F, A, Options, Link, GroupLeader}</c>, answered with the pid.
/// Any other request gets no answer, as from a <c>gen_server</c> that does not know it, and the caller's time-out tells him. Source: OTP kernel, <c>net_adm:ping/1</c> and
/// <c>net_kernel</c>.
/// </remarks>
internal sealed class NetKernel(FunctionTable functions) : GenServer
{
    internal static readonly Atom Name = Atom.Of("net_kernel");
    private static readonly Atom s_genCall = Atom.Of("$gen_call");
    private static readonly Atom s_isAuth = Atom.Of("is_auth");
    private static readonly Atom s_yes = Atom.Of("yes");
    private static readonly Atom s_link = Atom.Of("link");

    protected override ProcessTask<Next> HandleCall(object request, From from)
    {
        switch (Rex.AsTuple(request))
        {
            case [Atom kind, Atom] when ReferenceEquals(kind, s_isAuth):
                return Reply(s_yes);
            case [Atom { Name: "spawn" or "spawn_link" } kind, Atom module, Atom function, List arguments, var leader]:
                Spawn(from, module, function, arguments, kind.Name == "spawn_link", ProcessPriority.Normal, leader);
                return NoReply;
            case [Atom { Name: "spawn_opt" }, Atom module, Atom function, List arguments, List options, var link, var leader]:
                bool isLinked = ReferenceEquals(link, s_link) || options.Contains(s_link);
                Spawn(from, module, function, arguments, isLinked, PriorityIn(options), leader);
                return NoReply;
            default:
                return NoReply;
        }
    }

    protected override ProcessTask<Next> HandleCast(object request) => NoReply;

    protected override ProcessTask<Next> HandleInfo(object message) => NoReply;

    protected override object GetState() => Tuple.Of((Atom)"state", Self.System.Identity.Name);

    private void Spawn(From from, Atom module, Atom function, List arguments, bool isLinked, ProcessPriority priority, object leader) =>
        Self.Spawn(
            child =>
            {
                if (isLinked)
                    child.Link(from.Caller); // before the answer: who has the pid has the link
                child.Reply(from, child.Pid);
                return functions.RunAsBody(child, module, function, arguments);
            },
            new SpawnOptions { GroupLeader = Rex.LeaderOf(Self, leader), Priority = priority }
        );

    /// <summary>The priority in spawn options; <c>max</c> is not for other nodes to ask.</summary>
    internal static ProcessPriority PriorityIn(List options)
    {
        foreach (object option in options)
        {
            if (option is Tuple and [Atom { Name: "priority" }, Atom level])
            {
                return level.Name switch
                {
                    "low" => ProcessPriority.Low,
                    "high" => ProcessPriority.High,
                    _ => ProcessPriority.Normal,
                };
            }
        }

        return ProcessPriority.Normal;
    }

    /// <summary>Asks the net_kernel of another node whether it takes us for a member.</summary>
    internal static async ProcessTask<bool> PingAsync(Self self, Atom me, Atom node, TimeSpan timeout)
    {
        if (ReferenceEquals(me, node))
            return true;
        ReceiveMark mark = self.Mark();
        Reference monitor = self.Monitor(Name, node);
        self.Send(Name, node, Tuple.Of(s_genCall, Tuple.Of(self.Pid, monitor), Tuple.Of(s_isAuth, me)));
        Received<object> answer = await self.TryReceive<object>(
            message => message is Down down ? down.Reference == monitor : message is Tuple and [Reference tag, _] && tag == monitor,
            timeout,
            mark
        );
        self.Demonitor(monitor, flush: true);
        return answer is { HasValue: true, Value: Tuple and [_, Atom { Name: "yes" }] };
    }
}
