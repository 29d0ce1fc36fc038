using CloudScale.Runtime.Services.Io;
using Microsoft.Extensions.Logging;

namespace CloudScale.Runtime.Services;

/// <summary>The processes registered as <c>logger</c> and <c>logger_proxy</c>: what other nodes log in the name of processes whose group leader is here goes to the log of the host.</summary>
/// <remarks>
/// Wire: <c>{log, Level, Format, Arguments, Metadata}</c> and <c>{log, Level, Report, Metadata}</c>, where a report is a map, a list, or <c>{string, Text}</c>. Limit: a line is cut at
/// <see cref="MaxCharacters"/>. Anything else is dropped. Source: OTP kernel, <c>logger</c> and <c>logger_proxy</c>.
/// </remarks>
internal sealed partial class LogReceiver(ILogger logger) : GenServer
{
    internal const int MaxCharacters = 8192;
    internal static readonly Atom Name = Atom.Of("logger");
    internal static readonly Atom ProxyName = Atom.Of("logger_proxy");
    private static readonly Atom s_log = Atom.Of("log");
    private static readonly Atom s_format = Atom.Of("format");
    private static readonly Atom s_args = Atom.Of("args");

    protected override ProcessTask<Next> HandleCall(object request, From from) => NoReply;

    protected override ProcessTask<Next> HandleCast(object request) => NoReply;

    protected override ProcessTask<Next> HandleInfo(object message)
    {
        switch (Rex.AsTuple(message))
        {
            case [Atom tag, Atom level, var format, List arguments, Map metadata] when ReferenceEquals(tag, s_log):
                Log(LevelOf(level), format, arguments, metadata);
                break;
            case [Atom tag, Atom level, Tuple and [Atom { Name: "string" }, var text], Map metadata] when ReferenceEquals(tag, s_log):
                Log(LevelOf(level), (Atom)"~ts", List.Of(text), metadata);
                break;
            case [Atom tag, Atom level, var report, Map metadata] when ReferenceEquals(tag, s_log):
                LogReport(LevelOf(level), report, metadata);
                break;
        }

        return NoReply;
    }

    /// <summary>A report as it is; one of the module error_logger of old holds a format and its arguments.</summary>
    private void LogReport(LogLevel level, object report, Map metadata)
    {
        if (report is Map map && map.TryGetValue(s_format, out object? format) && map.TryGetValue(s_args, out object? arguments))
            Log(level, format, arguments as List ?? List.Empty, metadata);
        else
            Log(level, (Atom)"~tp", List.Of(report), metadata);
    }

    private void Log(LogLevel level, object format, List arguments, Map metadata)
    {
        if (!logger.IsEnabled(level))
            return;
        Pid from = metadata.TryGetValue((Atom)"pid", out object? pid) && pid is Pid process ? process : default;
        string text;
        try
        {
            text = IoFormat.Format(format, arguments);
        }
        catch (ErlangException)
        {
            text = Term.Format(Tuple.Of(format, arguments));
        }

        LogRemote(logger, level, from, text.Length <= MaxCharacters ? text : text[..MaxCharacters] + "...");
    }

    private static LogLevel LevelOf(Atom level) =>
        level.Name switch
        {
            "emergency" or "alert" or "critical" => LogLevel.Critical,
            "error" => LogLevel.Error,
            "warning" => LogLevel.Warning,
            "debug" => LogLevel.Debug,
            _ => LogLevel.Information,
        };

    [LoggerMessage(Message = "{From}: {Text}")]
    private static partial void LogRemote(ILogger logger, LogLevel level, Pid from, string text);
}
