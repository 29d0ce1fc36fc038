namespace CloudScale.Runtime.Services;

/// <summary>The process registered as <c>rex</c>: it calls functions for other nodes.</summary>
/// <remarks>
/// Wire: calls <c>{call | block_call, M, F, A, GroupLeader}</c>, casts <c>{cast, M, F, A, GroupLeader}</c>, and messages <c>{From, {call, M, F, A, GroupLeader}}</c> (C nodes, answered
/// <c>{rex, Result}</c>), <c>{From, {sbcast, Name, Message}}</c> (answered <c>{rex, Node, Node | {nonexisting_name, Name}}</c>) and <c>{From, {send, Name, Message}}</c>. A call runs in a process of its
/// own, which answers it; a block_call runs here and others wait. Nodes of OTP 23 and later use this for block_call and sbcast only, and spawn for the rest. Anything else is dropped.
/// Source: OTP kernel, module <c>rpc</c>.
/// </remarks>
internal sealed class Rex(FunctionTable functions) : GenServer
{
    internal static readonly Atom Name = Atom.Of("rex");
    private static readonly Atom s_running = Atom.Of("running");
    private static readonly Atom s_notATerm = Atom.Of("not_a_term");
    private static readonly Atom s_noSuchName = Atom.Of("nonexisting_name");

    private readonly Dictionary<Reference, Call> _calls = [];

    /// <summary>A request as a tuple: the host may have a contract of its tag and arity.</summary>
    internal static Tuple? AsTuple(object request) =>
        request as Tuple ?? (request is ITermConvertible term ? term.ToTerm() as Tuple : null);

    protected override ProcessTask<Next> HandleCall(object request, From from)
    {
        switch (AsTuple(request))
        {
            case [Atom { Name: "call" }, Atom module, Atom function, List arguments, var leader]:
                StartCall(from, module, function, arguments, leader);
                return NoReply;
            case [Atom { Name: "block_call" }, Atom module, Atom function, List arguments, var leader]:
                return BlockCall(from, module, function, arguments, LeaderOf(Self, leader));
            default:
                return NoReply;
        }
    }

    private async ProcessTask<Next> BlockCall(From from, Atom module, Atom function, List arguments, Pid leader)
    {
        Pid mine = Self.GroupLeader;
        Self.GroupLeader = leader;
        CallOutcome outcome = await functions.TryApply(Self, module, function, arguments);
        Self.GroupLeader = mine;
        Answer(Self, from, ResultOf(outcome));
        return NoReply;
    }

    protected override ProcessTask<Next> HandleCast(object request)
    {
        if (AsTuple(request) is [Atom { Name: "cast" }, Atom module, Atom function, List arguments, var leader])
            Self.Spawn(
                child => functions.RunAsBody(child, module, function, arguments),
                new SpawnOptions { GroupLeader = LeaderOf(Self, leader) }
            );
        return NoReply;
    }

    protected override ProcessTask<Next> HandleInfo(object message)
    {
        if (message is Down down)
            OnDown(down);
        else if (message is Tuple and [Pid from, var request] && AsTuple(request) is { } asked)
            OnRequest(from, asked);
        return NoReply;
    }

    private void OnRequest(Pid from, Tuple request)
    {
        Atom node = Self.System.Identity.Name;
        switch (request)
        {
            case [Atom { Name: "call" }, Atom module, Atom function, List arguments, var leader]:
                if (From.TryFrom(Tuple.Of(from, Name), out From caller))
                    StartCall(caller, module, function, arguments, leader);
                break;
            case [Atom { Name: "sbcast" }, Atom name, var news]:
                Self.Send(from, Tuple.Of(Name, node, Self.System.Send(name, news) ? node : Tuple.Of(s_noSuchName, name)));
                break;
            case [Atom { Name: "send" }, Atom name, var news]:
                if (!Self.System.Send(name, Tuple.Of(from, news)))
                    Self.Send(from, Tuple.Of(Name, node, Tuple.Of(s_noSuchName, name)));
                break;
        }
    }

    private void StartCall(From from, Atom module, Atom function, List arguments, object leader)
    {
        Call call = new(from);
        Self.SpawnMonitor(
            async child =>
            {
                CallOutcome outcome = await functions.TryApply(child, module, function, arguments);
                call.IsAnswered = true;
                Answer(child, from, ResultOf(outcome));
            },
            out Reference monitor,
            new SpawnOptions { GroupLeader = LeaderOf(Self, leader) }
        );
        _calls.Add(monitor, call);
    }

    private void OnDown(Down down)
    {
        if (_calls.Remove(down.Reference, out Call? call) && !call.IsAnswered)
            Answer(Self, call.From, BadRpc(Tuple.Of(Atoms.Exit, down.Reason)));
    }

    private static void Answer(Self self, From from, object value)
    {
        try
        {
            self.Reply(from, value);
        }
        catch (ArgumentException)
        {
            self.Reply(from, BadRpc(Tuple.Of(Atoms.Exit, Tuple.Of(s_notATerm, value.GetType().ToString()))));
        }
    }

    private static object ResultOf(CallOutcome outcome) =>
        outcome.Failure is ErlangClass.Error or ErlangClass.Exit ? BadRpc(outcome.ToCaught()) : outcome.Value;

    private static Tuple BadRpc(object reason) => Tuple.Of(RpcException.Tag, reason);

    /// <summary>The group leader of a call: the caller's, or this node's <c>user</c> for callers that have none.</summary>
    internal static Pid LeaderOf(Self self, object leader) => leader is Pid pid ? pid : self.System.DefaultGroupLeader;

    protected override object GetState() => Map.Of((s_running, (long)_calls.Count));

    /// <summary>A call that runs.</summary>
    private sealed class Call(From from)
    {
        internal From From { get; } = from;

        /// <summary>Set by the call's process before it answers; read when that has ended.</summary>
        internal bool IsAnswered { get; set; }
    }
}
