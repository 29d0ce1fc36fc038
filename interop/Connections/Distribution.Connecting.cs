using System.Net;
using CloudScale.Interop.Channel;
using CloudScale.Interop.Handshake;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Connections;

/// <summary>Making connections: our calls, and the life of a connection whoever called.</summary>
public sealed partial class Distribution
{
    private static readonly Atom s_notSupported = Atom.Of("notsup");

    /// <summary>Connects to a node unless it is connected.</summary>
    /// <returns>Whether it is connected now. Why not is in the log, and in <see cref="IDistributionEvents.OnConnectFailed"/>.</returns>
    public ValueTask<bool> ConnectAsync(Atom node)
    {
        ArgumentNullException.ThrowIfNull(node);
        while (CanConnectTo(node))
        {
            Peer peer = _peers.GetOrAdd(node, static name => new Peer(name));
            lock (peer.Gate)
            {
                if (peer.IsRemoved)
                    continue;
                if (peer.Phase == PeerPhase.Up && !peer.Connection!.IsClosed)
                    return ValueTask.FromResult(true);
                peer.Answer ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
                if (peer.Phase == PeerPhase.Idle)
                    BeginAttemptLocked(peer);
                return new ValueTask<bool>(peer.Answer.Task);
            }
        }

        return ValueTask.FromResult(false);
    }

