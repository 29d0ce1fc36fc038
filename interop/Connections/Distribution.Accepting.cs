using CloudScale.Interop.Handshake;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Connections;

/// <summary>Taking connections, and what happens when two nodes call each other at the same time.</summary>
/// <remarks>
/// A caller is known by the name he gives long before he has proved it. So a name alone changes nothing here: it is noted while the handshake runs (and our own call to
/// that node waits for its end), no atom is made of it, no connection is closed for it. All that comes with the proof.
/// </remarks>
public sealed partial class Distribution
{
    private readonly Lock _incomingGate = new();
    private readonly Dictionary<string, Incoming> _incoming = new(StringComparer.Ordinal); // under _incomingGate
    private readonly LinkedList<CancellationTokenSource> _handshakes = []; // oldest first; under _incomingGate
    private readonly AddressLimiter _addresses;
    private readonly DynamicNames _dynamicNames = new();

    /// <summary>The calls of one name that are in the middle of their handshake.</summary>
    private sealed class Incoming
    {
        public int Count { get; set; }

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private async Task AcceptAsync(ITransportListener listener)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                ITransportConnection? connection = await listener.AcceptAsync(_stop.Token);
                if (connection is null)
                    return;
                Take(connection);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (TransportException e)
            {
                Log.AcceptFailed(_logger, e.Message);
                await Task.Delay(s_acceptPause, _options.TimeProvider);
            }
        }
    }

    // Here, and not in the caller's own task: places are held in the order in which callers came, however the tasks come to run.
    private void Take(ITransportConnection connection)
    {
        if (!_addresses.TryTake(connection.RemoteDescription, _options.TimeProvider.GetTimestamp()))
        {
            Log.CallRefused(
                _logger,
                connection.RemoteDescription,
                $"More than {_options.MaxCallsPerAddress} calls a second have come from there (option MaxCallsPerAddress)."
            );
            Track(Task.Run(async () => await connection.DisposeAsync()));
            return;
        }

        LinkedListNode<CancellationTokenSource> place = TakePlace(
            new CancellationTokenSource(_options.SetupTimeout, _options.TimeProvider)
        );
        Track(Task.Run(() => TakeAsync(connection, place)));
    }

    private async Task TakeAsync(ITransportConnection connection, LinkedListNode<CancellationTokenSource> place)
    {
        using CancellationTokenSource deadline = place.Value;
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _stop.Token);
        HandshakeAcceptor machine = new(Identity(connection), CookieFor, _dynamicNames.Take);
        bool isNoted = false;
        bool isKept = false;
        try
        {
            await connection.OpenAsync(either.Token);
            HandshakeFailure? failure = await HandshakeDriver.RunAsync(
                connection,
                machine,
                output =>
                {
                    HandshakeStatus status = Weigh(machine.PeerName!, connection);
                    isNoted = status is HandshakeStatus.Ok or HandshakeStatus.OkSimultaneous or HandshakeStatus.Alive;
                    return machine.Answer(status, output);
                },
                either.Token
            );
            if (failure is null)
                isKept = await TakeOverAsync(machine.Outcome!, connection, either.Token);
            else if (failure.Error == HandshakeError.Superseded)
                Log.CallSuperseded(_logger, connection.RemoteDescription, failure.Text);
            else
                Log.CallRefused(_logger, connection.RemoteDescription, failure.Text);
        }
        catch (TransportException e)
        {
            Log.CallRefused(_logger, connection.RemoteDescription, e.Message);
        }
        catch (OperationCanceledException)
        {
            if (_stop.IsCancellationRequested)
                return;
            if (HasPlace(place))
                Log.CallRefused(_logger, connection.RemoteDescription, $"The handshake did not end within {_options.SetupTimeout}.");
            else
                Log.TooManyCalls(_logger, connection.RemoteDescription, _options.MaxIncomingHandshakes);
        }
        finally
        {
            GivePlace(place);
            if (isNoted)
                EndIncoming(machine.PeerName!);
            if (!isKept)
            {
                if (machine.PeerName is { } name)
                    _dynamicNames.Return(name, machine.PeerCreation);
                await connection.DisposeAsync();
            }
        }
    }

    /// <summary>
    /// Who has been at it longest makes room for who comes: a handshake takes a moment, so those that hang about are not the good ones, and they must not keep the good ones out.
    /// </summary>
    private LinkedListNode<CancellationTokenSource> TakePlace(CancellationTokenSource handshake)
    {
        LinkedListNode<CancellationTokenSource> place = new(handshake);
        CancellationTokenSource? oldest = null;
        lock (_incomingGate)
        {
            if (_handshakes.Count >= _options.MaxIncomingHandshakes)
            {
                oldest = _handshakes.First!.Value;
                _handshakes.RemoveFirst();
            }

            _handshakes.AddLast(place);
        }

        try
        {
            if (oldest is not null)
                Track(oldest.CancelAsync());
        }
        catch (ObjectDisposedException)
        {
            // It has just ended by itself.
        }

        return place;
    }

    private bool HasPlace(LinkedListNode<CancellationTokenSource> place)
    {
        lock (_incomingGate)
            return place.List is not null;
    }

    private void GivePlace(LinkedListNode<CancellationTokenSource> place)
    {
        lock (_incomingGate)
        {
            if (place.List is not null)
                _handshakes.Remove(place);
        }
    }

    /// <summary>The answer to a caller's name; from any but a refusal on, the call is noted.</summary>
    private HandshakeStatus Weigh(string name, ITransportConnection connection)
    {
        _ = NodeName.TryParse(name, out NodeName parsed);
        if (name == _name || !IsAllowed(name) || !connection.MayBe(parsed.Host))
            return HandshakeStatus.NotAllowed;
        HandshakeStatus status = HandshakeStatus.Ok;
        lock (_incomingGate)
        {
            if (Atom.TryGetExisting(name, out Atom? atom) && _peers.TryGetValue(atom, out Peer? peer))
            {
                lock (peer.Gate)
                {
                    if (peer.Phase == PeerPhase.Up && !peer.Connection!.IsClosed)
                        status = HandshakeStatus.Alive;
                    else if (peer.Phase == PeerPhase.Pending && peer.Attempt is { IsDialling: true } attempt)
                        status = WeighSimultaneous(attempt, name);
                }
            }

            if (status != HandshakeStatus.Nok)
                NoteIncomingLocked(name);
        }

        return status;
    }

    // The node with the greater name keeps its call. Ours, if it is the lesser, runs on until the other node tells it the same.
    private HandshakeStatus WeighSimultaneous(ConnectAttempt attempt, string name)
    {
        if (string.CompareOrdinal(_name, name) > 0)
            return HandshakeStatus.Nok;
        attempt.HasYielded = true;
        return HandshakeStatus.OkSimultaneous;
    }

    private void NoteIncomingLocked(string name)
    {
        if (!_incoming.TryGetValue(name, out Incoming? incoming))
            _incoming[name] = incoming = new Incoming();
        incoming.Count++;
    }

    private void EndIncoming(string name)
    {
        Incoming? ended = null;
        lock (_incomingGate)
        {
            if (_incoming.TryGetValue(name, out Incoming? incoming) && --incoming.Count == 0)
            {
                _incoming.Remove(name);
                ended = incoming;
            }
        }

        ended?.Ended.TrySetResult();
    }

    private bool IsIncoming(string name)
    {
        lock (_incomingGate)
            return _incoming.ContainsKey(name);
    }

    /// <summary>
    /// The caller has proved himself: the connection is his. An older one to the same node is dead for him, so it is ended and its end reported first.
    /// </summary>
    private async Task<bool> TakeOverAsync(HandshakeOutcome outcome, ITransportConnection connection, CancellationToken deadline)
    {
        Atom node = Atom.Of(outcome.PeerName);
        while (Volatile.Read(ref _state) == 1)
        {
            Peer peer = _peers.GetOrAdd(node, static name => new Peer(name));
            if (TryPromote(peer, outcome, connection))
                return true;
            Task reported;
            lock (peer.Gate)
            {
                peer.Connection?.Close(CloseReasons.ConnectionClosed);
                reported = peer.Reported?.Task ?? Task.CompletedTask;
            }

            await reported.WaitAsync(deadline);
        }

        return false;
    }
}
