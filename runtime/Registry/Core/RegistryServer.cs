namespace CloudScale.Runtime.Registry;

/// <summary>The process that monitors whoever the registry knows, buries them, and sends the news of changes.</summary>
/// <remarks>It decides nothing: the entries of a registry without it are right, but what the dead have left stays until somebody meets it, and the news wait.</remarks>
internal sealed class RegistryServer(ProcessRegistry registry) : GenServer
{
    internal static readonly Atom News = Atom.Of("news");

    protected override ProcessTask<InitResult> Init()
    {
        foreach (Pid client in registry.OnServer(Self.Pid))
            Self.Monitor(client);
        Tell();
        return InitResult.Ok;
    }

    /// <summary>Whoever asks has all news that are older than the answer.</summary>
    protected override ProcessTask<Next> HandleCall(object request, From from)
    {
        if (!ReferenceEquals(request, News))
            return base.HandleCall(request, from);
        Tell();
        return Reply(Atoms.Ok);
    }

    protected override ProcessTask<Next> HandleInfo(object message)
    {
        switch (message)
        {
            case Watch watch:
                Self.Monitor(watch.Pid);
                return NoReply;
            case Atom news when ReferenceEquals(news, News):
                Tell();
                return NoReply;
            case Down { Object: Pid dead }:
                registry.Audit(dead);
                return NoReply;
            default:
                return base.HandleInfo(message);
        }
    }

    private void Tell()
    {
        foreach ((Pid to, object message) in registry.TakeNews())
            Self.Send(to, message);
    }

    protected override object GetState() => Tuple.Of((Atom)"clients", (long)registry.ClientCount);

    /// <summary>The registry knows one more process.</summary>
    internal sealed record Watch(Pid Pid);
}
