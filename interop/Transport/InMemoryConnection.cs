using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;

namespace CloudScale.Interop.Transport;

/// <summary>One end of a connection in memory.</summary>
/// <remarks>
/// Each direction is two pipes and two loops between them: one takes what was flushed and notes when it is due, the other waits for that time and for the link, then
/// hands it over. At most <see cref="MaxChunksUnderWay"/> chunks are under way; behind them the writer's pipe fills and its flush waits.
/// </remarks>
internal sealed class InMemoryConnection : ITransportConnection
{
    private const int MaxChunksUnderWay = 64;
    private const int MaxUnreadBytes = 64 * 1024;
    private const int MaxChunkBytes = 64 * 1024;

    private readonly InMemoryLink _link;
    private readonly CancellationTokenSource _aborted; // shared by both ends
    private readonly Pipe _outgoing = new(new PipeOptions(pauseWriterThreshold: MaxUnreadBytes, resumeWriterThreshold: MaxUnreadBytes / 2));
    private readonly Pipe _incoming = new(new PipeOptions(pauseWriterThreshold: MaxUnreadBytes, resumeWriterThreshold: MaxUnreadBytes / 2));
    private InMemoryConnection? _attached; // the end that the link knows

    private InMemoryConnection(InMemoryLink link, CancellationTokenSource aborted, string remoteHost)
    {
        _link = link;
        _aborted = aborted;
        RemoteDescription = $"memory:{remoteHost}";
    }

    public PipeReader Input => _incoming.Reader;

    public PipeWriter Output => _outgoing.Writer;

    public string RemoteDescription { get; }

    public static (InMemoryConnection Near, InMemoryConnection Far) CreatePair(
        InMemoryLink link,
        TimeProvider time,
        string nearHost,
        string farHost
    )
    {
        CancellationTokenSource aborted = new();
        InMemoryConnection near = new(link, aborted, farHost);
        InMemoryConnection far = new(link, aborted, nearHost);
        near._attached = far._attached = near;
        near.Carry(far, time);
        far.Carry(near, time);
        return (near, far);
    }

    public void Abort()
    {
        _link.Detach(_attached!);
        _aborted.Cancel();
    }

    public ValueTask DisposeAsync()
    {
        Abort();
        return ValueTask.CompletedTask;
    }

    private void Carry(InMemoryConnection to, TimeProvider time)
    {
        Channel<(byte[]? Bytes, long Due)> underWay = System.Threading.Channels.Channel.CreateBounded<(byte[]?, long)>(MaxChunksUnderWay);
        _ = TakeAsync(underWay.Writer, time);
        _ = HandOverAsync(underWay.Reader, to._incoming.Writer, time);
    }

    private async Task TakeAsync(ChannelWriter<(byte[]?, long)> underWay, TimeProvider time)
    {
        CancellationToken aborted = _aborted.Token;
        try
        {
            while (true)
            {
                ReadResult result = await _outgoing.Reader.ReadAsync(aborted);
                ReadOnlySequence<byte> taken = result.Buffer.Length > MaxChunkBytes ? result.Buffer.Slice(0, MaxChunkBytes) : result.Buffer;
                long due = time.GetTimestamp() + (long)(_link.Delay.TotalSeconds * time.TimestampFrequency);
                if (!taken.IsEmpty)
                    await underWay.WriteAsync((taken.ToArray(), due), aborted);
                bool last = result.IsCompleted && taken.Length == result.Buffer.Length;
                _outgoing.Reader.AdvanceTo(taken.End);
                if (!last)
                    continue;
                await underWay.WriteAsync((null, due), aborted);
                await _outgoing.Reader.CompleteAsync();
                return;
            }
        }
        catch (OperationCanceledException)
        {
            await _outgoing.Reader.CompleteAsync(Broken());
        }
    }

    private async Task HandOverAsync(ChannelReader<(byte[]? Bytes, long Due)> underWay, PipeWriter target, TimeProvider time)
    {
        CancellationToken aborted = _aborted.Token;
        try
        {
            while (true)
            {
                (byte[]? bytes, long due) = await underWay.ReadAsync(aborted);
                long early = due - time.GetTimestamp();
                if (early > 0)
                    await Task.Delay(TimeSpan.FromSeconds((double)early / time.TimestampFrequency), time, aborted);
                await _link.Open.WaitAsync(aborted);
                if (bytes is null)
                {
                    await target.CompleteAsync();
                    return;
                }

                FlushResult result = await target.WriteAsync(bytes, aborted);
                if (!result.IsCompleted)
                    continue;
                await _aborted.CancelAsync(); // nobody reads any more: the writer hears of it as of a closed socket
            }
        }
        catch (OperationCanceledException)
        {
            await target.CompleteAsync(Broken());
        }
    }

    private static IOException Broken() => new("The connection in memory is broken.");
}

/// <summary>A listener in an <see cref="InMemoryNetwork"/>.</summary>
internal sealed class InMemoryListener(InMemoryNetwork network, string host, InMemoryEndPoint endPoint) : ITransportListener
{
    private readonly Channel<InMemoryConnection> _waiting = System.Threading.Channels.Channel.CreateUnbounded<InMemoryConnection>();

    public string Host => host;

    public InMemoryEndPoint EndPoint => endPoint;

    EndPoint ITransportListener.EndPoint => endPoint;

    public bool Offer(InMemoryConnection connection) => _waiting.Writer.TryWrite(connection);

    public async ValueTask<ITransportConnection?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await _waiting.Reader.ReadAsync(cancellationToken);
        }
        catch (ChannelClosedException)
        {
            return null;
        }
    }

    public ValueTask DisposeAsync()
    {
        network.Forget(this);
        _waiting.Writer.TryComplete();
        while (_waiting.Reader.TryRead(out InMemoryConnection? orphan))
            orphan.Abort();
        return ValueTask.CompletedTask;
    }
}
