namespace CloudScale.Runtime.Services;

/// <summary>The process registered as <c>rex</c>: it calls functions for other nodes.</summary>
/// <remarks>
/// Wire: calls <c>{call | block_call, M, F, A, GroupLeader}</c>, casts <c>{cast, M, F, A, GroupLeader}</c>, and messages <c>{From, {call, M, F, A, GroupLeader}}</c> (C nodes, answered
/// <c>{rex, Result}</c>), <c>{From, {sbcast, Name, Message}}</c> (answered <c>{rex, Node, Node | {nonexisting_name, Name}}</c>) and <c>{From, {send, Name, Message}}</c>. A call runs in a process of its
/// own, which answers it; a block_call runs here and others wait. Nodes of OTP 23 and later use this for
/// block_call and sbcast only, and spawn for the rest. Source: OTP kernel, module <c>rpc</c>.
/// </remarks>
internal sealed class Rex(FunctionTable functions) : ProcessHandler
{
    internal static readonly Atom Name = Atom.Of("rex");
    private static readonly Atom s_genCast = Atom.Of("$gen_cast");
    private static readonly Atom s_badRpc = Atom.Of("badrpc");
    private static readonly Atom s_notATerm = Atom.Of("not_a_term");
    private static readonly Atom s_noSuchName = Atom.Of("nonexisting_name");

    private readonly Dictionary<Reference, Call> _calls = [];

    protected override async ProcessTask OnMessage(Self self, Message message)
    {
        if (message.TryGet(out GenCall call))
            await OnCall(self, call);
        else if (message.TryGet(out Down down))
            OnDown(self, down);
        else if (message.TryGet(out Tuple other) && other.Count == 2)
            OnOther(self, other);
    }

    private async ProcessTask OnCall(Self self, GenCall call)
    {
        if (call.Request is not (Tuple and [Atom kind, Atom module, Atom function, List arguments, var leader]))
            return;
        switch (kind.Name)
        {
            case "call":
                StartCall(self, call.From, module, function, arguments, leader);
                break;
            case "block_call":
                Pid mine = self.GroupLeader;
                self.GroupLeader = LeaderOf(self, leader);
                CallOutcome outcome = await functions.TryApply(self, module, function, arguments);
                self.GroupLeader = mine;
                Answer(self, call.From, ResultOf(outcome));
                break;
        }
    }

    private void OnOther(Self self, Tuple message)
    {
        switch (message)
        {
            case [Atom cast, Tuple and [Atom { Name: "cast" }, Atom module, Atom function, List arguments, var leader]]
                when ReferenceEquals(cast, s_genCast):
                self.Spawn(
                    child => functions.RunAsBody(child, module, function, arguments),
                    new SpawnOptions { GroupLeader = LeaderOf(self, leader) }
                );
                break;
            case [Pid from, Tuple and [Atom { Name: "call" }, Atom module, Atom function, List arguments, var leader]]:
                if (From.TryFrom(Tuple.Of(from, Name), out From caller))
                    StartCall(self, caller, module, function, arguments, leader);
                break;
            case [Pid from, Tuple and [Atom { Name: "sbcast" }, Atom name, var news]]:
                Atom node = self.System.Identity.Name;
                object heard = self.System.Send(name, news) ? node : Tuple.Of(s_noSuchName, name);
                self.Send(from, Tuple.Of(Name, node, heard));
                break;
            case [Pid from, Tuple and [Atom { Name: "send" }, Atom name, var request]]:
                if (!self.System.Send(name, Tuple.Of(from, request)))
                    self.Send(from, Tuple.Of(Name, self.System.Identity.Name, Tuple.Of(s_noSuchName, name)));
                break;
        }
    }

    private void StartCall(Self self, From from, Atom module, Atom function, List arguments, object leader)
    {
        Call call = new(from);
        self.SpawnMonitor(
            async child =>
            {
                CallOutcome outcome = await functions.TryApply(child, module, function, arguments);
                call.IsAnswered = true;
                Answer(child, from, ResultOf(outcome));
            },
            out Reference monitor,
            new SpawnOptions { GroupLeader = LeaderOf(self, leader) }
        );
        _calls.Add(monitor, call);
    }

    private void OnDown(Self self, Down down)
    {
        if (_calls.Remove(down.Reference, out Call? call) && !call.IsAnswered)
            Answer(self, call.From, BadRpc(Tuple.Of(Atoms.Exit, down.Reason)));
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
        outcome.ToCaught() is var caught && outcome.Failure is ErlangClass.Error or ErlangClass.Exit ? BadRpc(caught) : caught;

    private static Tuple BadRpc(object reason) => Tuple.Of(s_badRpc, reason);

    /// <summary>The group leader of a call: the caller's, or this node's <c>user</c> for callers that have none.</summary>
    internal static Pid LeaderOf(Self self, object leader) => leader is Pid pid ? pid : self.System.DefaultGroupLeader;

    /// <summary>A call that runs.</summary>
    private sealed class Call(From from)
    {
        internal From From { get; } = from;

        /// <summary>Set by the call's process before it answers; read when that has ended.</summary>
        internal bool IsAnswered { get; set; }
    }
}
