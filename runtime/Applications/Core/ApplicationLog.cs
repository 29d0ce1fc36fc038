using Microsoft.Extensions.Logging;

namespace CloudScale.Runtime.Applications;

internal static partial class ApplicationLog
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Application {Application} has started.")]
    internal static partial void Started(ILogger logger, Atom application);

    [LoggerMessage(Level = LogLevel.Information, Message = "Application: {Application}. Exited: {Reason}. Type: {Type}.")]
    internal static partial void Exited(ILogger logger, Atom application, string reason, ApplicationRestart type);

    [LoggerMessage(Level = LogLevel.Error, Message = "The end of application {Application} ends the node: {Reason}.")]
    internal static partial void EndsNode(ILogger logger, Atom application, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "These applications have not stopped in their time, and are ended: {Applications}.")]
    internal static partial void NotStoppedInTime(ILogger logger, string applications);

    [LoggerMessage(Level = LogLevel.Error, Message = "Application {Application}: its callback {Callback} failed.")]
    internal static partial void CallbackFailed(ILogger logger, Exception exception, Atom application, string callback);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "Application {Application}: its configuration is wrong, and what held before still holds."
    )]
    internal static partial void BadConfiguration(ILogger logger, Exception exception, Atom application);
}
