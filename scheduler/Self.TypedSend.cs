namespace CloudScale;

/// <content>Sending to a process of which is known what it takes.</content>
public readonly partial struct Self
{
    /// <summary>Sends a message to a process that takes messages of this type; as <see cref="Send(Pid, object)"/>.</summary>
    /// <typeparam name="TMessage">What the process takes.</typeparam>
    /// <exception cref="ArgumentNullException">The message is null, which is no term.</exception>
    public void Send<TMessage>(Pid<TMessage> to, TMessage message)
        where TMessage : notnull => Send(to.Untyped, (object)message);
}
