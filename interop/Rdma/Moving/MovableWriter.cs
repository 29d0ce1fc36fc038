using System.IO.Pipelines;

namespace CloudScale.Interop.Rdma;

/// <summary>What a connection sends, by TCP and then by RDMA. It moves between two writes, never within one.</summary>
internal sealed class MovableWriter(MovableConnection connection, PipeWriter tcp) : PipeWriter
{
    private readonly PipeWriter _tcp = tcp;
    private PipeWriter _current = tcp;
    private long _sent; // by TCP
    private long _unflushed;
    private volatile bool _isComplete;

    /// <summary>Whether it writes by RDMA.</summary>
    internal bool HasMoved => !ReferenceEquals(Volatile.Read(ref _current), _tcp);

    internal bool IsComplete => _isComplete;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

    public override void Advance(int bytes)
    {
        _unflushed += bytes;
        _current.Advance(bytes);
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => _current.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _current.GetSpan(sizeHint);

    public override void CancelPendingFlush() => _current.CancelPendingFlush();

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        _sent += HasMoved ? 0 : _unflushed;
        _unflushed = 0;
        return _current.FlushAsync(cancellationToken);
    }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (!HasMoved)
        {
            if (_unflushed == 0 && !_isComplete && connection.TryLeaveTcp() is { } rdma)
                return MoveAsync(rdma, source);
            _sent += _unflushed + source.Length;
        }

        _unflushed = 0;
        return _current.WriteAsync(source, cancellationToken);
    }

    public override void Complete(Exception? exception = null)
    {
        _isComplete = true;
        _current.Complete(exception);
        if (!HasMoved)
            connection.CompleteUnused();
    }

    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        if (exception is null && _unflushed > 0)
            await FlushAsync();
        Complete(exception);
    }

    private async ValueTask<FlushResult> MoveAsync(RdmaConnection rdma, ReadOnlyMemory<byte> source)
    {
        await _tcp.CompleteAsync(); // nothing comes behind it
        await MovingMark.WriteCountAsync(rdma.Output, _sent);
        Volatile.Write(ref _current, rdma.Output);
        connection.HasMovedOne(rdma, isReader: false);
        return await rdma.Output.WriteAsync(source);
    }
}
