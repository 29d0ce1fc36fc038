namespace CloudScale.Samples.UserAgents;

/// <summary>The second process of an agent: its state, loaded when it is needed for the first time.</summary>
internal sealed class AgentState(string user, IAgentStore store) : ProcessHandler
{
    private AgentData? _data;
    private bool _isChanged;

    protected override ProcessTask OnMessage(Self self, Message message) =>
        message.Value switch
        {
            StateRequest request => _data is null ? LoadAsync(self, request) : Answer(self, request),
            GenCall call => SaveAsync(self, call.From),
            Tuple term when term is [Atom { Name: "$gen_call" }, var from, _] && From.TryFrom(from, out From caller) => SaveAsync(
                self,
                caller
            ),
            _ => default,
        };

    private async ProcessTask LoadAsync(Self self, StateRequest request)
    {
        _data = await store.LoadAsync(user, self.ExitToken) ?? AgentData.Empty;
        await Answer(self, request);
    }

    private ProcessTask Answer(Self self, StateRequest request)
    {
        AgentData data = _data!;
        switch (request.Request)
        {
            case Tuple and [Atom { Name: "push" }, string or Binary]:
                string text = ((Tuple)request.Request)[1] is Binary binary
                    ? binary.TryGetString(out string? utf8)
                        ? utf8
                        : ""
                    : (string)((Tuple)request.Request)[1];
                _data = new AgentData([.. data.Messages, text], data.Delivered + 1);
                _isChanged = true;
                self.Reply(request.From, (long)_data.Messages.Count);
                break;
            case Atom { Name: "fetch" }:
                _data = data with { Messages = [] };
                _isChanged |= data.Messages.Count > 0;
                self.Reply(request.From, List.Of([.. data.Messages]));
                break;
            case Atom { Name: "count" }:
                self.Reply(request.From, data.Delivered);
                break;
            case Atom { Name: "crash" }:
                self.Exit((Atom)"crash");
                break;
            default:
                self.Reply(request.From, Tuple.Of(Atoms.Error, (Atom)"unknown"));
                break;
        }

        return default;
    }

    private async ProcessTask SaveAsync(Self self, From from)
    {
        if (_isChanged)
            await store.SaveAsync(user, _data!, self.ExitToken);
        _isChanged = false;
        self.Reply(from, Atoms.Ok);
    }
}
