using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Rdma;

/// <summary>What a connection receives, by TCP to its end and then by RDMA, as one stream.</summary>
/// <remarks>
/// What TCP has brought and the reader has not taken when it ends is carried over: copied, and then, until the reader has taken that, each read is copied behind it. A node writes whole packets and so moves between two of them; there is nothing
/// left to carry once it has dealt with those.
/// </remarks>
internal sealed class MovableReader(MovableConnection connection, PipeReader tcp) : PipeReader, IOfferingReader
{
    private readonly PipeReader _tcp = tcp;
    private PipeReader _current = tcp;
    private long _received; // by TCP, and taken
    private bool _isOver; // TCP has ended, and nothing follows
    private ReadOnlySequence<byte> _given; // of TCP
    private byte[]? _carried;
    private int _carriedLength;
    private int _carriedSeen;
    private bool _hasCarriedAll; // and the stream has ended

    private bool HasMoved => !ReferenceEquals(_current, _tcp);

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_carried is not null)
            return ReadCarriedAsync(cancellationToken);
        ValueTask<ReadResult> read = _current.ReadAsync(cancellationToken);
        if (HasMoved || _isOver)
            return read;
        if (!read.IsCompletedSuccessfully)
            return ReadTcpAsync(read, cancellationToken);
        ReadResult result = read.Result;
        if (result.IsCompleted && !result.IsCanceled)
            return TurnAsync(result, cancellationToken);
        _given = result.Buffer;
        return new ValueTask<ReadResult>(result);
    }

    /// <remarks>By RDMA only, and when nothing is carried: that comes before what it brings.</remarks>
    public ValueTask<ReadResult> ReadAsync(IInputTaker taker) =>
        HasMoved && _carried is null && _current is IOfferingReader rdma ? rdma.ReadAsync(taker) : ReadAsync();

    public override bool TryRead(out ReadResult result)
    {
        if (_carried is not null)
            return TryReadCarried(out result);
        if (!_current.TryRead(out result))
            return false;
        if (HasMoved || _isOver)
            return true;
        _given = result.Buffer;
        if (!result.IsCompleted)
            return true;
        _current.AdvanceTo(result.Buffer.Start);
        result = default;
        return false; // ReadAsync finds out what follows
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_carried is not null)
        {
            AdvanceCarried(consumed.GetInteger(), examined.GetInteger());
            return;
        }

        if (!HasMoved && !_isOver)
        {
            _received += _given.Slice(0, consumed).Length;
            _given = default;
        }

        _current.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => _current.CancelPendingRead();

    public override void Complete(Exception? exception = null) => _current.Complete(exception);

    /// <summary>Reads past the pipe, of which nothing is left over.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<int> ReadPastAsync(ISocketConnection socket, Memory<byte> buffer)
    {
        if (!HasMoved)
        {
            int read = await socket.ReadAsync(buffer);
            _received += read;
            if (read > 0 || _isOver || !await TryTurnAsync(unread: 0))
                return read;
        }

        ReadResult result = await ReadAsync();
        int length = (int)Math.Min(buffer.Length, result.Buffer.Length);
        ReadOnlySequence<byte> taken = result.Buffer.Slice(0, length);
        taken.CopyTo(buffer.Span);
        AdvanceTo(taken.End);
        return length;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadTcpAsync(ValueTask<ReadResult> read, CancellationToken cancellationToken)
    {
        ReadResult result = await read;
        if (result.IsCompleted && !result.IsCanceled)
            return await TurnAsync(result, cancellationToken);
        _given = result.Buffer;
        return result;
    }

    /// <summary>TCP has ended.</summary>
    private async ValueTask<ReadResult> TurnAsync(ReadResult last, CancellationToken cancellationToken)
    {
        int unread = (int)last.Buffer.Length;
        if (!await TryTurnAsync(unread))
        {
            _given = last.Buffer;
            return last;
        }

        if (unread > 0)
        {
            _carried = ArrayPool<byte>.Shared.Rent(unread);
            last.Buffer.CopyTo(_carried);
            _carriedLength = unread;
        }

        _tcp.AdvanceTo(last.Buffer.End);
        return await ReadAsync(cancellationToken);
    }

    /// <returns>False if the end of TCP is the end of all.</returns>
    /// <exception cref="IOException">The other side has sent more than has come.</exception>
    private async ValueTask<bool> TryTurnAsync(long unread)
    {
        if (await connection.FollowAsync() is not { } rdma || await MovingMark.ReadCountAsync(rdma.Input) is not { } count)
        {
            _isOver = true;
            return false;
        }

        if (count != _received + unread)
        {
            connection.Abort();
            throw new IOException(
                $"TCP ended after {_received + unread} bytes, of {count} that were sent before the connection moved to RDMA."
            );
        }

        _current = rdma.Input;
        connection.HasMovedOne(rdma, isReader: true);
        return true;
    }

    private async ValueTask<ReadResult> ReadCarriedAsync(CancellationToken cancellationToken)
    {
        if (TryReadCarried(out ReadResult result))
            return result;
        ReadResult more = await _current.ReadAsync(cancellationToken);
        Carry(more);
        return new ReadResult(new ReadOnlySequence<byte>(_carried!, 0, _carriedLength), more.IsCanceled, _hasCarriedAll);
    }

    private bool TryReadCarried(out ReadResult result)
    {
        result = new ReadResult(new ReadOnlySequence<byte>(_carried!, 0, _carriedLength), false, _hasCarriedAll);
        return _carriedSeen < _carriedLength || _hasCarriedAll;
    }

    private void Carry(in ReadResult more)
    {
        int length = _carriedLength + (int)more.Buffer.Length;
        if (length > _carried!.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(length);
            _carried.AsSpan(0, _carriedLength).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_carried);
            _carried = larger;
        }

        more.Buffer.CopyTo(_carried.AsSpan(_carriedLength));
        _carriedLength = length;
        _hasCarriedAll = more.IsCompleted;
        _current.AdvanceTo(more.Buffer.End);
    }

    private void AdvanceCarried(int consumed, int seen)
    {
        _carriedLength -= consumed;
        _carriedSeen = Math.Max(seen - consumed, 0);
        _carried.AsSpan(consumed, _carriedLength).CopyTo(_carried);
        if (_carriedLength > 0 || _hasCarriedAll)
            return;
        ArrayPool<byte>.Shared.Return(_carried!);
        _carried = null;
        _carriedSeen = 0;
    }
}
