using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CloudScale.Interop.Epmd;

/// <summary>Asks epmd, the name server of a host: which node listens where.</summary>
/// <remarks>Threads: any. Each look-up is a connection of its own; a registration keeps one.</remarks>
public sealed class EpmdClient
{
    private const int MaxAnswerBytes = 1 << 20; // a list of all names; far more than any host has

    private readonly ILogger _logger;
    private readonly TimeProvider _time;

    /// <summary>Makes a client; nothing is connected yet.</summary>
    public EpmdClient(EpmdOptions? options = null, ILogger? logger = null, TimeProvider? timeProvider = null)
    {
        Options = options ?? new EpmdOptions();
        _logger = logger ?? NullLogger.Instance;
        _time = timeProvider ?? TimeProvider.System;
    }

    internal EpmdOptions Options { get; }

    /// <summary>
    /// Registers a node of this host and keeps it registered, through restarts of the daemon, until the result is disposed. Starts our own server first if none is
    /// reachable and <see cref="EpmdOptions.StartServer"/> is set.
    /// </summary>
    /// <exception cref="EpmdException">The name is taken, the daemon is not reachable, or its answer makes no sense.</exception>
    public async Task<EpmdRegistration> RegisterAsync(EpmdNode node, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        EpmdRegistration registration = new(this, node, _logger, _time);
        try
        {
            await registration.StartAsync(cancellationToken);
            return registration;
        }
        catch
        {
            await registration.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where a node listens, or null if no node of that name is registered.</summary>
    /// <param name="name">The part of the node name before the <c>@</c>.</param>
    /// <param name="host">The host whose epmd is asked; null for this one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EpmdException">The daemon is not reachable, or its answer makes no sense.</exception>
    public async Task<EpmdNode?> ResolveAsync(string name, IPAddress? host = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        byte[] answer = await AskAsync(EpmdMessages.PortPleaseRequest(name), host, cancellationToken);
        return EpmdMessages.TryReadPortAnswer(answer, out EpmdNode? node, out string? error)
            ? node
            : throw BadAnswer(EndPointOf(host), error);
    }

    /// <summary>The names and ports registered at a host.</summary>
    /// <exception cref="EpmdException">The daemon is not reachable, or its answer makes no sense.</exception>
    public async Task<IReadOnlyList<(string Name, int Port)>> NamesAsync(
        IPAddress? host = null,
        CancellationToken cancellationToken = default
    )
    {
        byte[] answer = await AskAsync(EpmdMessages.BareRequest(EpmdOpcode.Names), host, cancellationToken);
        return EpmdMessages.TryReadNamesAnswer(answer, out IReadOnlyList<(string, int)> names, out string? error)
            ? names
            : throw BadAnswer(EndPointOf(host), error);
    }

    /// <summary>Connects, registers, and hands over the connection that carries the registration.</summary>
    internal async Task<(Socket Connection, uint Creation)> AliveAsync(EpmdNode node, CancellationToken cancellationToken)
    {
        IPEndPoint endPoint = EndPointOf(null);
        using CancellationTokenSource deadline = Deadline(cancellationToken);
        Socket connection = await ConnectAsync(endPoint, deadline.Token, cancellationToken);
        try
        {
            await SendAsync(connection, EpmdMessages.AliveRequest(node), deadline.Token);
            byte[] answer = new byte[6];
            int filled = 0;
            byte result;
            uint creation;
            while (!EpmdMessages.TryReadAliveAnswer(answer.AsSpan(0, filled), out result, out creation, out int needed, out string? error))
            {
                if (needed == 0)
                    throw BadAnswer(endPoint, error);
                int count = await connection.ReceiveAsync(answer.AsMemory(filled, needed - filled), deadline.Token);
                if (count == 0)
                    throw BadAnswer(endPoint, "nothing more in the middle of its answer to a registration");
                filled += count;
            }

            if (result != 0)
                throw new EpmdException(
                    EpmdError.NameTaken,
                    $"The node name '{node.Name}' is taken: epmd at {endPoint} has a living node of that name. Stop that node or choose another name."
                );
            return (connection, creation);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            connection.Dispose();
            throw Unreachable(endPoint, e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private async Task<byte[]> AskAsync(byte[] request, IPAddress? host, CancellationToken cancellationToken)
    {
        IPEndPoint endPoint = EndPointOf(host);
        using CancellationTokenSource deadline = Deadline(cancellationToken);
        using Socket connection = await ConnectAsync(endPoint, deadline.Token, cancellationToken);
        try
        {
            await SendAsync(connection, request, deadline.Token);
            using MemoryStream answer = new();
            byte[] chunk = new byte[1024];
            for (int count; (count = await connection.ReceiveAsync(chunk, deadline.Token)) > 0; )
            {
                if (answer.Length + count > MaxAnswerBytes)
                    throw BadAnswer(endPoint, $"more than {MaxAnswerBytes} bytes");
                answer.Write(chunk, 0, count);
            }

            return answer.ToArray();
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw Unreachable(endPoint, e);
        }
    }

    private static async Task<Socket> ConnectAsync(IPEndPoint endPoint, CancellationToken deadline, CancellationToken callers)
    {
        Socket connection = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await connection.ConnectAsync(endPoint, deadline);
            return connection;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException && !callers.IsCancellationRequested)
        {
            connection.Dispose();
            throw Unreachable(endPoint, e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static async Task SendAsync(Socket connection, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await connection.SendAsync(bytes, cancellationToken)..];
    }

    private IPEndPoint EndPointOf(IPAddress? host) => host is null ? Options.LocalEndPoint : new IPEndPoint(host, Options.EffectivePort);

    private CancellationTokenSource Deadline(CancellationToken cancellationToken)
    {
        CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Options.Timeout);
        return deadline;
    }

    private static EpmdException Unreachable(IPEndPoint endPoint, Exception inner) =>
        new(
            EpmdError.Unreachable,
            $"No epmd answers at {endPoint} ({inner.Message}). Start one with 'epmd -daemon', or check ERL_EPMD_PORT and the firewall.",
            inner
        );

    private static EpmdException BadAnswer(IPEndPoint endPoint, string? what) =>
        new(EpmdError.BadAnswer, $"What listens at {endPoint} is no epmd we understand: it sent {what}.");
}
