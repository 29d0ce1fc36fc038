namespace CloudScale.Samples.Chat;

/// <summary>The room: keeps the latest lines, and passes each on to all members of the process group <c>chat</c>, on this node and others.</summary>
internal sealed class ChatRoom(NodeHandle node) : GenServer
{
    private const int MaxLines = 50;

    internal static readonly Atom Name = "room";
    internal static readonly Atom Group = "chat";
    internal static readonly Atom History = "history";

    private readonly Queue<ChatLine> _lines = new();

    protected override async ProcessTask<InitResult> Init()
    {
        await node.Node.Groups.Join(Self, Group, [Self.Pid]);
        return InitResult.Ok;
    }

    protected override ProcessTask<Next> HandleCall(object request, From from) =>
        ReferenceEquals(request, History) ? Reply(List.Of([.. _lines])) : Reply(Tuple.Of(Atoms.Error, (Atom)"unknown"));

    /// <summary>What a window says.</summary>
    protected override ProcessTask<Next> HandleCast(object request)
    {
        if (ChatLine.Read(request) is { } line)
            foreach (Pid member in node.Node.Groups.Members(Group))
                Self.Send(member, line);
        return NoReply;
    }

    /// <summary>What any member of the group says reaches the room as it reaches every window.</summary>
    protected override ProcessTask<Next> HandleInfo(object message)
    {
        if (ChatLine.Read(message) is not { } line)
            return NoReply;
        if (_lines.Count == MaxLines)
            _lines.Dequeue();
        _lines.Enqueue(line);
        return NoReply;
    }
}
