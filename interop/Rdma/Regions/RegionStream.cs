using System.Buffers.Binary;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Rdma;

/// <summary>The calling side of a region that a processor serves: requests go out one behind the other, and answers come in the same order.</summary>
/// <remarks>Threads: any; one task reads.</remarks>
internal sealed class RegionStream : IAsyncDisposable
{
    private readonly ITransportConnection _connection;
    private readonly SemaphoreSlim _turns = new(RemoteRegion.MaxUnderWay);
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Lock _gate = new();
    private readonly Queue<Pending> _pending = new(); // under _gate, in the order of the requests
    private readonly byte[] _request = new byte[RegionFrame.WireBytes + RemoteRegion.PartBytes]; // of whoever writes
    private readonly Task _reading;
    private IOException? _broken; // under _gate

    private RegionStream(ITransportConnection connection, long lengthBytes)
    {
        _connection = connection;
        LengthBytes = lengthBytes;
        _reading = Task.Run(ReadAsync);
    }

    internal long LengthBytes { get; }

    /// <summary>A request that is under way.</summary>
    private sealed class Pending(Memory<byte> target) : TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        internal Memory<byte> Target => target;
    }

    /// <exception cref="IOException">There is no way there, or the key is void.</exception>
    internal static async Task<RegionStream> ConnectAsync(ITransport transport, RegionKey key, CancellationToken cancellationToken)
    {
        ITransportConnection connection = await transport.ConnectAsync(key.EndPoint, cancellationToken);
        try
        {
            await connection.OpenAsync(cancellationToken);
            byte[] bytes = new byte[RegionRequest.LengthBytes];
            new RegionRequest(key.Rights, key.Id, key.Secret).Write(bytes);
            await connection.Output.WriteAsync(bytes, cancellationToken);
            byte[] answered = new byte[RegionAnswer.WireBytes];
            if (!await RegionFrames.TryReadAsync(connection.Input, answered, cancellationToken))
                throw new IOException("The key is void, or there is no room.");
            if (!RegionAnswer.TryRead(answered, out RegionAnswer answer))
                throw new IOException("The other side offers no regions.");
            return new RegionStream(connection, answer.LengthBytes);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>One request.</summary>
    /// <param name="frame">Checked already.</param>
    /// <param name="source">The bytes of a write.</param>
    /// <param name="target">Where the bytes of a read go; until it has completed they are the reading task's.</param>
    /// <param name="cancellationToken">Gives up while it waits for its turn.</param>
    /// <returns>The number of one that counts, else 0.</returns>
    /// <exception cref="IOException">The way is broken.</exception>
    internal async ValueTask<long> DoAsync(
        RegionFrame frame,
        ReadOnlyMemory<byte> source,
        Memory<byte> target,
        CancellationToken cancellationToken
    )
    {
        await _turns.WaitAsync(cancellationToken);
        try
        {
            Pending pending = new(target);
            await _writing.WaitAsync(CancellationToken.None);
            try
            {
                lock (_gate)
                {
                    if (_broken is not null)
                        throw _broken;
                    _pending.Enqueue(pending);
                }

                frame.Write(_request);
                source.CopyTo(_request.AsMemory(RegionFrame.WireBytes));
                await _connection.Output.WriteAsync(_request.AsMemory(0, RegionFrame.WireBytes + source.Length), CancellationToken.None);
            }
            catch (Exception e) when (e is ObjectDisposedException or IOException)
            {
                Break(e);
                throw e as IOException ?? new IOException(e.Message, e);
            }
            finally
            {
                _writing.Release();
            }

            return await pending.Task;
        }
        finally
        {
            _turns.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Break(new IOException("It was closed here."));
        await _reading;
        await _connection.DisposeAsync();
    }

    private async Task ReadAsync()
    {
        byte[] head = new byte[sizeof(int)];
        byte[] number = new byte[sizeof(long)];
        try
        {
            while (await RegionFrames.TryReadAsync(_connection.Input, head))
            {
                Pending? pending;
                lock (_gate)
                    _pending.TryPeek(out pending);
                int length = BinaryPrimitives.ReadInt32BigEndian(head);
                bool isNumber = pending is { Target.IsEmpty: true } && length == sizeof(long);
                if (pending is null || (!isNumber && length != pending.Target.Length))
                    throw new IOException("The other side has answered what was not asked.");
                if (!await RegionFrames.TryReadAsync(_connection.Input, isNumber ? number : pending.Target))
                    break;
                lock (_gate)
                    _pending.TryDequeue(out _);
                pending.TrySetResult(isNumber ? BinaryPrimitives.ReadInt64BigEndian(number) : 0);
            }

            Break(new IOException("The other side has shown us out, or is gone."));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            Break(e);
        }
        finally
        {
            FailPending(); // nobody writes into their memory any more
        }
    }

    /// <summary>The first reason counts; the task that reads ends, and with it all that waits.</summary>
    private void Break(Exception reason)
    {
        lock (_gate)
            _broken ??= new IOException(
                $"The connection with the region at {_connection.RemoteDescription} is broken: {reason.Message}",
                reason
            );
        _connection.Abort();
    }

    private void FailPending()
    {
        Pending[] failed;
        IOException reason;
        lock (_gate)
        {
            reason = _broken ??= new IOException("The connection with the region is broken.");
            failed = [.. _pending];
            _pending.Clear();
        }

        foreach (Pending pending in failed)
            pending.TrySetException(reason);
    }
}
