using System.IO.Pipelines;
using CloudScale.Interop.Transport;

namespace CloudScale.Rdma.Tests;

/// <summary>A connection whose bytes pass only while its link is open.</summary>
internal sealed class FaultyConnection : ITransportConnection, ISocketConnection
{
    private readonly ITransportConnection _inner;
    private readonly TaskCompletionSource _isOver = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal FaultyConnection(ITransportConnection inner, FaultyLink link)
    {
        _inner = inner;
        Link = link;
        Input = new Reader(this);
        Output = new Writer(this);
    }

    internal FaultyLink Link { get; }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    public string RemoteDescription => _inner.RemoteDescription;

    private ISocketConnection Socket => (ISocketConnection)_inner;

    public ValueTask OpenAsync(CancellationToken cancellationToken) => _inner.OpenAsync(cancellationToken);

    public void Abort()
    {
        _isOver.TrySetResult();
        _inner.Abort();
    }

    public ValueTask DisposeAsync()
    {
        _isOver.TrySetResult();
        Link.Remove(this);
        return _inner.DisposeAsync();
    }

    public void ReadOnThisThread() => Socket.ReadOnThisThread();

    public void UseRuntime() => Socket.UseRuntime();

    public bool TryRunWriter(IThreadPoolWorkItem work) => Socket.TryRunWriter(work);

    public async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        int length = await Socket.ReadAsync(buffer);
        await PassAsync();
        return length;
    }

    private Task PassAsync(CancellationToken cancellationToken = default)
    {
        Task open = Link.Open;
        return open.IsCompleted ? open : Task.WhenAny(open, _isOver.Task).WaitAsync(cancellationToken);
    }

    private sealed class Reader(FaultyConnection connection) : PipeReader
    {
        private PipeReader Inner => connection._inner.Input;

        public override bool TryRead(out ReadResult result)
        {
            result = default;
            return connection.PassAsync().IsCompleted && Inner.TryRead(out result);
        }

        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            ReadResult result = await Inner.ReadAsync(cancellationToken);
            await connection.PassAsync(cancellationToken);
            return result;
        }

        public override void AdvanceTo(SequencePosition consumed) => Inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => Inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => Inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => Inner.Complete(exception);
    }

    private sealed class Writer(FaultyConnection connection) : PipeWriter
    {
        private PipeWriter Inner => connection._inner.Output;

        public override Memory<byte> GetMemory(int sizeHint = 0) => Inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => Inner.GetSpan(sizeHint);

        public override void Advance(int bytes) => Inner.Advance(bytes);

        public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            await connection.PassAsync(cancellationToken);
            return await Inner.FlushAsync(cancellationToken);
        }

        public override async ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
        {
            await connection.PassAsync(cancellationToken);
            return await Inner.WriteAsync(source, cancellationToken);
        }

        public override void CancelPendingFlush() => Inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => Inner.Complete(exception);
    }
}
