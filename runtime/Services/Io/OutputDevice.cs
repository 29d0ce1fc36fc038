using System.Text;

namespace CloudScale.Runtime.Services.Io;

/// <summary>A process that serves output: the group leader of processes whose output goes to a writer of .NET. One is registered as <c>user</c>.</summary>
/// <param name="output">Where output goes. Owner: the caller; it is never closed.</param>
/// <param name="isDefault">It is the group leader of all processes that were given none.</param>
/// <remarks>
/// Wire: <c>{io_request, From, ReplyAs, Request}</c>, answered to <c>From</c> by <c>{io_reply, ReplyAs, Answer}</c>. What a writer throws is the answer <c>{error, terminated}</c>. Messages of
/// any other shape are dropped.
/// </remarks>
internal sealed class OutputDevice(TextWriter output, bool isDefault) : ProcessHandler
{
    private readonly StringBuilder _text = new();

    protected override ProcessTask OnStart(Self self)
    {
        if (isDefault)
            self.System.DefaultGroupLeader = self.Pid;
        return default;
    }

    protected override async ProcessTask OnMessage(Self self, Message message)
    {
        if (
            !message.TryGet(out Tuple request)
            || request is not [Atom kind, var from, var replyAs, var what]
            || !ReferenceEquals(kind, IoAtoms.Request)
        )
            return;
        object answer = IoRequest.Execute(what, _text);
        if (_text.Length > 0)
            answer = await WriteAsync() ? answer : IoAtoms.Error(IoAtoms.Terminated);
        Tuple reply = Tuple.Of(IoAtoms.Reply, replyAs, answer);
        if (from is Pid pid)
            self.Send(pid, reply);
        else if (from is Reference alias)
            self.Send(alias, reply);
    }

    private async ProcessTask<bool> WriteAsync()
    {
        string text = _text.ToString();
        _text.Clear();
        try
        {
            await output.WriteAsync(text);
            await output.FlushAsync();
            return true;
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            return false;
        }
    }
}
