namespace CloudScale.Tool.Nodes;

/// <summary>The node that a command is about, and the hidden node of our own that talks to it.</summary>
internal sealed class Peer(Node own, string name, TimeSpan timeout, WarningLog log) : IAsyncDisposable
{
    /// <summary>Our own node.</summary>
    public Node Own { get; } = own;

    /// <summary>The peer's name.</summary>
    public Atom Name { get; } = name;

    /// <summary>How long to wait for an answer.</summary>
    public TimeSpan Timeout { get; } = timeout;

    /// <summary>Why something failed, as far as our node knows.</summary>
    public string? Warning => log.Last;

    /// <summary>Connects.</summary>
    public Task<bool> ConnectAsync() => Own.ConnectAsync(Name).AsTask();

    /// <summary>Calls a function of the peer.</summary>
    /// <exception cref="ErlangException">How the function failed.</exception>
    /// <exception cref="RpcException">The call itself failed.</exception>
    public Task<object> CallAsync(Atom module, Atom function, params object[] arguments) =>
        Erpc.CallAsync(Own, Name, module, function, List.Of(arguments), Timeout);

    /// <summary>Whether the peer is a node of CloudScale.</summary>
    public async Task<bool> IsCloudScaleAsync() =>
        await CallAsync("erlang", "system_info", Atom.Of("machine")) is List machine
        && machine.TryGetString(out string? text)
        && text == "CloudScale";

    /// <summary>The peer's name and creation, which its pids bear.</summary>
    public async Task<NodeIdentity> IdentityAsync() =>
        await CallAsync("erlang", "whereis", Atom.Of("net_kernel")) is Pid pid
            ? pid.Node
            : throw new ToolException($"{Name.Name} has no net_kernel.");

    /// <summary>A process of the peer, by what somebody typed: a pid, or a registered name.</summary>
    /// <exception cref="ToolException">It makes no sense, or nobody bears the name.</exception>
    public async Task<Pid> FindAsync(string text)
    {
        object named;
        try
        {
            named = Terms.TermParser.Parse(text, null, await IdentityAsync());
        }
        catch (Terms.TermSyntaxException exception)
        {
            throw new ToolException($"'{text}' is neither a pid nor a name: {exception.Message}.");
        }

        object found = named is Atom ? await CallAsync("erlang", "whereis", named) : named;
        return found is Pid pid ? pid : throw new ToolException($"Nobody is registered as '{text}' at {Name.Name}.");
    }

    public ValueTask DisposeAsync() => Own.DisposeAsync();
}
