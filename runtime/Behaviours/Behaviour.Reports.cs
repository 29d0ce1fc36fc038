using Microsoft.Extensions.Logging;

namespace CloudScale;

/// <content>What is logged when a process fails: OTP's error report and crash report in one.</content>
public abstract partial class Behaviour
{
    private const string DuringInit = "while it started";

    private void ReportCrash(object reason, object? message, Pid client, string? when) =>
        BehaviourLog.Crashed(
            _self.System.Logger,
            Kind.Name,
            _origin.Name ?? _self.RegisteredName ?? (object)_self.Pid,
            _self.Pid,
            Module.Name,
            when ?? (message is null ? "no message" : Term.Format(message)),
            DescribeForReport(reason, message),
            Term.Format(reason),
            client.IsNone ? "none" : client.ToString(),
            Term.Format(_origin.Ancestors)
        );

    private protected void LogUnexpected(object message) =>
        BehaviourLog.Unexpected(
            _self.System.Logger,
            Kind.Name,
            _origin.Name ?? _self.RegisteredName ?? (object)_self.Pid,
            _self.Pid,
            Module.Name,
            Term.Format(message)
        );

    /// <summary>The state for the report, which must not fail for its sake.</summary>
    private string DescribeForReport(object reason, object? message)
    {
        try
        {
            return Term.Format(StateForReport(reason, message));
        }
        catch (Exception exception)
        {
            return $"not to be shown: {exception.Message}";
        }
    }

    /// <summary>The state as reports show it.</summary>
    private protected abstract object StateForReport(object reason, object? message);
}

internal static partial class BehaviourLog
{
    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "{Kind} {Name} ({Pid}, {Module}) terminates. Last message: {LastMessage}. State: {State}. Reason: {Reason}. Client: {Client}. Ancestors: {Ancestors}."
    )]
    internal static partial void Crashed(
        ILogger logger,
        string kind,
        object name,
        Pid pid,
        string module,
        string lastMessage,
        string state,
        string reason,
        string client,
        string ancestors
    );

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Kind} {Name} ({Pid}, {Module}) received an unexpected message: {Unexpected}.")]
    internal static partial void Unexpected(ILogger logger, string kind, object name, Pid pid, string module, string unexpected);
}
