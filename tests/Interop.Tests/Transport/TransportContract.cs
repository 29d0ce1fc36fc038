using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Tests.Transport;

/// <summary>What every transport keeps.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase), CancelAfter(30_000)]
public abstract class TransportContract
{
    protected abstract ITransport Server { get; }

    protected abstract ITransport Client { get; }

    /// <summary>An address where nobody listens.</summary>
    protected abstract EndPoint Nowhere { get; }

    /// <summary>Where to listen, with a port that is free.</summary>
    protected virtual EndPoint Anywhere { get; } = new IPEndPoint(IPAddress.Loopback, 0);

    [Test]
    public async Task Bytes_BothDirections_ArriveInOrder()
    {
        await using Connected pair = await ConnectAsync();
        await pair.Near.Output.WriteAsync("ping"u8.ToArray());
        Assert.That(await ReadAsync(pair.Far.Input, 4), Is.EqualTo("ping"u8.ToArray()));
        await pair.Far.Output.WriteAsync("po"u8.ToArray());
        await pair.Far.Output.WriteAsync("ng"u8.ToArray());
        Assert.That(await ReadAsync(pair.Near.Input, 4), Is.EqualTo("pong"u8.ToArray()));
    }

    [Test]
    public async Task Bytes_SeveralMegabytesInOddPieces_ArriveUnchanged()
    {
        await using Connected pair = await ConnectAsync();
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        byte[] sent = new byte[3_000_000];
        random.NextBytes(sent);

        Task writer = Task.Run(async () =>
        {
            for (int position = 0; position < sent.Length; )
            {
                int length = Math.Min(random.Next(1, 200_000), sent.Length - position);
                await pair.Near.Output.WriteAsync(sent.AsMemory(position, length));
                position += length;
            }

            await pair.Near.Output.CompleteAsync();
        });
        byte[] received = await ReadToEndAsync(pair.Far.Input);
        await writer;
        Assert.That(received.AsSpan().SequenceEqual(sent), Is.True, $"seed {seed}");
    }

    [Test]
    public async Task Output_Completed_OtherSideReadsToTheEndAndCanStillAnswer()
    {
        await using Connected pair = await ConnectAsync();
        await pair.Near.Output.WriteAsync("last"u8.ToArray());
        await pair.Near.Output.CompleteAsync();
        Assert.That(await ReadToEndAsync(pair.Far.Input), Is.EqualTo("last"u8.ToArray()));

        await pair.Far.Output.WriteAsync("answer"u8.ToArray());
        Assert.That(await ReadAsync(pair.Near.Input, 6), Is.EqualTo("answer"u8.ToArray()));
    }

    [Test]
    public async Task Flush_OtherSideDoesNotRead_WaitsUntilItDoes()
    {
        await using Connected pair = await ConnectAsync();
        byte[] chunk = new byte[256 * 1024];
        long written = 0;
        Task<FlushResult> pending = Task.FromResult(default(FlushResult));
        while (pending.IsCompleted)
        {
            Assert.That(written, Is.LessThan(512L << 20), "somebody takes bytes without end");
            pending = pair.Near.Output.WriteAsync(chunk).AsTask();
            written += chunk.Length;
            await Task.WhenAny(pending, Task.Delay(200)); // time for the kernel or the loops to take what they will
        }

        Task<byte[]> reader = ReadAsync(pair.Far.Input, (int)written);
        await pending;
        Assert.That(await reader, Has.Length.EqualTo(written));
    }

    [Test]
    public async Task Abort_PendingReads_EndOnBothSides()
    {
        await using Connected pair = await ConnectAsync();
        Task near = ReadUntilBrokenAsync(pair.Near.Input);
        Task far = ReadUntilBrokenAsync(pair.Far.Input);
        pair.Near.Abort();
        pair.Near.Abort();
        await Task.WhenAll(near, far);
    }

    [Test]
    public async Task Abort_PendingFlush_Ends()
    {
        await using Connected pair = await ConnectAsync();
        byte[] chunk = new byte[1 << 20];
        Task writer = Task.Run(async () =>
        {
            try
            {
                while (!(await pair.Near.Output.WriteAsync(chunk)).IsCompleted) { }
            }
            catch (IOException)
            {
                // One of the two ways for it to end.
            }
        });
        pair.Far.Abort();
        await writer;
    }

    [Test]
    public async Task Connect_NobodyListens_SaysWhere()
    {
        TransportException? refused = await Assert.ThrowsAsync<TransportException>(async () => await Client.ConnectAsync(Nowhere));
        Assert.That(refused!.Message, Does.Contain(Nowhere.ToString()!));
    }

    [Test]
    public async Task Listener_Disposed_EndsAccept()
    {
        ITransportListener listener = await Server.ListenAsync(Anywhere);
        Task<ITransportConnection?> pending = listener.AcceptAsync().AsTask();
        await listener.DisposeAsync();
        Assert.That(await pending, Is.Null);
    }

    [Test]
    public async Task Connection_Remote_IsDescribed()
    {
        await using Connected pair = await ConnectAsync();
        Assert.That(pair.Near.RemoteDescription, Is.Not.Empty);
        Assert.That(pair.Far.RemoteDescription, Is.Not.Empty);
    }

    private async Task<Connected> ConnectAsync()
    {
        ITransportListener listener = await Server.ListenAsync(Anywhere);
        Task<ITransportConnection?> accepted = listener.AcceptAsync().AsTask();
        ITransportConnection near = await Client.ConnectAsync(listener.EndPoint);
        Connected pair = new(listener, near, (await accepted)!);
        try
        {
            await Task.WhenAll(near.OpenAsync(default).AsTask(), pair.Far.OpenAsync(default).AsTask());
            return pair;
        }
        catch
        {
            await pair.DisposeAsync(); // what is left of it would be found by the tests after this one
            throw;
        }
    }

    protected static async Task<byte[]> ReadAsync(PipeReader input, int count)
    {
        byte[] bytes = new byte[count];
        for (int filled = 0; filled < count; )
        {
            ReadResult result = await input.ReadAsync();
            ReadOnlySequence<byte> part = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, count - filled));
            part.CopyTo(bytes.AsSpan(filled));
            filled += (int)part.Length;
            input.AdvanceTo(part.End);
            Assert.That(filled == count || !result.IsCompleted, "the stream ended too early");
        }

        return bytes;
    }

    private static async Task<byte[]> ReadToEndAsync(PipeReader input)
    {
        using MemoryStream all = new();
        await input.CopyToAsync(all);
        return all.ToArray();
    }

    private static async Task ReadUntilBrokenAsync(PipeReader input)
    {
        try
        {
            while (true)
            {
                ReadResult result = await input.ReadAsync();
                input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                    return;
            }
        }
        catch (IOException)
        {
            // One of the two ways for it to end.
        }
    }

    private sealed record Connected(ITransportListener Listener, ITransportConnection Near, ITransportConnection Far) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Near.DisposeAsync();
            await Far.DisposeAsync();
            await Listener.DisposeAsync();
        }
    }
}
