using System.Diagnostics;
using CloudScale.Scheduling;
using CloudScale.Serialization.Contracts;

namespace CloudScale;

/// <content>What comes in: told apart, and passed on.</content>
public abstract partial class Behaviour
{
    private static readonly Atom s_system = Atom.Of("system");

    /// <inheritdoc/>
    protected sealed override ProcessTask OnMessage(Self self, Message message)
    {
        if (_watches != Watches.None)
            return OnWatchedMessage(message);
        if (message.TryGet(out GenCall call))
            return CallActivities.IsOn ? OnListenedCall(call) : OnCall(call.Request, call.From);
        if (message.TryGet(out GenCast cast))
            return OnCast(cast.Request);
        return message.TryGet(out StopRequest stop) ? Finish(stop.Reason, message: null) : OnTerm(message.Value);
    }

    /// <summary>The same, where time-outs are pending or sys watches.</summary>
    private ProcessTask OnWatchedMessage(Message message)
    {
        if ((_watches & Watches.Ended) != 0)
            return default;
        if ((_watches & Watches.Idle) != 0)
            _turns++;
        if (message.TryGet(out GenCall call))
        {
            EndTimeout();
            if ((_watches & Watches.Debug) != 0)
                DebugIn(call.ToTerm());
            return CallActivities.IsOn ? OnListenedCall(call) : OnCall(call.Request, call.From);
        }

        if (message.TryGet(out GenCast cast))
        {
            EndTimeout();
            if ((_watches & Watches.Debug) != 0)
                DebugIn(cast.ToTerm());
            return OnCast(cast.Request);
        }

        object term = message.Value;
        if (term is IdleTick tick)
            return OnIdleTick(tick);
        if (term is Tuple { Count: 3 } system && ReferenceEquals(system[0], s_system) && From.TryFrom(system[1], out From from))
            return OnSystemMessage(system[2], from);
        if (term is TimeoutTick timeout)
        {
            if (!ReferenceEquals(timeout, _timeout))
                return default; // it had fired already when it was taken back
            EndTimeout();
            term = Atoms.Timeout;
        }

        EndTimeout();
        if ((_watches & Watches.Debug) != 0)
            DebugIn(term);
        return OnTerm(term);
    }

    /// <summary>The same where somebody listens to activities: the call's is current until its callback first waits, and lasts until it has ended.</summary>
    private ProcessTask OnListenedCall(in GenCall call)
    {
        Activity? before = Activity.Current;
        Activity? activity = CallActivities.Begin(call.From, Origin.Name is { } name ? Term.Format(name) : Module.Name);
        try
        {
            ProcessTask turn = OnCall(call.Request, call.From);
            ProcessTask.Awaiter awaiter = turn.GetAwaiter();
            if (activity is null)
                return turn;
            if (!awaiter.IsCompleted)
                return EndLater(turn, activity);
            CallActivities.End(activity);
            awaiter.GetResult();
            return default;
        }
        finally
        {
            Activity.Current = before; // the thread goes on with other processes
        }
    }

    private static async ProcessTask EndLater(ProcessTask turn, Activity activity)
    {
        try
        {
            await turn;
        }
        finally
        {
            CallActivities.End(activity);
        }
    }

    private ProcessTask OnTerm(object term)
    {
        switch (term)
        {
            case Tuple { Count: 2 } pair when ReferenceEquals(pair[0], GenCast.Tag):
                return OnCast(Contract.TryFind(pair[1], out object? contract) ? contract : pair[1]);
            case Tuple { Count: 3 } triple when ReferenceEquals(triple[0], s_system) && From.TryFrom(triple[1], out From from):
                return OnSystemMessage(triple[2], from);
            case Exit exit when exit.From == Parent:
                return Finish(exit.Reason, exit);
            case TimeoutTick or IdleTick:
                return default; // of a time-out that was taken back when it had fired already
            default:
                return OnInfo(term);
        }
    }

    /// <summary>Who called; none if the message is no call.</summary>
    private static Pid ClientOf(object? message) => message is GenCall call ? call.From.Caller : default;
}
