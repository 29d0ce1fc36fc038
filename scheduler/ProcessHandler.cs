namespace CloudScale;

/// <summary>The lean form of a process: an object that is called once for each message. Derive, and spawn an instance.</summary>
/// <remarks>
/// Threads: one call at a time, on the schedulers of the node; what one call wrote the next one sees. A handler belongs to one process.
/// An exception ends the process with <c>{exception, Type, Message, Stack}</c>.
/// </remarks>
public abstract class ProcessHandler
{
    /// <summary>Called once, before the first message.</summary>
    protected internal virtual ProcessTask OnStart(Self self) => default;

    /// <summary>Called for each message in the order of arrival. While the returned task waits, further messages queue up and may be received selectively.</summary>
    protected internal abstract ProcessTask OnMessage(Self self, Message message);

    /// <summary>Called when the process dictionary is first looked at: what stands in it from the start, kept elsewhere until somebody asks.</summary>
    protected internal virtual void OnDictionary(IDictionary<object, object> dictionary) { }

    /// <summary>Gives way to another object: it handles all messages after the call that runs now, which must be one that has waited for something.</summary>
    /// <param name="self">This process.</param>
    /// <param name="next">Belongs to the process from here on. Its <see cref="OnStart"/> is not called.</param>
    protected static void Become(Self self, ProcessHandler next)
    {
        ArgumentNullException.ThrowIfNull(next);
        self.Owned().ReplaceHandler(next);
    }

    /// <summary>
    /// Ends the process when the call that runs now is over, as <see cref="Self.Exit(object)"/> does, but without the exception, which costs more than all the rest of an exit. No
    /// message is handled after it.
    /// </summary>
    /// <param name="self">This process.</param>
    /// <param name="reason">The exit reason.</param>
    protected static void End(Self self, object reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        self.Owned().EndHandler(reason);
    }
}
