using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace CloudScale.Interop.Transport;

/// <summary>One TLS connection: nothing but a socket until it is opened.</summary>
internal sealed class TlsConnection : ITransportConnection
{
    private readonly Socket _socket;
    private readonly SslStream _stream;
    private readonly TlsTransportOptions _options;
    private readonly Func<SslStream, TlsConnection, CancellationToken, Task> _authenticate;
    private PipeReader? _input;
    private TlsPipeWriter? _output;
    private string? _refusal; // what we have against the other's certificate

    public TlsConnection(Socket socket, TlsTransportOptions options, Func<SslStream, TlsConnection, CancellationToken, Task> authenticate)
    {
        _socket = socket;
        _options = options;
        _authenticate = authenticate;
        _stream = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false);
        RemoteDescription = socket.RemoteEndPoint?.ToString() ?? "an unknown address";
    }

    public PipeReader Input => _input ?? throw NotOpen();

    public PipeWriter Output => _output ?? throw NotOpen();

    public string RemoteDescription { get; }

    public int HandshakeLengthBytes => 4;

    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _authenticate(_stream, this, cancellationToken);
        }
        catch (AuthenticationException e)
        {
            throw new TransportException(
                _refusal is null
                    ? $"TLS with {RemoteDescription} did not come about: {e.GetBaseException().Message}. The other side may not believe our certificate."
                    : $"TLS with {RemoteDescription} did not come about: {_refusal}",
                e
            );
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            throw new TransportException(
                $"TLS with {RemoteDescription} did not come about: {e.GetBaseException().Message} The other side may speak no TLS, or not believe our certificate.",
                e
            );
        }

        TcpTransportOptions tcp = _options.Tcp;
        _input = PipeReader.Create(
            _stream,
            new StreamPipeReaderOptions(bufferSize: tcp.ReadBufferBytes, minimumReadSize: tcp.ReadBufferBytes / 8, leaveOpen: true)
        );
        _output = new TlsPipeWriter(PipeWriter.Create(_stream, new StreamPipeWriterOptions(leaveOpen: true)), _stream, _socket);
    }

    public bool MayBe(string host) =>
        !_options.ChecksCallersHost || (_stream.RemoteCertificate is X509Certificate2 certificate && certificate.MatchesHostname(host));

    /// <summary>Whether the other side's certificate is believed; if not, why not is kept for the log.</summary>
    public bool Weigh(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, string? host = null)
    {
        if (errors == SslPolicyErrors.None)
            return true;
        string subject = certificate is null ? "" : $" '{certificate.Subject}'";
        if ((errors & SslPolicyErrors.RemoteCertificateNotAvailable) != 0)
            _refusal = "it shows no certificate, and one is required (option RequiresCertificate).";
        else if ((errors & SslPolicyErrors.RemoteCertificateChainErrors) != 0)
            _refusal =
                $"its certificate{subject} is not believed: {string.Join(", ", (chain?.ChainStatus ?? []).Select(status => status.Status))} (option Authorities).";
        else
            _refusal = $"its certificate{subject} is not for the host '{host}' of its node name (option ChecksHost).";
        return false;
    }

    public void Abort() => _socket.Dispose();

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose(); // before the stream, which would say good-bye and wait
        try
        {
            await _stream.DisposeAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It is gone.
        }
    }

    private static InvalidOperationException NotOpen() => new("The connection has not been opened.");

    /// <summary>A stream writer whose completion tells the other side that nothing more comes.</summary>
    private sealed class TlsPipeWriter(PipeWriter inner, SslStream stream, Socket socket) : PipeWriter
    {
        public override void Advance(int bytes) => inner.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
            inner.FlushAsync(cancellationToken);

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
            inner.WriteAsync(source, cancellationToken);

        public override void Complete(Exception? exception = null) => _ = CompleteAsync(exception).AsTask();

        public override async ValueTask CompleteAsync(Exception? exception = null)
        {
            try
            {
                await inner.CompleteAsync(exception);
                await stream.ShutdownAsync(); // close_notify: without it an end could be forged
                socket.Shutdown(SocketShutdown.Send);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException or InvalidOperationException)
            {
                // Broken already: the other side knows.
            }
        }
    }
}
