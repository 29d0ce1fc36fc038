namespace CloudScale;

/// <summary>What an event handler does next: stays, hibernates, gives way to another, goes; and, after a query, the answer.</summary>
/// <remarks>The default value stays. It converts to a completed <c>ProcessTask</c>.</remarks>
public readonly struct HandlerNext
{
    private HandlerNext(HandlerMove move, object? reply, object? reason, HandlerSwap? swap)
    {
        Move = move;
        Answer = reply;
        Reason = reason;
        Swap = swap;
    }

    internal HandlerMove Move { get; }

    internal object? Answer { get; }

    /// <summary>Of an <c>Init</c> that refuses.</summary>
    internal object? Reason { get; }

    internal HandlerSwap? Swap { get; }

    /// <summary>Stays: <c>{ok, State}</c>.</summary>
    public static HandlerNext Ok => default;

    /// <summary>Stays, and the manager hibernates when it has nothing else to do: <c>{ok, State, hibernate}</c>.</summary>
    public static HandlerNext Hibernate => new(HandlerMove.Hibernate, null, null, null);

    /// <summary>Goes: <c>remove_handler</c>. Its <c>Terminate</c> is told the atom <c>remove_handler</c>.</summary>
    public static HandlerNext Remove => new(HandlerMove.Remove, null, null, null);

    /// <summary>From <c>Init</c>: the handler is not installed, <c>{error, Reason}</c>.</summary>
    public static HandlerNext Refuse(object reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return new(HandlerMove.Refuse, null, reason, null);
    }

    /// <summary>Gives way to another: <c>{swap_handler, Arguments1, State, Handler2, Arguments2}</c>.</summary>
    /// <param name="arguments">What <c>Terminate</c> of this one is told.</param>
    /// <param name="successor">The other's name.</param>
    /// <param name="successorArguments">What <c>Init</c> of the other is told, in a pair with what <c>Terminate</c> returned.</param>
    public static HandlerNext SwapTo(object arguments, HandlerId successor, object successorArguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        ArgumentNullException.ThrowIfNull(successor);
        ArgumentNullException.ThrowIfNull(successorArguments);
        return new(HandlerMove.Swap, null, null, new HandlerSwap(arguments, successor, successorArguments));
    }

    /// <summary>Answers a query, and stays.</summary>
    public static HandlerNext Reply(object reply) => Ok.WithReply(reply);

    /// <summary>Answers a query beside what else is done.</summary>
    public HandlerNext WithReply(object reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        return new(Move, reply, Reason, Swap);
    }

    /// <summary>As what a callback returns.</summary>
    public static implicit operator ProcessTask<HandlerNext>(HandlerNext next) => new(next);
}

internal enum HandlerMove : byte
{
    Stay,
    Hibernate,
    Remove,
    Swap,
    Refuse,
}

internal sealed record HandlerSwap(object Arguments, HandlerId Successor, object SuccessorArguments);
