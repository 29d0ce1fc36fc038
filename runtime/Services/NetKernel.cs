namespace CloudScale.Runtime.Services;

/// <summary>The process registered as <c>net_kernel</c>: it answers other nodes' pings.</summary>
/// <remarks>
/// Wire: a call is <c>{'$gen_call', {From, Tag}, {is_auth, Node}}</c>, the answer <c>{Tag, yes}</c> to <c>From</c>. Any other request gets no answer, as from a
/// <c>gen_server</c> that does not know it, and the caller's time-out tells him. Source: OTP kernel, <c>net_adm:ping/1</c>.
/// </remarks>
internal sealed class NetKernel : ProcessHandler
{
    internal static readonly Atom Name = Atom.Of("net_kernel");
    private static readonly Atom s_genCall = Atom.Of("$gen_call");
    private static readonly Atom s_isAuth = Atom.Of("is_auth");
    private static readonly Atom s_yes = Atom.Of("yes");

    protected override ProcessTask OnMessage(Self self, Message message)
    {
        if (
            message.TryGet(out Tuple call)
            && call is [Atom kind, Tuple and [Pid from, var tag], Tuple and [Atom request, _]]
            && ReferenceEquals(kind, s_genCall)
            && ReferenceEquals(request, s_isAuth)
        )
            self.Send(from, Tuple.Of(tag, s_yes));
        return default;
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
