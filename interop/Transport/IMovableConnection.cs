using Microsoft.Extensions.Logging;

namespace CloudScale.Interop.Transport;

/// <summary>A connection that may go on by another way while it lives, once two nodes have told each other in the handshake that they can.</summary>
internal interface IMovableConnection
{
    /// <summary>What the handshake says of the other way, besides that there is one; it costs nothing until <see cref="Agree"/>.</summary>
    ReadOnlyMemory<byte> Offer { get; }

    /// <summary>The connection as it began, with all that it can, for who has found that it is not to move. Instead of <see cref="Agree"/>, and between two reads; whoever takes it owns it, and this one is not used further.</summary>
    ITransportConnection Unmoved { get; }

    /// <summary>Both nodes have proved themselves, and both can. Once. Does not wait; the stream of bytes goes on as one, whichever way they take.</summary>
    /// <param name="offer">What the other node has said, which may be anything.</param>
    /// <param name="node">Its name, for log lines.</param>
    /// <param name="logger">Is told when the connection moves, and once why it does not.</param>
    void Agree(ReadOnlyMemory<byte> offer, string node, ILogger logger);
}
