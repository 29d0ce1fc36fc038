namespace CloudScale;

/// <summary>What kind of event a state machine handles; OTP's <c>event_type()</c>.</summary>
public enum StateEventType : byte
{
    /// <summary>A call: <c>{call, From}</c>.</summary>
    Call,

    /// <summary>A cast.</summary>
    Cast,

    /// <summary>Any other message.</summary>
    Info,

    /// <summary>The event time-out: no event came in time.</summary>
    EventTimeout,

    /// <summary>The state time-out: the state has lasted that long.</summary>
    StateTimeout,

    /// <summary>A time-out with a name: <c>{timeout, Name}</c>.</summary>
    Timeout,

    /// <summary>An event that the machine has given to itself.</summary>
    Internal,
}

/// <summary>An event of a state machine.</summary>
/// <param name="Type">Its kind.</param>
/// <param name="Content">The request, the message, or what was said when the time-out was set.</param>
/// <param name="From">Who called; meaningful for calls.</param>
/// <param name="Name">The name of a <see cref="StateEventType.Timeout"/>; else null.</param>
public readonly record struct StateEvent(StateEventType Type, object Content, From From = default, object? Name = null) : ITermConvertible
{
    private static readonly Atom s_call = Atom.Of("call");
    private static readonly Atom s_cast = Atom.Of("cast");
    private static readonly Atom s_info = Atom.Of("info");
    private static readonly Atom s_stateTimeout = Atom.Of("state_timeout");
    private static readonly Atom s_internal = Atom.Of("internal");

    /// <summary>An event of the machine's own.</summary>
    public static StateEvent Internal(object content) => new(StateEventType.Internal, content);

    /// <summary><c>{Type, Content}</c>, with the type as Erlang writes it.</summary>
    public object ToTerm() => Tuple.Of(TypeTerm, Content);

    private object TypeTerm =>
        Type switch
        {
            StateEventType.Call => Tuple.Of(s_call, From.ToTerm()),
            StateEventType.Cast => s_cast,
            StateEventType.Info => s_info,
            StateEventType.EventTimeout => Atoms.Timeout,
            StateEventType.StateTimeout => s_stateTimeout,
            StateEventType.Timeout => Tuple.Of(Atoms.Timeout, Name!),
            _ => s_internal,
        };
}
