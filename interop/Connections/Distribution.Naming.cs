using CloudScale.Interop.Handshake;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Connections;

/// <summary>A node without a name of its own: the first node it connects to gives it one, with a creation.</summary>
/// <remarks>
/// Such a node takes no connections and stands in no epmd. Its name is its own while it has a connection; with the last one it lapses, because the giver may then give it to another. Name and creation are part of every pid
/// that has been made, so a node whose name has lapsed connects to nobody any more: it has to be started again. Source: OTP kernel, <c>-name undefined</c>; ERTS User's Guide, Distribution Handshake.
/// </remarks>
public sealed partial class Distribution
{
    private readonly Lock _nameGate = new();
    private int _holders; // connections that hold the given name; under _nameGate
    private bool _hasLapsed; // under _nameGate; read without

    private bool HasNameLapsed => Volatile.Read(ref _hasLapsed);

    private async Task StartNamelessAsync(string giver, CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = new(_options.SetupTimeout, _options.TimeProvider);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(
            deadline.Token,
            cancellationToken,
            _stop.Token
        );
        HandshakeFailure failure;
        try
        {
            if (await TryGetNameAsync(giver, either.Token) is not { } refusal)
                return;
            failure = refusal;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            failure = new HandshakeFailure(HandshakeError.TimedOut, $"'{giver}' did not answer within {_options.SetupTimeout}.");
        }
        catch
        {
            await StopAsync();
            throw;
        }

        await StopAsync();
        throw new TransportException($"This node was given no name. {failure.Text}");
    }

    // Null: named and connected.
    private async Task<HandshakeFailure?> TryGetNameAsync(string giver, CancellationToken deadline)
    {
        (ITransportConnection? connection, HandshakeFailure? failure) = await ReachAsync(giver, deadline);
        if (connection is null)
            return failure;
        try
        {
            _ = NodeName.TryParse(_name, out NodeName nameless);
            HandshakeIdentity asking = new(nameless.Host, _flags | DistributionFlags.NameMe, Creation: 0);
            HandshakeInitiator machine = new(asking, giver, CookieFor(giver));
            failure = await HandshakeDriver.RunAsync(connection, machine, output => machine.AnswerAlive(goOn: false, output), deadline);
            if (failure is not null)
                return failure;
            _name = machine.Given.Name;
            _self = new NodeIdentity(Atom.Of(_name), machine.Given.Creation);
            _events.OnStarted(_self);
            Log.NodeNamed(_logger, _name, giver);
            Peer peer = _peers.GetOrAdd(Atom.Of(giver), static name => new Peer(name));
            TaskCompletionSource<bool> connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (peer.Gate)
                peer.Answer = connected;
            if (!TryPromote(peer, machine.Outcome!, connection))
                return new HandshakeFailure(HandshakeError.Superseded, "It was stopped meanwhile.");
            connection = null;
            await connected.Task;
            return null;
        }
        finally
        {
            if (connection is not null)
                await connection.DisposeAsync();
        }
    }

    /// <summary>A connection is about to stand: the name is held by one more. False if it has lapsed. Always true with a name of one's own.</summary>
    private bool TryHoldName()
    {
        if (_options.NamedBy is null)
            return true;
        lock (_nameGate)
        {
            if (_hasLapsed)
                return false;
            _holders++;
            return true;
        }
    }

    private void LetGoOfName()
    {
        if (_options.NamedBy is null)
            return;
        lock (_nameGate)
        {
            if (--_holders > 0)
                return;
            _hasLapsed = true;
        }

        if (Volatile.Read(ref _state) == 1)
            Log.NameLapsed(_logger, _name, _options.NamedBy);
    }
}
