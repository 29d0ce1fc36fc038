namespace CloudScale.Scheduling;

/// <summary>A call: a monitor, and behind it the request, in one envelope, which is also the message.</summary>
internal sealed class CallSignal : Signal, IDeferredMessage
{
    private readonly Pid _caller;
    private readonly Reference _reference;
    private readonly object _request;
    private object? _message;

    internal CallSignal(Pid caller, Reference reference, object request)
    {
        _caller = caller;
        _reference = reference;
        _request = request;
        Payload = this;
        Bits = IDeferredMessage.Mark;
    }

    internal GenCall Call => new(new From(_caller, _reference), _request);

    public object Message => _message ??= GenCall.ToTerm(Tuple.Of(_caller, From.AliasTag(_reference)), _request);

    internal override void Deliver(Process receiver)
    {
        receiver.OnMonitor(_caller, _reference, null, endsWithAnswer: true);
        receiver.DeliverAsMessage(this);
    }

    internal override void Reject(Process receiver) => receiver.System.SendDown(_caller, _reference, null, receiver.Pid, Atoms.NoProc);
}

/// <summary>A request to end in order: a monitor, and behind it the request, in one envelope, which is also the message.</summary>
internal sealed class StopSignal : Signal, IDeferredMessage
{
    internal readonly object Reason;
    private readonly Pid _watcher;
    private readonly Reference _reference;
    private object? _message;

    internal StopSignal(Pid watcher, Reference reference, object reason)
    {
        _watcher = watcher;
        _reference = reference;
        Reason = reason;
        Payload = this;
        Bits = IDeferredMessage.Mark;
    }

    public object Message => _message ??= StopRequest.ToTerm(_watcher, _reference, Reason);

    internal override void Deliver(Process receiver)
    {
        receiver.OnMonitor(_watcher, _reference, null, endsWithAnswer: false);
        receiver.DeliverAsMessage(this);
    }

    internal override void Reject(Process receiver) => receiver.System.SendDown(_watcher, _reference, null, receiver.Pid, Atoms.NoProc);
}

/// <summary>A message sent by alias: becomes one where the alias is active.</summary>
internal class AliasSignal : Signal
{
    internal readonly Reference Alias;

    /// <summary>The sender asks that it goes before ordinary messages.</summary>
    internal readonly bool Priority;

    /// <summary>The sender was monitored under this alias and has dropped its half.</summary>
    internal readonly bool MonitorIsGone;

    internal AliasSignal(Reference alias, object? payload, long bits, bool priority, bool monitorIsGone)
        : this(alias, priority, monitorIsGone)
    {
        Payload = payload;
        Bits = bits;
    }

    private protected AliasSignal(Reference alias, bool priority, bool monitorIsGone)
    {
        Alias = alias;
        Priority = priority;
        MonitorIsGone = monitorIsGone;
    }

    internal override void Deliver(Process receiver) => receiver.OnAliasMessage(this);
}

/// <summary>The answer to a call: <c>{[alias | Alias], Reply}</c>.</summary>
internal sealed class AnswerSignal : AliasSignal, IDeferredMessage
{
    internal readonly object Reply;
    private object? _message;

    internal AnswerSignal(Reference alias, object reply, bool monitorIsGone)
        : base(alias, priority: false, monitorIsGone)
    {
        Reply = reply;
        Payload = this;
        Bits = IDeferredMessage.Mark;
    }

    public object Message => _message ??= Tuple.Of(From.AliasTag(Alias), Reply);
}
