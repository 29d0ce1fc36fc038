using System.Buffers;
using System.IO.Pipelines;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Rdma;

/// <summary>What a connection receives, as a pipe.</summary>
internal sealed class RdmaPipeReader(RdmaConnection connection) : PipeReader, IOfferingReader
{
    public ValueTask<ReadResult> ReadAsync(IInputTaker taker) => connection.ReadAsync(taker);

    public override bool TryRead(out ReadResult result) => connection.TryRead(out result);

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ValueTask<ReadResult> read = connection.ReadAsync();
        return read.IsCompleted || !cancellationToken.CanBeCanceled ? read : ReadAsync(read, cancellationToken);
    }

    public override void AdvanceTo(SequencePosition consumed) => connection.AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => connection.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => connection.CancelRead();

    /// <remarks>What still comes fills the ring, and then the other side waits: as with a socket that nobody reads.</remarks>
    public override void Complete(Exception? exception = null) { }

    private async ValueTask<ReadResult> ReadAsync(ValueTask<ReadResult> read, CancellationToken cancellationToken)
    {
        ReadResult result;
        await using (cancellationToken.UnsafeRegister(static connection => ((RdmaConnection)connection!).CancelRead(), connection))
            result = await read;
        if (result.IsCanceled)
            cancellationToken.ThrowIfCancellationRequested();
        return result;
    }
}

/// <summary>What a connection sends, as a pipe.</summary>
/// <remarks>A write goes straight from its bytes into registered memory; what is asked for by <see cref="GetMemory"/> gathers until it is flushed.</remarks>
internal sealed class RdmaPipeWriter(RdmaConnection connection) : PipeWriter
{
    private readonly ArrayBufferWriter<byte> _gathered = new();
    private bool _isComplete;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _gathered.WrittenCount;

    public override void Advance(int bytes) => _gathered.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => _gathered.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _gathered.GetSpan(sizeHint);

    /// <remarks>A flush waits for the other side to take bytes; it cannot be cut short without breaking the connection.</remarks>
    public override void CancelPendingFlush() { }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        _gathered.WrittenCount == 0 ? connection.WriteAsync(default) : FlushGatheredAsync();

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (_gathered.WrittenCount == 0)
            return connection.WriteAsync(source);
        _gathered.Write(source.Span);
        return FlushGatheredAsync();
    }

    public override void Complete(Exception? exception = null)
    {
        if (_isComplete)
            return;
        _isComplete = true;
        if (exception is null)
            connection.CompleteWriting();
        else
            connection.Abort();
    }

    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        if (!_isComplete && exception is null && _gathered.WrittenCount > 0)
            await FlushGatheredAsync();
        Complete(exception);
    }

    private async ValueTask<FlushResult> FlushGatheredAsync()
    {
        FlushResult result = await connection.WriteAsync(_gathered.WrittenMemory);
        _gathered.ResetWrittenCount();
        return result;
    }
}
