using Microsoft.Extensions.Logging;

namespace CloudScale.Runtime.Hosting;

internal static partial class HostingLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Node {Node} runs; {Children} children are supervised.")]
    internal static partial void Started(ILogger logger, string node, int children);

    [LoggerMessage(Level = LogLevel.Information, Message = "Node {Node} has stopped.")]
    internal static partial void Stopped(ILogger logger, string node);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Node {Node} did not stop within the host's time-out; processes that were left are ended without a word."
    )]
    internal static partial void StopTooSlow(ILogger logger, string node);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "ShutdownGrace ({Grace}) is not below the host's ShutdownTimeout ({Timeout}): processes that do not end by themselves will not be killed in time."
    )]
    internal static partial void GraceTooLong(ILogger logger, TimeSpan grace, TimeSpan timeout);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The supervisor of the host's processes has given up: {Reason}.")]
    internal static partial void TreeFailed(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The services of a {Owner} failed when its process ended.")]
    internal static partial void ScopeFailed(ILogger logger, string owner, Exception exception);
}
