using CloudScale.Runtime.Services.Io;

namespace CloudScale;

/// <summary>Input and output of a process: requests to its group leader, here or on an Erlang node, by Erlang's I/O protocol.</summary>
/// <remarks>Threads: only inside the body of the process. Get it as <c>self.Io</c>.</remarks>
public readonly struct ProcessIo
{
    private readonly Self _self;

    internal ProcessIo(Self self) => _self = self;

    /// <summary>Writes text; Erlang's <c>io:put_chars</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="device">The process that serves the output; the group leader by default.</param>
    /// <exception cref="ErlangException">The device does not write it, or is gone (<c>terminated</c>).</exception>
    public async ProcessTask PutChars(string text, Pid device = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        ThrowIfError(await Request(Tuple.Of(IoAtoms.PutChars, IoAtoms.Unicode, Binary.FromUtf8(text)), device));
    }

    /// <summary>Writes text with control sequences; Erlang's <c>io:format</c>.</summary>
    /// <param name="format">Text with <c>~p</c>, <c>~ts</c>, <c>~n</c> and so on.</param>
    /// <param name="arguments">As many terms as the sequences take.</param>
    /// <exception cref="ErlangException"><c>badarg</c>: the format or an argument is wrong; or as of <see cref="PutChars"/>.</exception>
    public ProcessTask Format(string format, params ReadOnlySpan<object> arguments)
    {
        ArgumentNullException.ThrowIfNull(format);
        return PutChars(IoFormat.Format(format, List.Of(arguments)));
    }

    /// <summary>Reads a line; Erlang's <c>io:get_line</c>. Null at the end of the input.</summary>
    /// <param name="prompt">What the device shows first.</param>
    /// <exception cref="ErlangException">The device does not read, or is gone.</exception>
    public async ProcessTask<string?> GetLine(string prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        object answer = await Request(Tuple.Of(Atom.Of("get_line"), IoAtoms.Unicode, Binary.FromUtf8(prompt)), default);
        ThrowIfError(answer);
        return ReferenceEquals(answer, IoAtoms.Eof) ? null : CharData.TryGetText(answer);
    }

    /// <summary>Sends any request of the protocol, and waits for its answer for as long as the device lives.</summary>
    /// <param name="request">The request, for example <c>getopts</c>.</param>
    /// <param name="device">The process that serves it; the group leader by default.</param>
    /// <returns>The answer; <c>{error, terminated}</c> if the device is gone.</returns>
    public async ProcessTask<object> Request(object request, Pid device = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        Self self = _self;
        if (device.IsNone)
            device = self.GroupLeader;
        if (device.IsNone)
            return IoAtoms.Error(IoAtoms.Terminated);
        ReceiveMark mark = self.Mark();
        Reference monitor = self.Monitor(device);
        self.Send(device, Tuple.Of(IoAtoms.Request, self.Pid, monitor, request));
        object answer = await self.Receive<object>(
            message =>
                message is Down down
                    ? down.Reference == monitor
                    : message is Tuple and [Atom kind, Reference about, _] && ReferenceEquals(kind, IoAtoms.Reply) && about == monitor,
            mark: mark
        );
        if (answer is not (Tuple and [_, _, var result]))
            return IoAtoms.Error(IoAtoms.Terminated);
        self.Demonitor(monitor, flush: true);
        return result;
    }

    private static void ThrowIfError(object answer)
    {
        if (answer is Tuple and [Atom tag, var reason] && ReferenceEquals(tag, Atoms.Error))
            throw ErlangException.Error(reason);
    }
}

/// <summary>What the runtime adds to <see cref="Self"/>.</summary>
public static class SelfServices
{
    extension(Self self)
    {
        /// <summary>Input and output, by the group leader of this process.</summary>
        public ProcessIo Io => new(self);
    }
}
