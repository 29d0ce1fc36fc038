using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using CloudScale.Interop.Channel;
using CloudScale.Interop.Transport;
using CloudScale.Serialization.Etf;
using Microsoft.Extensions.Logging;

namespace CloudScale.Interop.Connections;

/// <summary>What a <see cref="NodeConnection"/> tells its owner.</summary>
internal interface INodeConnectionOwner
{
    /// <summary>Where connections wait for those who come by; null where each has a thread.</summary>
    SocketWatch? Watch { get; }

    /// <summary>A signal arrived. Called from the connection's one read loop, which waits for the task, if there is one, before it goes on.</summary>
    Task? OnControl(NodeConnection connection, in ControlMessage message, EncodedTerm body);

    /// <summary>What waited to be sent has shrunk to half the busy limit. Called from any thread.</summary>
    void OnNotBusy(NodeConnection connection);
}

/// <summary>One established connection: reads packets, keeps the ticks, and (other file) sends.</summary>
/// <remarks>
/// Threads: <see cref="RunAsync"/> once; everything else any. The connection ends when it is closed from either side; <see cref="RunAsync"/> then returns why.
/// </remarks>
internal sealed partial class NodeConnection : IThreadPoolWorkItem, IInputTaker
{
    private const int LongBytes = 16 << 10; // from so many missing bytes on a packet is read where it belongs

