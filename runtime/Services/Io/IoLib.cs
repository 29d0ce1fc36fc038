using CloudScale.Runtime.Services.Io;

namespace CloudScale;

/// <summary>Terms as text, in Erlang's layouts.</summary>
/// <remarks>Threads: any. What a process writes to its group leader is <see cref="ProcessIo"/>.</remarks>
public static class IoLib
{
    /// <summary>Text with control sequences; Erlang's <c>io_lib:format</c>, flattened.</summary>
    /// <param name="format">Text with <c>~p</c>, <c>~ts</c>, <c>~n</c> and so on.</param>
    /// <param name="arguments">As many terms as the sequences take.</param>
    /// <exception cref="ErlangException"><c>badarg</c>: the format or an argument is wrong.</exception>
    public static string Format(string format, params ReadOnlySpan<object> arguments)
    {
        ArgumentNullException.ThrowIfNull(format);
        return IoFormat.Format(format, List.Of(arguments));
    }
}