    /// <summary>Ends the connection to a node; the next signal to it makes a new one.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Disconnect(Atom node)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (!_peers.TryGetValue(node, out Peer? peer) || peer.Connection is not { IsClosed: false } connection)
            return false;
        connection.Close(CloseReasons.Disconnect);
        return true;
    }

    private void BeginAttemptLocked(Peer peer)
    {
        peer.Phase = PeerPhase.Pending;
        ConnectAttempt attempt = new();
        peer.Attempt = attempt;
        Track(Task.Run(() => AttemptAsync(peer, attempt)));
    }

    private async Task AttemptAsync(Peer peer, ConnectAttempt attempt)
    {
        using CancellationTokenSource deadline = new(_options.SetupTimeout, _options.TimeProvider);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _stop.Token);
        HandshakeFailure? failure = null;
        try
        {
            await WaitForIncomingAsync(peer, attempt, either.Token);
            if (attempt.Promoted.Task.IsCompleted)
                return;
            failure = await DialAsync(peer, attempt, either.Token);
            if (failure is null)
                return;
            // The other node's own call may be on its way: when it was preferred to ours, and when both failed to find each other in order.
            if (failure.Error == HandshakeError.Superseded || IsIncoming(peer.Name.Name))
                await attempt.Promoted.Task.WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            failure ??= new HandshakeFailure(HandshakeError.TimedOut, $"'{peer.Name.Name}' did not answer within {_options.SetupTimeout}.");
        }
        catch (Exception e)
        {
            Log.LoopBug(_logger, e);
            failure ??= new HandshakeFailure(
                HandshakeError.Unreachable,
                $"The attempt to connect to '{peer.Name.Name}' failed: {e.Message}"
            );
        }

        if (!attempt.Promoted.Task.IsCompleted)
            FailAttempt(peer, attempt, failure);
    }

    // The other node is calling already: wait how that ends, then, under the lock, begin our own.
    private async Task WaitForIncomingAsync(Peer peer, ConnectAttempt attempt, CancellationToken deadline)
    {
        while (true)
        {
            Task ended;
            lock (_incomingGate)
            {
                if (!_incoming.TryGetValue(peer.Name.Name, out Incoming? incoming))
                {
                    attempt.IsDialling = true;
                    return;
                }

                ended = incoming.Ended.Task;
            }

            await Task.WhenAny(ended, attempt.Promoted.Task).WaitAsync(deadline);
            if (attempt.Promoted.Task.IsCompleted)
                return;
        }
    }

    // Null: connected.
    private async Task<HandshakeFailure?> DialAsync(Peer peer, ConnectAttempt attempt, CancellationToken deadline)
    {
        string name = peer.Name.Name;
        ITransportConnection? connection = null;
        try
        {
            (connection, HandshakeFailure? failure) = await ReachAsync(name, deadline);
            if (connection is null)
                return failure;
            HandshakeInitiator machine = new(Identity(connection), name, CookieFor(name));
            failure = await HandshakeDriver.RunAsync(
                connection,
                machine,
                output => machine.AnswerAlive(IsStillWanted(peer, attempt), output),
                deadline
            );
            if (failure is null && TryPromote(peer, machine.Outcome!, connection))
            {
                connection = null;
                return null;
            }

            return failure ?? new HandshakeFailure(HandshakeError.Superseded, $"'{name}' is connected already.");
        }
        finally
        {
            lock (_incomingGate)
                attempt.IsDialling = false;
            if (connection is not null)
                await connection.DisposeAsync();
        }
    }

    /// <summary>An open connection to a node, before the handshake; or why there is none.</summary>
    private async Task<(ITransportConnection? Connection, HandshakeFailure? Failure)> ReachAsync(string name, CancellationToken deadline)
    {
        if (!NodeName.TryParse(name, out NodeName parsed))
            return (null, new HandshakeFailure(HandshakeError.Unreachable, $"'{name}' is no node name: it takes the form name@host."));
        _ = NodeName.TryParse(_name, out NodeName self);
        if (parsed.IsLong != self.IsLong)
        {
            string kinds = $"a {(parsed.IsLong ? "long" : "short")} name and this node '{_name}' a {(self.IsLong ? "long" : "short")} one";
            return (null, new HandshakeFailure(HandshakeError.Unreachable, $"'{name}' has {kinds}; such nodes cannot be connected."));
        }

        if (!IsAllowed(name))
        {
            string text = $"'{name}' is not among the nodes that this node allows (option AllowedNodes, or net_kernel:allow/1).";
            return (null, new HandshakeFailure(HandshakeError.NotAllowed, text));
        }

        ITransportConnection? connection = null;
        try
        {
            EndPoint? endPoint = await _directory.ResolveAsync(name, deadline);
            if (endPoint is null)
            {
                string text = $"No node '{name}' is registered at its host: it is not running, or uses another epmd.";
                return (null, new HandshakeFailure(HandshakeError.Unreachable, text));
            }

            connection = await _transport.ConnectAsync(endPoint, parsed.Host, deadline);
            await connection.OpenAsync(deadline);
            ITransportConnection open = connection;
            connection = null;
            return (open, null);
        }
        catch (IOException e)
        {
            return (null, new HandshakeFailure(HandshakeError.Unreachable, e.Message));
        }
        finally
        {
            if (connection is not null)
                await connection.DisposeAsync();
        }
    }

    private bool IsStillWanted(Peer peer, ConnectAttempt attempt)
    {
        lock (_incomingGate)
        {
            if (attempt.HasYielded)
                return false;
        }

        lock (peer.Gate)
            return peer.Phase == PeerPhase.Pending && ReferenceEquals(peer.Attempt, attempt);
    }

    private HandshakeIdentity Identity(ITransportConnection connection) =>
        connection is IMovableConnection movable
            ? new(_name, _flags, Self.Creation, _abilities | OwnAbilities.Rdma, movable.Offer)
            : new(_name, _flags, Self.Creation, _abilities);

    /// <summary>
    /// Makes a handshake's result the connection of its node: what waited is written first, then the connection is published. False while another is up or its end not
    /// reported.
    /// </summary>
    private bool TryPromote(Peer peer, HandshakeOutcome outcome, ITransportConnection transport)
    {
        IMovableConnection? movable = transport as IMovableConnection;
        if (movable is not null && (outcome.Abilities & OwnAbilities.Rdma) == 0)
        {
            transport = movable.Unmoved; // an Erlang node's goes as if there were no RDMA
            movable = null;
        }

        NodeInfo info = new(
            peer.Name,
            outcome.Creation,
            (outcome.PeerFlags & DistributionFlags.Published) == 0,
            outcome.Flags,
            transport.RemoteDescription,
            Interlocked.Increment(ref _connectionIds)
        )
        {
            IsCompressed = (outcome.Abilities & OwnAbilities.Lz4) != 0,
        };
        NodeConnection connection = new(transport, info, Self, _options, CurrentPace(), this);
        TaskCompletionSource<bool>? answer;
        ConnectAttempt? attempt;
        List<ControlMessage>? refused;
        lock (peer.Gate)
        {
            if (peer.IsRemoved || peer.Phase is PeerPhase.Up or PeerPhase.Reporting || Volatile.Read(ref _state) != 1 || !TryHoldName())
                return false;
            refused = WriteWaitingLocked(peer, connection);
            peer.Waiting = [];
            answer = peer.Answer;
            peer.Answer = null;
            attempt = peer.Attempt;
            peer.Attempt = null;
            peer.Phase = PeerPhase.Up;
            peer.Reported = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            peer.Connection = connection;
            _barred.TryRemove(peer.Name, out _);
            attempt?.Promoted.TrySetResult();
        }

        SetPace(connection);
        movable?.Agree(outcome.PeerOffer, peer.Name.Name, _logger);
        Track(Task.Run(() => LiveAsync(peer, connection, answer, refused)));
        return true;
    }

    /// <returns>The spawn requests among them, if the peer turns out to take none: they are to be answered.</returns>
    private List<ControlMessage>? WriteWaitingLocked(Peer peer, NodeConnection connection)
    {
        List<ControlMessage>? refused = null;
        foreach (ControlMessage waiting in peer.Waiting)
        {
            try
            {
                if (connection.Write(waiting) == WriteResult.Unsupported)
                    (refused ??= []).Add(waiting);
            }
            catch (Exception e)
            {
                Log.ChangedTerm(_logger, peer.Name.Name, e); // it was a term when it was sent; the others must not suffer for it
            }
        }

        return refused;
    }

    /// <summary>A connection from its first report to its last.</summary>
    private async Task LiveAsync(Peer peer, NodeConnection connection, TaskCompletionSource<bool>? answer, List<ControlMessage>? refused)
    {
        Log.NodeUp(_logger, peer.Name.Name, connection.Info.Remote);
        Report(() => _events.OnNodeUp(peer.Name, connection.Info));
        foreach (ControlMessage request in refused ?? [])
            Report(() => _events.OnSpawnReply(request.Reference, request.From, SpawnReplyFlags.None, s_notSupported));
        answer?.TrySetResult(true);
        if (_stop.IsCancellationRequested)
            connection.Close(CloseReasons.Terminated); // promoted while the node was stopping

        Atom reason = await connection.RunAsync();

        lock (peer.Gate)
        {
            peer.Phase = PeerPhase.Reporting;
            peer.Connection = null;
            Bar(peer.Name);
            LetGoOfName();
        }

        Log.NodeDown(_logger, peer.Name.Name, reason.Name);
        Report(() => _events.OnNodeDown(peer.Name, reason));
        EndReport(peer);
        _dynamicNames.Return(peer.Name.Name, connection.Info.Creation);
    }

    private void FailAttempt(Peer peer, ConnectAttempt attempt, HandshakeFailure failure)
    {
        TaskCompletionSource<bool>? answer;
        lock (peer.Gate)
        {
            if (!ReferenceEquals(peer.Attempt, attempt))
                return;
            answer = peer.Answer;
            peer.Answer = null;
            peer.Attempt = null;
            peer.Waiting = [];
            peer.Phase = PeerPhase.Reporting;
            peer.Reported = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        if (!_stop.IsCancellationRequested)
            Log.NotConnected(_logger, peer.Name.Name, failure.Text);
        Atom reason = _stop.IsCancellationRequested ? CloseReasons.Terminated : CloseReasons.SetupFailed;
        Report(() => _events.OnConnectFailed(peer.Name, reason));
        answer?.TrySetResult(false);
        EndReport(peer);
    }

    private void EndReport(Peer peer)
    {
        TaskCompletionSource? reported;
        TaskCompletionSource<bool>? refused = null;
        lock (peer.Gate)
        {
            reported = peer.Reported;
            peer.Reported = null;
            if (Volatile.Read(ref _state) == 1 && !HasNameLapsed && (peer.Waiting.Count > 0 || peer.Answer is not null))
            {
                BeginAttemptLocked(peer);
            }
            else
            {
                refused = peer.Answer;
                peer.Phase = PeerPhase.Idle;
                peer.IsRemoved = true;
                _peers.TryRemove(new KeyValuePair<Atom, Peer>(peer.Name, peer));
            }
        }

        refused?.TrySetResult(false);
        reported?.TrySetResult();
    }

    private void Report(Action report)
    {
        try
        {
            report();
        }
        catch (Exception e)
        {
            Log.LoopBug(_logger, e);
        }
    }
}
