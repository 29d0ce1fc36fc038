using System.Net;
using Microsoft.Extensions.Logging;

namespace CloudScale.Interop;

/// <summary>Everything this assembly logs.</summary>
/// <remarks>In one class: with several, the order of the generated code differs from build to build, and the build would not be deterministic.</remarks>
internal static partial class Log
{
    [LoggerMessage(LogLevel.Warning, "Refused a connection from {Remote}: {Reason}")]
    internal static partial void CallRefused(ILogger logger, string remote, string reason);

    [LoggerMessage(LogLevel.Debug, "Did not need a connection from {Remote}: {Reason}")]
    internal static partial void CallSuperseded(ILogger logger, string remote, string reason);

    [LoggerMessage(
        LogLevel.Warning,
        "Gave up a connection from {Remote}: {Limit} others that came later are in the middle of their handshake (option MaxIncomingHandshakes)."
    )]
    internal static partial void TooManyCalls(ILogger logger, string remote, int limit);

    [LoggerMessage(LogLevel.Warning, "Connections will not be compressed, though they should be (option UsesCompression): {Reason}.")]
    internal static partial void NoCompression(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Error, "Cannot take connections at the moment: {Reason}")]
    internal static partial void AcceptFailed(ILogger logger, string reason);

    [LoggerMessage(
        LogLevel.Error,
        "A signal that waited for the connection to '{Node}' can no longer be encoded: its term was changed after it was sent."
    )]
    internal static partial void ChangedTerm(ILogger logger, string node, Exception exception);

    [LoggerMessage(LogLevel.Information, "Connected to '{Node}' at {Remote}.")]
    internal static partial void NodeUp(ILogger logger, string node, string remote);

    [LoggerMessage(LogLevel.Information, "Connection to '{Node}' ended: {Reason}.")]
    internal static partial void NodeDown(ILogger logger, string node, string reason);

    [LoggerMessage(LogLevel.Warning, "Could not connect to '{Node}': {Reason}")]
    internal static partial void NotConnected(ILogger logger, string node, string reason);

    [LoggerMessage(LogLevel.Critical, "A loop or a report of the distribution raised an exception, which is a bug of this program.")]
    internal static partial void LoopBug(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Information, "Node '{Name}' takes connections at {EndPoint}.")]
    internal static partial void NodeStarted(ILogger logger, string name, EndPoint endPoint);

    [LoggerMessage(LogLevel.Information, "This node is '{Name}': '{Giver}' has given it the name.")]
    internal static partial void NodeNamed(ILogger logger, string name, string giver);

    [LoggerMessage(
        LogLevel.Warning,
        "The name '{Name}' that '{Giver}' gave has lapsed with the last connection: this node connects to nobody any more. Start it again to be given another."
    )]
    internal static partial void NameLapsed(ILogger logger, string name, string giver);

    [LoggerMessage(LogLevel.Critical, "Sending to '{Node}' raised an exception, which is a bug of this program. The connection is closed.")]
    internal static partial void SendBug(ILogger logger, string node, Exception exception);

    [LoggerMessage(
        LogLevel.Error,
        "{Waiting} bytes wait to be sent to '{Node}', more than {Limit} (option SendLimitBytes): it does not read, and senders go on. The connection is closed."
    )]
    internal static partial void SendLimit(ILogger logger, string node, long waiting, int limit);

    [LoggerMessage(
        LogLevel.Error,
        "'{Node}' sent {Error}. The connection is closed: the state of its links and monitors would be unknown from here on."
    )]
    internal static partial void Malformed(ILogger logger, string node, string error);

    [LoggerMessage(
        LogLevel.Error,
        "'{Node}' sent a packet of {Length} bytes; this node takes up to {Limit} (option MaxPacketBytes). The connection is closed."
    )]
    internal static partial void PacketTooLarge(ILogger logger, string node, uint length, int limit);

    [LoggerMessage(
        LogLevel.Warning,
        "'{Node}' has been silent for its tick time ({TickTime}): it is down, or its tick time is a different one."
    )]
    internal static partial void NodeSilent(ILogger logger, string node, TimeSpan tickTime);

    [LoggerMessage(
        LogLevel.Critical,
        "A signal from '{Node}' raised an exception, which is a bug of this program. The connection is closed."
    )]
    internal static partial void ReceiveBug(ILogger logger, string node, Exception exception);

    [LoggerMessage(
        LogLevel.Warning,
        "epmd: the daemon that held the name '{Name}' is gone; other nodes cannot find this one until it is registered again."
    )]
    internal static partial void EpmdLost(ILogger logger, string name);

    [LoggerMessage(LogLevel.Information, "epmd: '{Name}' is registered again.")]
    internal static partial void EpmdBack(ILogger logger, string name);

    [LoggerMessage(LogLevel.Debug, "epmd: '{Name}' could not be registered again yet: {Error}")]
    internal static partial void EpmdNotYet(ILogger logger, string name, string error);

    [LoggerMessage(LogLevel.Information, "epmd: none was reachable, so this process serves as one at {EndPoint}.")]
    internal static partial void EpmdStarted(ILogger logger, IPEndPoint endPoint);

    [LoggerMessage(LogLevel.Warning, "epmd: a connection could not be taken: {Error}")]
    internal static partial void EpmdAcceptFailed(ILogger logger, string error);

    [LoggerMessage(LogLevel.Warning, "epmd: refused {Remote}: it sent {Error}.")]
    internal static partial void EpmdRefused(ILogger logger, EndPoint? remote, string error);

    [LoggerMessage(LogLevel.Information, "{State}.")]
    internal static partial void RdmaState(ILogger logger, string state);

    [LoggerMessage(LogLevel.Warning, "Takes connections at {EndPoint} by TCP only, not by RDMA: {Reason}")]
    internal static partial void RdmaNotListening(ILogger logger, EndPoint endPoint, string reason);

    [LoggerMessage(LogLevel.Information, "The connection with '{Node}' has moved from TCP to {Remote}.")]
    internal static partial void ConnectionMoved(ILogger logger, string node, string remote);

    [LoggerMessage(LogLevel.Debug, "The connection with '{Node}' stays with TCP for now, it could not move to {Remote}: {Reason}")]
    internal static partial void ConnectionNotMoved(ILogger logger, string node, string remote, string reason);
}
