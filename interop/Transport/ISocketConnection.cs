namespace CloudScale.Interop.Transport;

/// <summary>A connection that is a socket and nothing more: threads may wait for it themselves, besides the asynchronous way, and long packets are read where they belong.</summary>
internal interface ISocketConnection
{
    /// <summary>From now on reads go on when somebody looks; false if that cannot be.</summary>
    bool PollBy(SocketWatch watch) => false;

    /// <summary>Whether reads go on when somebody looks, and so do writes for which there was no room.</summary>
    bool IsPolled => false;

    /// <summary>Completes when somebody looks the next time and there is room to write: for who has written enough in one go. At once where nobody looks.</summary>
    ValueTask AwaitLookAsync() => default;

    /// <summary>So many packets have been taken out of what was read: for who looks, and wants to know how much it brings.</summary>
    void OnTaken(int packets) { }

    /// <summary>How much may lie in the kernel that has come and was not read: little, so that what is sent next is read soon, or as much as was chosen.</summary>
    void NarrowInput(bool isNarrow) { }

    /// <summary>The same of what is to be sent and is not on its way yet.</summary>
    void NarrowOutput(bool isNarrow) { }

    /// <summary>How many bytes the other side's kernel offers to take, beyond what it has; null where that is not known.</summary>
    int? PeerWindow => null;

    /// <summary>From now on reads that are made on this thread return when there is something, and never later. This, <see cref="PollBy"/> or <see cref="UseRuntime"/> is chosen when the handshake is over.</summary>
    void ReadOnThisThread();

    /// <summary>From now on the runtime watches the connection, as it does any other.</summary>
    void UseRuntime();

    /// <summary>Leaves work to the thread that writes this connection, which may wait while the other side takes nothing; false if it has none.</summary>
    bool TryRunWriter(IThreadPoolWorkItem work);

    /// <summary>Reads past <see cref="System.IO.Pipelines.IDuplexPipe.Input"/>, of which nothing may be left over.</summary>
    /// <returns>How many bytes; 0 at the end.</returns>
    /// <exception cref="IOException">The connection is broken.</exception>
    ValueTask<int> ReadAsync(Memory<byte> buffer);
}
