using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using CloudScale.Interop.Epmd;

namespace CloudScale.Tool.Nodes;

/// <summary>What every command that talks to a node takes, and the connection that comes of it.</summary>
internal sealed class PeerOptions
{
    private readonly Argument<string> _node = new("node") { Description = "The node, name@host; without a host, one of this machine." };
    private readonly Option<string?> _cookie = new("--cookie", "-c") { Description = "The cookie; by default that of ~/.erlang.cookie." };
    private readonly Option<string?> _name = new("--name", "-n") { Description = "The name of the tool's own node, which is hidden." };
    private readonly Option<int?> _epmdPort = NewEpmdPort();
    private readonly Option<double> _timeout = new("--timeout", "-t")
    {
        Description = "Seconds to wait for an answer.",
        DefaultValueFactory = _ => 5,
    };

    public PeerOptions(Command command)
    {
        command.Arguments.Add(_node);
        command.Options.Add(_cookie);
        command.Options.Add(_name);
        command.Options.Add(_epmdPort);
        command.Options.Add(_timeout);
    }

    public static Option<int?> NewEpmdPort() =>
        new("--epmd-port") { Description = "The port of epmd; by default that of ERL_EPMD_PORT, else 4369." };

    /// <summary>Starts a node for the tool, and connects it.</summary>
    /// <exception cref="ToolException">It cannot be reached; the text says why.</exception>
    public async Task<Peer> ConnectAsync(ParseResult result, CancellationToken cancellationToken)
    {
        Peer peer = await StartAsync(result, cancellationToken);
        try
        {
            return await peer.ConnectAsync().WaitAsync(peer.Timeout, cancellationToken)
                ? peer
                : throw new ToolException($"{peer.Name.Name} cannot be reached. {peer.Warning}");
        }
        catch (TimeoutException)
        {
            await peer.DisposeAsync();
            throw new ToolException($"{peer.Name.Name} does not answer within {peer.Timeout.TotalSeconds} s. {peer.Warning}");
        }
        catch
        {
            await peer.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a node for the tool.</summary>
    public async Task<Peer> StartAsync(ParseResult result, CancellationToken cancellationToken)
    {
        string target = FullName(result.GetRequiredValue(_node));
        string host = target[(target.IndexOf('@', StringComparison.Ordinal) + 1)..];
        WarningLog log = new();
        NodeOptions options = new()
        {
            Name = result.GetValue(_name) ?? $"cloudscale-{Environment.ProcessId:x}-{Random.Shared.Next(0x10000):x}@{OwnHost(host)}",
            Cookie = result.GetValue(_cookie) ?? Cookies.Read(Cookies.DefaultPath),
            Hidden = true,
            ConnectAll = false,
            PreventOverlappingPartitions = false,
            EpmdPort = result.GetValue(_epmdPort),
            // A name server that lived as long as one command would only confuse whoever finds it.
            StartEpmd = !IsThisMachine(host),
            ShutdownGrace = TimeSpan.FromMilliseconds(200),
            ListenAddress = IsThisMachine(host) ? IPAddress.Loopback : null,
        };
        try
        {
            Node own = await Node.StartAsync(options, log, cancellationToken);
            return new Peer(own, target, TimeSpan.FromSeconds(Math.Max(result.GetValue(_timeout), 0.01)), log);
        }
        catch (Exception exception) when (exception is EpmdException or ArgumentException)
        {
            throw new ToolException(exception.Message);
        }
    }

    /// <summary>A name without a host is one of this machine, as <c>erl -sname</c> has it.</summary>
    private static string FullName(string node) => node.Contains('@', StringComparison.Ordinal) ? node : $"{node}@{ShortHost}";

    private static string ShortHost => Dns.GetHostName().Split('.')[0];

    private static bool IsThisMachine(string host) =>
        host == "localhost"
        || string.Equals(host, Dns.GetHostName(), StringComparison.OrdinalIgnoreCase)
        || string.Equals(host, ShortHost, StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));

    /// <summary>Short names connect to short names only, long to long: ours is of the peer's kind.</summary>
    private static string OwnHost(string host)
    {
        if (IsThisMachine(host))
            return host;
        if (!host.Contains('.', StringComparison.Ordinal))
            return ShortHost;
        try
        {
            using Socket way = new(SocketType.Dgram, ProtocolType.Udp);
            way.Connect(host, 9); // sends nothing; tells which of our addresses leads there
            IPAddress own = ((IPEndPoint)way.LocalEndPoint!).Address;
            return (own.IsIPv4MappedToIPv6 ? own.MapToIPv4() : own).ToString();
        }
        catch (SocketException exception)
        {
            throw new ToolException($"{host} cannot be found: {exception.Message}");
        }
    }
}
