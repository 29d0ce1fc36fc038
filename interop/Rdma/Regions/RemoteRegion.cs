using System.Runtime.CompilerServices;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Rdma;

/// <summary>A region of another node, by a key: read, written and counted in by the devices, while its processors know nothing of it; or, without RDMA, by those.</summary>
/// <remarks>
/// A queue pair or connection of its own, so a key that is void or a region that goes ends this and not the connection of the nodes. Each operation is a work request; up to <see cref="MaxUnderWay"/> are under way together, more wait for their turn. Long reads and writes
/// are cut in parts of <see cref="PartBytes"/>. Nothing is allocated for an operation of one part. Once it is broken every operation says so; whoever still has a key opens it anew. Threads: any. Owner: whoever opened it disposes it.
/// </remarks>
public sealed class RemoteRegion : IRemoteMemory, IAsyncDisposable
{
    /// <summary>Most operations, or parts of them, that a device has at a time.</summary>
    public const int MaxUnderWay = 8;

    /// <summary>Most bytes of one work request.</summary>
    public const int PartBytes = 32 * 1024;

    private readonly RegionEnd _end = null!; // by RDMA
    private readonly RegionStream? _stream; // by another transport

    private RemoteRegion(RegionKey key, RegionEnd end)
    {
        Key = key;
        _end = end;
    }

    private RemoteRegion(RegionKey key, RegionStream stream)
    {
        Key = key;
        _stream = stream;
    }

    /// <summary>By which it was opened.</summary>
    public RegionKey Key { get; }

    /// <inheritdoc/>
    public long LengthBytes => _stream?.LengthBytes ?? _end.LengthBytes;

    /// <summary>Goes to where a region is, and shows the key.</summary>
    /// <param name="transport">Of the kind by which the region is offered; of RDMA the one whose devices and threads are used.</param>
    /// <param name="key">From the node that offers the region.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TransportException">There is no way there, or the key is void.</exception>
    public static async Task<RemoteRegion> OpenAsync(ITransport transport, RegionKey key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(key);
        RdmaTransport? rdma = transport as RdmaTransport;
        if (rdma is not null)
            RdmaTransport.ThrowIfOff();
        try
        {
            return rdma is null
                ? new RemoteRegion(key, await RegionStream.ConnectAsync(transport, key, cancellationToken))
                : new RemoteRegion(key, await RegionEnd.ConnectAsync(rdma, rdma.HoldEvents(), key, cancellationToken));
        }
        catch (IOException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new TransportException($"Cannot open the region {key}: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public ValueTask ReadAsync(long offset, Memory<byte> target, CancellationToken cancellationToken = default)
    {
        Check(RegionRights.Read, offset, target.Length, isWord: false);
        return target.Length <= PartBytes
            ? ReadPartAsync(offset, target, cancellationToken)
            : ReadPartsAsync(offset, target, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        Check(RegionRights.Write, offset, source.Length, isWord: false);
        return source.Length <= PartBytes
            ? WritePartAsync(offset, source, cancellationToken)
            : WritePartsAsync(offset, source, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<long> CompareExchangeAsync(long offset, long value, long comparand, CancellationToken cancellationToken = default)
    {
        Check(RegionRights.Count, offset, sizeof(long), isWord: true);
        return CountAsync(WorkOperation.CompareSwap, offset, comparand, value, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<long> FetchAddAsync(long offset, long add, CancellationToken cancellationToken = default)
    {
        Check(RegionRights.Count, offset, sizeof(long), isWord: true);
        return CountAsync(WorkOperation.FetchAdd, offset, add, 0, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stream?.DisposeAsync() ?? _end.DisposeAsync();

    private void Check(RegionRights right, long offset, int length, bool isWord)
    {
        if (offset < 0 || length > LengthBytes - offset)
            throw new ArgumentOutOfRangeException(nameof(offset), $"{length} bytes from {offset} on are not within {LengthBytes}.");
        if (isWord && offset % sizeof(long) != 0)
            throw new ArgumentOutOfRangeException(nameof(offset), $"What is counted in lies at a multiple of 8, not at {offset}.");
        if ((Key.Rights & right) == 0)
            throw new InvalidOperationException($"This key gives no right to {right}: {Key}.");
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ReadPartAsync(long offset, Memory<byte> target, CancellationToken cancellationToken)
    {
        if (target.IsEmpty)
            return;
        if (_stream is not null)
        {
            await _stream.DoAsync(new RegionFrame(RegionAct.Read, target.Length, offset, 0, 0), default, target, cancellationToken);
            return;
        }

        RegionWork work = await _end.TakeAsync(cancellationToken);
        try
        {
            await _end.DoAsync(work, WorkOperation.Read, offset, target.Length, 0, 0);
            work.Bytes[..target.Length].CopyTo(target.Span);
        }
        finally
        {
            _end.Return(work);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WritePartAsync(long offset, ReadOnlyMemory<byte> source, CancellationToken cancellationToken)
    {
        if (source.IsEmpty)
            return;
        if (_stream is not null)
        {
            await _stream.DoAsync(new RegionFrame(RegionAct.Write, source.Length, offset, 0, 0), source, default, cancellationToken);
            return;
        }

        RegionWork work = await _end.TakeAsync(cancellationToken);
        try
        {
            source.Span.CopyTo(work.Bytes);
            await _end.DoAsync(work, WorkOperation.Write, offset, source.Length, 0, 0);
        }
        finally
        {
            _end.Return(work);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<long> CountAsync(WorkOperation operation, long offset, long add, long swap, CancellationToken cancellationToken)
    {
        if (_stream is not null)
            return operation == WorkOperation.FetchAdd
                ? await _stream.DoAsync(
                    new RegionFrame(RegionAct.FetchAdd, sizeof(long), offset, add, 0),
                    default,
                    default,
                    cancellationToken
                )
                : await _stream.DoAsync(
                    new RegionFrame(RegionAct.CompareExchange, sizeof(long), offset, swap, add),
                    default,
                    default,
                    cancellationToken
                );
        RegionWork work = await _end.TakeAsync(cancellationToken);
        try
        {
            await _end.DoAsync(work, operation, offset, sizeof(long), add, swap);
            return Unsafe.ReadUnaligned<long>(ref work.Bytes[0]);
        }
        finally
        {
            _end.Return(work);
        }
    }

    private async ValueTask ReadPartsAsync(long offset, Memory<byte> target, CancellationToken cancellationToken)
    {
        List<Task> parts = [];
        for (int done = 0; done < target.Length; done += PartBytes)
            parts.Add(ReadPartAsync(offset + done, target[done..Math.Min(done + PartBytes, target.Length)], cancellationToken).AsTask());
        await Task.WhenAll(parts);
    }

    private async ValueTask WritePartsAsync(long offset, ReadOnlyMemory<byte> source, CancellationToken cancellationToken)
    {
        List<Task> parts = [];
        for (int done = 0; done < source.Length; done += PartBytes)
            parts.Add(WritePartAsync(offset + done, source[done..Math.Min(done + PartBytes, source.Length)], cancellationToken).AsTask());
        await Task.WhenAll(parts);
    }
}
