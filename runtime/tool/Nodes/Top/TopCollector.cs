namespace CloudScale.Tool.Nodes.Top;

/// <summary>Asks a node for samples, as etop does: by <c>observer_backend:etop_collect/1</c>.</summary>
/// <remarks>One process asks for all of them: an Erlang node measures how busy its schedulers are for as long as whoever asked first is there.</remarks>
internal sealed class TopCollector
{
    private readonly Peer _peer;
    private readonly Pid _pid;

    public TopCollector(Peer peer)
    {
        _peer = peer;
        _pid = peer.Own.Spawn(async self =>
        {
            while (true)
            {
                Asked asked = await self.Receive<Asked>();
                try
                {
                    asked.Answer.SetResult(await CollectAsync(self));
                }
                catch (Exception exception)
                {
                    asked.Answer.SetException(exception);
                }
            }
        });
    }

    /// <summary>Takes a sample.</summary>
    /// <exception cref="ToolException">The node has no such module.</exception>
    public async Task<TopSample> TakeAsync()
    {
        Asked asked = new(new TaskCompletionSource<Tuple>(TaskCreationOptions.RunContinuationsAsynchronously));
        _peer.Own.Send(_pid, asked);
        Tuple info;
        try
        {
            info = await asked.Answer.Task.WaitAsync(_peer.Timeout * 2);
        }
        catch (ErlangException exception) when (exception.Reason is Tuple and [_, Atom { Name: "undef" }, _])
        {
            throw new ToolException($"{_peer.Name.Name} has no module observer_backend: it is in OTP's runtime_tools.");
        }

        List connected = await _peer.CallAsync("erlang", "nodes", List.Of((Atom)"connected")) as List ?? List.Empty;
        return TopSample.Read(info, connected.OfType<Atom>().Where(node => node != _peer.Own.Name));
    }

    private async ProcessTask<Tuple> CollectAsync(Self self)
    {
        await Erpc.Call(self, _peer.Name, "observer_backend", "etop_collect", List.Of(self.Pid), _peer.Timeout);
        Tuple sent = await self.Receive<Tuple>(
            message => message is [Pid, Tuple and [Atom { Name: "etop_info" }, _, _, _, _, _, _, _, _]],
            _peer.Timeout
        );
        return (Tuple)sent[1];
    }

    private sealed record Asked(TaskCompletionSource<Tuple> Answer);
}
