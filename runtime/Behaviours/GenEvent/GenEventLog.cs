using Microsoft.Extensions.Logging;

namespace CloudScale;

internal static partial class BehaviourLog
{
    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "Handler {Handler} of event manager {Name} failed and was removed. Last event: {LastEvent}. State: {State}. Reason: {Reason}."
    )]
    internal static partial void HandlerFailed(ILogger logger, string handler, object name, string lastEvent, string state, string reason);
}
