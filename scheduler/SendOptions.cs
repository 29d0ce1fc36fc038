namespace CloudScale;

/// <summary>What a send to another node must not do; the options of Erlang's <c>send/3</c>.</summary>
[Flags]
public enum SendOptions
{
    /// <summary>Nothing: it connects if need be, and holds its process while the connection is busy.</summary>
    None = 0,

    /// <summary>Does not send where it would have to hold its process; what makes the connection busy is sent, and does not hold it either.</summary>
    NoSuspend = 1,

    /// <summary>Does not send where it would have to connect first.</summary>
    NoConnect = 2,
}

/// <summary>What became of a send with <see cref="SendOptions"/>.</summary>
public enum SendOutcome
{
    /// <summary>It was sent. As always that says nothing about its arrival.</summary>
    Ok,

    /// <summary>It was not sent: the connection is busy.</summary>
    NoSuspend,

    /// <summary>It was not sent: the node is not connected.</summary>
    NoConnect,
}
