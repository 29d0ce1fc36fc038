using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using CloudScale.Interop.Transport;

namespace CloudScale.Perf.Rdma;

/// <summary>Connections of a transport, without a node.</summary>
internal static class Streams
{
    private const long LotBytes = 4 << 20; // of a lot that does not count
    private const long SettleBytes = 4 << 20;

    /// <summary>The times of round trips, in ticks of the stopwatch.</summary>
    internal static async Task<long[]> PingPongAsync(ITransport transport, EndPoint anywhere, int size, int rounds)
    {
        (ITransportListener listener, ITransportConnection near, ITransportConnection far) = await ConnectAsync(transport, anywhere);
        Task echo = Task.Run(async () =>
        {
            byte[] back = new byte[size];
            while (await TakeAsync(far.Input, size))
                await far.Output.WriteAsync(back);
        });
        long[] times = await Task.Run(async () =>
        {
            byte[] message = new byte[size];
            long[] times = new long[rounds];
            Warming warming = new();
            while (warming.GoesOn)
            {
                for (int i = 0; i < Warming.Rounds; i++)
                {
                    await near.Output.WriteAsync(message);
                    await TakeAsync(near.Input, size);
                }

                while (warming.IsCompiling)
                    await Task.Delay(Warming.Pause);
            }

            for (int i = -Warming.RoundsToSettle; i < rounds; i++)
            {
                long start = Stopwatch.GetTimestamp();
                await near.Output.WriteAsync(message);
                await TakeAsync(near.Input, size);
                if (i >= 0)
                    times[i] = Stopwatch.GetTimestamp() - start;
            }

            await near.Output.CompleteAsync();
            return times;
        });
        await echo;
        await EndAsync(listener, near, far);
        return times;
    }

    /// <summary>So many bytes, after lots that do not count.</summary>
    internal static async Task<Interval> ThroughputAsync(ITransport transport, EndPoint anywhere, int size, long total)
    {
        (ITransportListener listener, ITransportConnection near, ITransportConnection far) = await ConnectAsync(transport, anywhere);
        long countsFrom = long.MaxValue; // bytes, once the writer knows
        Task writer = Task.Run(async () =>
        {
            byte[] bytes = new byte[size];
            long sent = 0;
            async Task WriteAsync(long count)
            {
                for (long end = sent + count; sent < end; sent += size)
                    await near.Output.WriteAsync(bytes);
            }

            Warming warming = new();
            while (warming.GoesOn)
            {
                await WriteAsync(LotBytes);
                while (warming.IsCompiling)
                    await Task.Delay(Warming.Pause);
            }

            Volatile.Write(ref countsFrom, sent + SettleBytes);
            await WriteAsync(SettleBytes + total);
            await near.Output.CompleteAsync();
        });
        Interval start = default;
        await Task.Run(async () =>
        {
            bool counts = false;
            for (long read = 0; ; )
            {
                ReadResult result = await far.Input.ReadAsync();
                read += result.Buffer.Length;
                if (!counts && read >= Volatile.Read(ref countsFrom))
                    (counts, start) = (true, Interval.Now);
                far.Input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                    return;
            }
        });
        Interval interval = Interval.Since(start);
        await writer;
        await EndAsync(listener, near, far);
        return interval;
    }

    private static async ValueTask<bool> TakeAsync(PipeReader input, int size)
    {
        ReadResult result = await input.ReadAtLeastAsync(size);
        if (result.Buffer.Length < size)
            return false;
        input.AdvanceTo(result.Buffer.GetPosition(size));
        return true;
    }

    private static async Task<(ITransportListener, ITransportConnection, ITransportConnection)> ConnectAsync(
        ITransport transport,
        EndPoint anywhere
    )
    {
        ITransportListener listener = await transport.ListenAsync(anywhere);
        Task<ITransportConnection?> accepting = listener.AcceptAsync().AsTask();
        ITransportConnection near = await transport.ConnectAsync(listener.EndPoint);
        ITransportConnection far = (await accepting)!;
        await near.OpenAsync(default);
        await far.OpenAsync(default);
        foreach (ITransportConnection end in (ITransportConnection[])[near, far])
            (end as ISocketConnection)?.UseRuntime(); // as a node does
        return (listener, near, far);
    }

    private static async Task EndAsync(ITransportListener listener, ITransportConnection near, ITransportConnection far)
    {
        await near.DisposeAsync();
        await far.DisposeAsync();
        await listener.DisposeAsync();
    }
}
