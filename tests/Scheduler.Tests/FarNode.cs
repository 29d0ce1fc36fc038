using CloudScale.Scheduling;

namespace CloudScale.Scheduler.Tests;

/// <summary>A node that notes what it is sent.</summary>
internal sealed class FarNode : IRemoteSignals
{
    internal List<string> Sent { get; } = [];

    internal bool Busy { get; set; }

    internal bool Connected { get; set; } = true;

    internal Action<Pid>? OnSend { get; set; }

    public SendOutcome Send(Pid from, Pid to, object message, SendOptions options)
    {
        SendOutcome outcome = Take(message, options);
        if (outcome == SendOutcome.Ok)
            OnSend?.Invoke(from);
        return outcome;
    }

    public SendOutcome Send(Pid from, Atom name, Atom node, object message, SendOptions options) => Take(message, options);

    private SendOutcome Take(object message, SendOptions options)
    {
        if (!Connected && (options & SendOptions.NoConnect) != 0)
            return SendOutcome.NoConnect;
        if (Busy && (options & SendOptions.NoSuspend) != 0)
            return SendOutcome.NoSuspend;
        Sent.Add(Term.Format(message));
        return SendOutcome.Ok;
    }

    public void Send(Pid from, Reference alias, object message, bool priority) => Sent.Add(Term.Format(message));

    public void Exit(Pid from, Reference alias, object reason, bool priority) => Sent.Add("alias exit");

    public void GroupLeader(Pid from, Pid to) => Sent.Add("group leader");

    public void Link(Pid from, Pid to) => Sent.Add("link");

    public void Unlink(Pid from, Pid to, ulong id) => Sent.Add("unlink");

    public void UnlinkAck(Pid from, Pid to, ulong id) => Sent.Add("unlink ack");

    public void LinkExit(Pid from, Pid to, object reason) => Sent.Add($"link exit {Term.Format(reason)}");

    public void Exit(Pid from, Pid to, object reason) => Sent.Add($"exit {Term.Format(reason)}");

    public void Monitor(Pid from, Pid to, Reference reference) => Sent.Add("monitor");

    public void Monitor(Pid from, Atom name, Atom node, Reference reference) => Sent.Add("monitor");

    public void Demonitor(Pid from, Pid to, Reference reference) => Sent.Add("demonitor");

    public void Demonitor(Pid from, Atom name, Atom node, Reference reference) => Sent.Add("demonitor");

    public void Down(object from, Pid to, Reference reference, object reason) => Sent.Add($"down {Term.Format(reason)}");

    public void SpawnRequest(Pid from, Atom node, Reference reference, Pid groupLeader, FunctionCall call, List options) =>
        Sent.Add($"spawn {call.Module}:{call.Function}({Term.Format(call.Arguments)}) {Term.Format(options)}");
}
