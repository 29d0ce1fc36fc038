using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using CloudScale.Interop.Transport;
using Microsoft.Extensions.Logging;

namespace CloudScale.Interop.Tests.Connections;

/// <summary>Connections of another transport that pass for sockets: a test says what window the other side offers, and when the writer comes to it.</summary>
internal sealed class ScriptedTransport(ITransport inner) : ITransport
{
    private readonly Lock _gate = new();
    private readonly List<IThreadPoolWorkItem> _work = [];
    private bool _holds;

    internal int Window { get; set; }

    /// <summary>Whether its connections might move, if the other side could, and pass for nothing else meanwhile.</summary>
    internal bool IsMovable { get; init; }

    /// <summary>Writes nothing until what is done meanwhile is done.</summary>
    internal void WriteAfter(Action action)
    {
        lock (_gate)
            _holds = true;
        action();
        lock (_gate)
        {
            _holds = false;
            foreach (IThreadPoolWorkItem work in _work)
                ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
            _work.Clear();
        }
    }

    public ValueTask<ITransportListener> ListenAsync(EndPoint endPoint, CancellationToken cancellationToken = default) =>
        inner.ListenAsync(endPoint, cancellationToken);

    public async ValueTask<ITransportConnection> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken = default)
    {
        Connection connection = new(this, await inner.ConnectAsync(endPoint, cancellationToken));
        return IsMovable ? new Movable(connection) : connection;
    }

    private void Write(IThreadPoolWorkItem work)
    {
        lock (_gate)
        {
            if (_holds)
                _work.Add(work);
            else
                ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
        }
    }

    private sealed class Connection(ScriptedTransport transport, ITransportConnection inner) : ITransportConnection, ISocketConnection
    {
        public PipeReader Input => inner.Input;

        public PipeWriter Output => inner.Output;

        public string RemoteDescription => inner.RemoteDescription;

        public int? PeerWindow => transport.Window;

        public void ReadOnThisThread() => throw new NotSupportedException("A pipe in memory is not waited for by a thread.");

        public void UseRuntime() { }

        public bool TryRunWriter(IThreadPoolWorkItem work)
        {
            transport.Write(work);
            return true;
        }

        public async ValueTask<int> ReadAsync(Memory<byte> buffer)
        {
            ReadResult result = await inner.Input.ReadAsync();
            int length = (int)Math.Min(buffer.Length, result.Buffer.Length);
            result.Buffer.Slice(0, length).CopyTo(buffer.Span);
            inner.Input.AdvanceTo(result.Buffer.GetPosition(length));
            return length;
        }

        public void Abort() => inner.Abort();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class Movable(Connection connection) : ITransportConnection, IMovableConnection
    {
        public PipeReader Input => connection.Input;

        public PipeWriter Output => connection.Output;

        public string RemoteDescription => connection.RemoteDescription;

        public ReadOnlyMemory<byte> Offer => default;

        public ITransportConnection Unmoved => connection;

        public void Agree(ReadOnlyMemory<byte> offer, string node, ILogger logger) { }

        public void Abort() => connection.Abort();

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }
}