    private readonly ITransportConnection _transport;
    private readonly INodeConnectionOwner _owner;
    private readonly DistributionOptions _options;
    private readonly ILogger _logger;
    private readonly EtfDecodeContext _context;
    private readonly PacketReader _reader;
    private readonly Lock _tickGate = new();
    private readonly NetTicks _ticks; // under _tickGate
    private readonly long _start;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously); // set by Close
    private ITimer? _tickTimer; // under _tickGate; null before the read loop and after it
    private MixedTraffic _comes; // of the read loop
    private PacketRoom? _room; // where the packet goes of which the beginning has come
    private Task? _pause; // what the read loop waits for before it goes on
    private bool _isPaused; // written by the read loop, read by the tick timer
    private bool _cachesAtoms; // of the read loop, as far as it has asked for it
    private bool _hasFailed; // what was taken for the read loop
    private long _received; // written by the read loop; reads of the transport, so that the parts of a long packet count as life

    public NodeConnection(
        ITransportConnection transport,
        NodeInfo info,
        NodeIdentity self,
        DistributionOptions options,
        TickPace pace,
        INodeConnectionOwner owner
    )
    {
        _transport = transport;
        Info = info;
        _options = options;
        _owner = owner;
        _logger = options.Logger;
        _context = new EtfDecodeContext(options.Limits, self) { OnRefused = OnRefused };
        bool refers = transport is IGatheringConnection && !info.IsCompressed;
        _writer = new PacketWriter(info.Flags, options.FragmentBytes, options.UsesAtomCache, refers);
        _reader = new PacketReader(
            info.Flags,
            _context,
            new FragmentAssembly(options.MaxFragmentedMessages, options.MaxPacketBytes, options.MaxFragmentedBytes),
            info.IsCompressed ? options.MaxPacketBytes : 0
        );
        _compressor = info.IsCompressed ? new PacketCompressor(options.CompressionThresholdBytes) : null;
        _start = options.TimeProvider.GetTimestamp();
        _ticks = new NetTicks(pace, TimeSpan.Zero);
    }

    public NodeInfo Info { get; }

    /// <summary>How many reads brought something.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>Reads until the connection ends, and returns why it did.</summary>
    public Task<Atom> RunAsync() =>
        ReaderThread.Run(_transport, _owner.Watch, _options.ReaderThreads, $"reader of {Info.Name.Name}", RunLoopAsync);

    private async Task<Atom> RunLoopAsync()
    {
        StartTicking();
        try
        {
            await ReadAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // Broken by the peer, the network or Close.
        }
        catch (Exception e)
        {
            Log.ReceiveBug(_logger, Info.Name.Name, e);
        }

        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // what an end brings about is not for a thread that came by
        await StopTickingAsync();
        _reader.Release();
        Close(CloseReasons.ConnectionClosed);
        await _transport.DisposeAsync();
        return _closeReason!;
    }

    private async Task ReadAsync()
    {
        PipeReader input = _transport.Input;
        IOfferingReader? offering = input as IOfferingReader;
        while (true)
        {
            ReaderThread.RunDeferred();
            ReadResult result = await (offering is null ? input.ReadAsync() : offering.ReadAsync(this));
            if (_hasFailed)
                return;
            Interlocked.Increment(ref _received);
            ReadOnlySequence<byte> rest = result.Buffer;
            bool goOn = _pause is not null || TakePackets(ref rest);
            if (_pause is { } pause)
            {
                input.AdvanceTo(rest.Start); // what is left is read again, before anything new is asked for
                await PauseAsync(pause);
                continue;
            }

            if (_room is { } room && !result.IsCompleted)
            {
                _room = null;
                rest = rest.Slice(sizeof(uint) + room.HeadBytes);
                rest.CopyTo(room.Bytes.Span);
                input.AdvanceTo(rest.End);
                if (await ReadLongAsync(room, (int)rest.Length))
                    continue;
                return;
            }

            input.AdvanceTo(rest.Start, rest.End);
            if (!goOn || result.IsCompleted)
                return;
        }
    }

    /// <remarks>What the read loop does with whole packets, while it waits.</remarks>
    bool IInputTaker.TryTake(ReadOnlySpan<byte> bytes, out int taken)
    {
        Interlocked.Increment(ref _received);
        taken = 0;
        try
        {
            while (bytes.Length - taken >= sizeof(uint) && _pause is null && !IsClosed)
            {
                uint length = BinaryPrimitives.ReadUInt32BigEndian(bytes[taken..]);
                if (length > Math.Min((uint)(bytes.Length - taken - sizeof(uint)), (uint)_options.MaxPacketBytes))
                    return false;
                ReadOnlySpan<byte> packet = bytes.Slice(taken + sizeof(uint), (int)length);
                taken += sizeof(uint) + packet.Length;
                _hasFailed = !packet.IsEmpty && !TakePacket(packet);
                if (_hasFailed)
                    return false;
            }
        }
        catch (Exception e)
        {
            Log.ReceiveBug(_logger, Info.Name.Name, e);
            _hasFailed = true;
        }

        return taken == bytes.Length && _pause is null && !IsClosed && !_hasFailed;
    }

    /// <summary>Reads the rest of a packet where it belongs, past the pipe.</summary>
    private async ValueTask<bool> ReadLongAsync(PacketRoom room, int filled)
    {
        var socket = (ISocketConnection)_transport;
        ReaderThread.RunDeferred();
        while (filled < room.Bytes.Length)
        {
            int read = await socket.ReadAsync(room.Bytes[filled..]);
            if (read == 0)
                return false;
            Interlocked.Increment(ref _received);
            filled += read;
        }

        bool goOn = TakeLongPacket(room);
        if (goOn && _pause is { } pause)
            await PauseAsync(pause);
        return goOn && !IsClosed;
    }

    private bool TakeLongPacket(in PacketRoom room)
    {
        if (_comes.OnLong(Environment.TickCount64))
            (_transport as ISocketConnection)?.NarrowInput(isNarrow: false);
        bool goOn = Act(_reader.Read(room, out ControlMessage message, out EncodedTerm body, out string? error), message, body, error);
        if (room.IsRented)
            ArrayPool<byte>.Shared.Return(room.Array!);
        return goOn;
    }

    /// <summary>A receiver has enough. Nothing is read meanwhile, so the peer is not to be taken for silent.</summary>
    private async Task PauseAsync(Task pause)
    {
        Volatile.Write(ref _isPaused, true);
        ReaderThread.RunDeferred();
        await Task.WhenAny(pause, _ended.Task);
        _pause = null;
        Interlocked.Increment(ref _received);
        Volatile.Write(ref _isPaused, false);
    }

    private bool TakePackets(ref ReadOnlySequence<byte> input)
    {
        int taken = 0;
        bool goOn = TakePackets(ref input, ref taken);
        (_transport as ISocketConnection)?.OnTaken(taken);
        return goOn;
    }

    private bool TakePackets(ref ReadOnlySequence<byte> input, ref int taken)
    {
        for (; !IsClosed; taken++)
        {
            switch (Packets.TryRead(ref input, (uint)_options.MaxPacketBytes, out ReadOnlySequence<byte> packet, out uint length))
            {
                case PacketStatus.NeedMoreData:
                    FindRoom(input, length);
                    return true;
                case PacketStatus.TooLarge:
                    Log.PacketTooLarge(_logger, Info.Name.Name, length, _options.MaxPacketBytes);
                    return false;
                default:
                    if (!packet.IsEmpty && !TakePacket(packet))
                        return false;
                    if (_pause is not null)
                        return true;
                    break;
            }
        }

        return false;
    }

    private void FindRoom(in ReadOnlySequence<byte> input, uint length)
    {
        if (
            length + sizeof(uint) >= input.Length + LongBytes
            && _transport is ISocketConnection
            && input.FirstSpan.Length > sizeof(uint)
            && _reader.TryFindRoom(input.FirstSpan[sizeof(uint)..], (int)length, out PacketRoom room)
        )
            _room = room;
    }

    private bool TakePacket(in ReadOnlySequence<byte> packet)
    {
        if (packet.IsSingleSegment)
            return TakePacket(packet.FirstSpan);

        byte[] rented = ArrayPool<byte>.Shared.Rent((int)packet.Length);
        try
        {
            packet.CopyTo(rented);
            return TakePacket(rented.AsSpan(0, (int)packet.Length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private bool TakePacket(ReadOnlySpan<byte> packet)
    {
        PacketKind kind = _reader.Read(packet, out ControlMessage message, out EncodedTerm body, out string? error);
        if (_reader.HasOpen && kind == PacketKind.Signal && packet.Length < LongBytes && _comes.OnShort(Environment.TickCount64))
            (_transport as ISocketConnection)?.NarrowInput(isNarrow: true);
        return Act(kind, message, body, error);
    }

    private bool Act(PacketKind kind, in ControlMessage message, EncodedTerm body, string? error)
    {
        if (!_cachesAtoms && _reader.HasCachedAtoms)
            CacheAtoms();
        switch (kind)
        {
            case PacketKind.Nothing:
                return true;
            case PacketKind.Signal when message.SpeaksFor(Info.Name):
                _pause = _owner.OnControl(this, message, body);
                return true;
            default:
                Log.Malformed(
                    _logger,
                    Info.Name.Name,
                    error ?? $"a signal {message.Kind} in the name of {message.From}, which is no process of its own"
                );
                return false;
        }
    }

    /// <summary>A message that was taken turned out to be none when its receiver looked at it. Any thread.</summary>
    private void OnRefused(string error)
    {
        Log.Malformed(_logger, Info.Name.Name, $"a message that is no term ({error})");
        Close(CloseReasons.ConnectionClosed);
    }

    /// <summary>Another pace for the ticks, from now on; nothing happens if it is the one there is.</summary>
    public void SetPace(TickPace pace)
    {
        lock (_tickGate)
        {
            if (_ticks.Pace == pace)
                return;
            _ticks.Change(pace, _options.TimeProvider.GetElapsedTime(_start));
            _tickTimer?.Change(pace.Interval, pace.Interval);
        }
    }

    private void StartTicking()
    {
        lock (_tickGate)
            _tickTimer = _options.TimeProvider.CreateTimer(_ => Tick(), null, _ticks.Pace.Interval, _ticks.Pace.Interval);
    }

    private ValueTask StopTickingAsync()
    {
        ITimer? timer;
        lock (_tickGate)
            (timer, _tickTimer) = (_tickTimer, null);
        return timer?.DisposeAsync() ?? default;
    }

    private void Tick()
    {
        NetTickDecision decision;
        TimeSpan tickTime;
        if (Volatile.Read(ref _isPaused))
            Interlocked.Increment(ref _received); // the silence is ours
        lock (_tickGate)
        {
            decision = _ticks.Poll(_options.TimeProvider.GetElapsedTime(_start), Received, Volatile.Read(ref _sent));
            tickTime = _ticks.Pace.TickTime;
        }

        switch (decision)
        {
            case NetTickDecision.SendTick:
                WriteTick();
                break;
            case NetTickDecision.PeerDown:
                Log.NodeSilent(_logger, Info.Name.Name, tickTime);
                Close(CloseReasons.NetTickTimeout);
                break;
            default:
                break;
        }
    }
}

/// <summary>Why a connection ended, in Erlang's words.</summary>
internal static class CloseReasons
{
    public static readonly Atom ConnectionClosed = Atom.Of("connection_closed");
    public static readonly Atom NetTickTimeout = Atom.Of("net_tick_timeout");
    public static readonly Atom Disconnect = Atom.Of("disconnect");
    public static readonly Atom Terminated = Atom.Of("net_kernel_terminated");
    public static readonly Atom SetupFailed = Atom.Of("connection_setup_failed");
}
