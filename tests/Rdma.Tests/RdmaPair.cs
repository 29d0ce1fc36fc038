using System.IO.Pipelines;
using System.Net;
using CloudScale.Interop.Rdma;
using CloudScale.Interop.Transport;

namespace CloudScale.Rdma.Tests;

/// <summary>Both ends of a connection.</summary>
internal sealed record RdmaPair(ITransportListener Listener, ITransportConnection Near, ITransportConnection Far) : IAsyncDisposable
{
    internal static async Task<RdmaPair> ConnectAsync(RdmaTransport transport, EndPoint anywhere, TimeSpan? limit = null)
    {
        using CancellationTokenSource timeout = new(limit ?? TimeSpan.FromSeconds(20));
        ITransportListener listener = await transport.ListenAsync(anywhere, timeout.Token);
        ITransportConnection? near = null;
        ITransportConnection? far = null;
        Task<ITransportConnection?> accepting = listener.AcceptAsync(timeout.Token).AsTask();
        try
        {
            near = await transport.ConnectAsync(listener.EndPoint, timeout.Token);
            far = (await accepting)!;
            await Task.WhenAll(near.OpenAsync(timeout.Token).AsTask(), far.OpenAsync(timeout.Token).AsTask());
            return new RdmaPair(listener, near, far);
        }
        catch
        {
            await listener.DisposeAsync();
            await EndAsync(near, far, accepting);
            throw;
        }
    }

    /// <summary>Reads to the end; the number of bytes.</summary>
    internal static async Task<long> DrainAsync(ITransportConnection connection)
    {
        for (long sum = 0; ; )
        {
            ReadResult result = await connection.Input.ReadAsync();
            sum += result.Buffer.Length;
            connection.Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
                return sum;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Near.DisposeAsync();
        await Far.DisposeAsync();
        await Listener.DisposeAsync();
    }

    private static async Task EndAsync(ITransportConnection? near, ITransportConnection? far, Task<ITransportConnection?> accepting)
    {
        if (near is not null)
            await near.DisposeAsync();
        try
        {
            far ??= await accepting;
        }
        catch (Exception e) when (e is TransportException or OperationCanceledException)
        {
            // It was the accepting side that failed.
        }

        if (far is not null)
            await far.DisposeAsync();
    }
}
