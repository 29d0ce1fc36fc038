namespace CloudScale.Interop.Transport;

/// <summary>A connection whose input may be read by a thread that waits for it, besides the asynchronous way. One of the two is to be chosen when the handshake is over.</summary>
internal interface IThreadReads
{
    /// <summary>From now on reads of the input that are made on this thread return when there is something, and never later.</summary>
    void ReadOnThisThread();

    /// <summary>From now on the runtime watches the connection, as it does any other.</summary>
    void UseRuntime();
}
