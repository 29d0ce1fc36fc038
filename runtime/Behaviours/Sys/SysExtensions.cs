using CloudScale.Runtime.Behaviours;

namespace CloudScale;

/// <summary>Looking into behaviours and holding them, ours and Erlang's, on this node and others. OTP's <c>sys</c>.</summary>
/// <remarks>
/// Threads: the process of the <see cref="Self"/>. Each waits 5 s unless told otherwise; one that gets no answer throws a <see cref="ProcessExitException"/> with
/// <c>{Reason, {sys, Function, [Server]}}</c>.
/// </remarks>
public static class SysExtensions
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);
    private static readonly Atom s_sys = Atom.Of("sys");
    private static readonly Atom s_system = Atom.Of("system");

    /// <summary>The state: of a state machine <c>{State, Data}</c>, of an event manager a list of <c>{Module, Id, State}</c>.</summary>
    /// <exception cref="ProcessExitException">There is no answer, or the server cannot say.</exception>
    public static ProcessTask<object> GetState(this Self self, ServerRef server, TimeSpan? timeout = null) =>
        ValueAsync(self, server, "get_state", Atom.Of("get_state"), timeout);

    /// <summary>The status: <c>{status, Pid, {module, Module}, [Dictionary, State, Parent, Debug, Misc]}</c>.</summary>
    public static ProcessTask<object> GetStatus(this Self self, ServerRef server, TimeSpan? timeout = null) =>
        AskAsync(self, server, "get_status", Atom.Of("get_status"), timeout);

    /// <summary>Replaces the state of a server of this node by what a function makes of it.</summary>
    /// <returns>The state that counts now.</returns>
    public static ProcessTask<object> ReplaceState(this Self self, ServerRef server, Func<object, object> replace, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(replace);
        return ValueAsync(self, server, "replace_state", Tuple.Of(Atom.Of("replace_state"), replace), timeout);
    }

    /// <summary>Holds a process: it answers nothing but sys until it is resumed.</summary>
    public static async ProcessTask SuspendServer(this Self self, ServerRef server, TimeSpan? timeout = null) =>
        await AskAsync(self, server, "suspend", Atom.Of("suspend"), timeout);

    /// <summary>Lets a held process go on.</summary>
    public static async ProcessTask ResumeServer(this Self self, ServerRef server, TimeSpan? timeout = null) =>
        await AskAsync(self, server, "resume", Atom.Of("resume"), timeout);

    /// <summary>Tells a held process that its code has changed.</summary>
    /// <returns><c>ok</c> or <c>{error, Reason}</c>.</returns>
    public static ProcessTask<object> ChangeCode(
        this Self self,
        ServerRef server,
        Atom module,
        object oldVersion,
        object extra,
        TimeSpan? timeout = null
    ) => AskAsync(self, server, "change_code", Tuple.Of(Atom.Of("change_code"), module, oldVersion, extra), timeout);

    /// <summary>Sends a debug command: <c>no_debug</c>, <c>{trace, true}</c>, <c>{log, get}</c>, <c>{statistics, get}</c> and the others of OTP.</summary>
    public static ProcessTask<object> Debug(this Self self, ServerRef server, object command, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(command);
        return AskAsync(self, server, "debug", Tuple.Of(Atom.Of("debug"), command), timeout);
    }

    /// <summary>Installs a function that sees each event of a server of this node until it returns null.</summary>
    /// <param name="self">Who asks.</param>
    /// <param name="server">The server.</param>
    /// <param name="hook">Given its state, the event and the name of the process; returns its next state.</param>
    /// <param name="state">Its first state.</param>
    /// <param name="timeout">How long to wait; 5 s by default.</param>
    public static async ProcessTask InstallDebug(
        this Self self,
        ServerRef server,
        Func<object, object, object, object?> hook,
        object state,
        TimeSpan? timeout = null
    )
    {
        ArgumentNullException.ThrowIfNull(hook);
        await self.Debug(server, Tuple.Of(Atom.Of("install"), Tuple.Of(hook, state)), timeout);
    }

    private static async ProcessTask<object> ValueAsync(Self self, ServerRef server, string function, object request, TimeSpan? timeout)
    {
        object answer = await AskAsync(self, server, function, request, timeout);
        // Only these are failures: a state may well be {error, Something}.
        if (answer is Tuple and [Atom { Name: "error" }, Tuple and [Atom { Name: "callback_failed" or "unknown_system_msg" }, ..] reason])
            throw new ProcessExitException(reason);
        return
            NodeOf(server) is { } node && answer is Tuple and [Atom { Name: "ok" }, var state] && await PeerReleases.TagsStates(self, node)
            ? state
            : answer;
    }

    private static Atom? NodeOf(ServerRef server) =>
        !server.Pid.IsNone ? server.Pid.Node.Name
        : server.ToTerm() is Tuple and [Atom, Atom node] ? node
        : null;

    private static async ProcessTask<object> AskAsync(Self self, ServerRef server, string function, object request, TimeSpan? timeout)
    {
        Response response = await Requests.CallAsync(self, server, s_system, request, s_sys, timeout ?? s_timeout);
        return response.IsReply ? response.Value! : throw Requests.Failure(response, s_sys, Atom.Of(function), server.ToTerm());
    }
}
