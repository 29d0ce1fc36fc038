using System.IO.Pipelines;
using System.Net;

namespace CloudScale.Interop.Transport;

/// <summary>A way to move bytes between nodes. It knows nothing of the protocol that runs over it.</summary>
/// <remarks>Threads: any.</remarks>
public interface ITransport
{
    /// <summary>Begins to listen.</summary>
    /// <param name="endPoint">Where to listen; a transport that has no use for IP addresses gives an end point of its own.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TransportException">The end point cannot be had.</exception>
    ValueTask<ITransportListener> ListenAsync(EndPoint endPoint, CancellationToken cancellationToken = default);

    /// <summary>Connects to a listener.</summary>
    /// <exception cref="TransportException">Nobody listens there, or the way is cut.</exception>
    ValueTask<ITransportConnection> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken = default);

    /// <summary>Connects to a listener whose host is known by name.</summary>
    /// <param name="endPoint">Where it listens.</param>
    /// <param name="host">The host of the node's name, for a transport that makes sure of it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TransportException">Nobody listens there, or the way is cut.</exception>
    ValueTask<ITransportConnection> ConnectAsync(EndPoint endPoint, string host, CancellationToken cancellationToken) =>
        ConnectAsync(endPoint, cancellationToken);
}

/// <summary>Takes incoming connections. Disposing it ends the listening; connections taken before live on.</summary>
public interface ITransportListener : IAsyncDisposable
{
    /// <summary>Where others reach this listener.</summary>
    EndPoint EndPoint { get; }

    /// <summary>The next connection, or null once the listener is disposed.</summary>
    /// <exception cref="TransportException">The system has no room for a connection at the moment; try again after a pause.</exception>
    ValueTask<ITransportConnection?> AcceptAsync(CancellationToken cancellationToken = default);
}

/// <summary>An ordered, reliable stream of bytes in both directions.</summary>
/// <remarks>
/// Threads: one reader, one writer. A flush of the output completes when the bytes are on their way; it waits while the other side does not take them.
/// Completing the output lets the other side read to the end of what was flushed. When the connection breaks, reads and flushes end with an
/// <see cref="IOException"/> or as completed. Owner: whoever got it disposes it, after reader and writer have stopped. Input and output may be used once
/// <see cref="OpenAsync"/> has ended.
/// </remarks>
public interface ITransportConnection : IDuplexPipe, IAsyncDisposable
{
    /// <summary>The other side, for log lines.</summary>
    string RemoteDescription { get; }

    /// <summary>How many bytes the length before each message of the node handshake has: 2 over TCP, 4 over TLS, as OTP has it.</summary>
    int HandshakeLengthBytes => 2;

    /// <summary>What the two sides do before the first byte, such as the handshake of TLS. Called once, by the owner, who sets the time it may take.</summary>
    /// <exception cref="TransportException">They do not come together; the message says why.</exception>
    ValueTask OpenAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Whether the other side may be a node of this host, by what the transport knows of it.</summary>
    bool MayBe(string host) => true;

    /// <summary>Breaks the connection at once, for both sides: pending reads and flushes end. Any thread, any number of times.</summary>
    void Abort();
}

/// <summary>A transport could not listen or connect; the message says where and why.</summary>
public sealed class TransportException : IOException
{
    /// <summary>Makes the exception.</summary>
    public TransportException(string message, Exception? innerException = null)
        : base(message, innerException) { }
}
