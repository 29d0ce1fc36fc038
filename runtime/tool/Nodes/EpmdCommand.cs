using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CloudScale.Interop.Epmd;
using Spectre.Console;

namespace CloudScale.Tool.Nodes;

/// <summary><c>cloudscale epmd</c> and <c>cloudscale names</c>: the name server of a host.</summary>
internal static class EpmdCommand
{
    private const byte KillRequest = 107; // KILL_REQ

    public static Command Create(ToolConsole console) =>
        new("epmd", "The name server of a host: asks it, ends it, or is one.") { Names(console), Kill(console), Serve(console) };

    public static Command Names(ToolConsole console)
    {
        Option<int?> port = PeerOptions.NewEpmdPort();
        Option<string?> host = new("--host") { Description = "The host; this one by default." };
        Command command = new("names", "Lists the nodes of a host, and where they listen.") { port, host };
        command.SetGuardedAction(
            console,
            async (result, cancellationToken) =>
            {
                EpmdClient client = new(new EpmdOptions { Port = result.GetValue(port), StartServer = false });
                IPAddress? address = result.GetValue(host) is { } name ? await AddressOf(name, cancellationToken) : null;
                IReadOnlyList<(string Name, int Port)> names = await client.NamesAsync(address, cancellationToken);
                Table table = new Table().Border(TableBorder.None).AddColumns("name", "port");
                foreach ((string node, int at) in names.OrderBy(node => node.Name, StringComparer.Ordinal))
                    table.AddRow(Markup.Escape(node), at.ToString(CultureInfo.InvariantCulture));
                console.Output.Write(table);
                return NodeCommand.Ok;
            }
        );
        return command;
    }

    private static Command Kill(ToolConsole console)
    {
        Option<int?> port = PeerOptions.NewEpmdPort();
        Command command = new("kill", "Ends the name server of this host; one that has living nodes refuses.") { port };
        command.SetGuardedAction(
            console,
            async (result, cancellationToken) =>
            {
                int at = result.GetValue(port) ?? PortOfEnvironment();
                using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                byte[] answer = new byte[64];
                int count;
                try
                {
                    await socket.ConnectAsync(IPAddress.Loopback, at, cancellationToken);
                    await socket.SendAsync(new byte[] { 0, 1, KillRequest }, cancellationToken);
                    count = await socket.ReceiveAsync(answer, cancellationToken);
                }
                catch (SocketException exception)
                {
                    throw new ToolException($"No epmd answers at port {at}: {exception.Message}.");
                }

                bool isOk = Encoding.ASCII.GetString(answer, 0, count) == "OK";
                console.WriteLine(isOk ? "killed" : "refused: nodes are registered, and it was not started with -relaxed_command_check");
                return isOk ? NodeCommand.Ok : NodeCommand.Failed;
            }
        );
        return command;
    }

    private static Command Serve(ToolConsole console)
    {
        Option<int?> port = PeerOptions.NewEpmdPort();
        Option<string?> address = new("--address") { Description = "Where to listen; loopback by default, 0.0.0.0 for all." };
        Command command = new("serve", "Is the name server of this host, until Ctrl-C.") { port, address };
        command.SetGuardedAction(
            console,
            async (result, cancellationToken) =>
            {
                IPAddress? at =
                    result.GetValue(address) is not { } text ? null
                    : IPAddress.TryParse(text, out IPAddress? parsed) ? parsed
                    : throw new ToolException($"'{text}' is no address.");
                EpmdServer server;
                try
                {
                    server = EpmdServer.Start(new EpmdOptions { Port = result.GetValue(port), Address = at });
                }
                catch (SocketException exception)
                {
                    throw new ToolException($"Cannot listen: {exception.Message}. Another epmd may run: cloudscale names tells.");
                }

                await using (server)
                {
                    console.WriteLine($"epmd at {server.EndPoint}");
                    await server.Stopped.WaitAsync(cancellationToken);
                    return NodeCommand.Ok; // somebody killed it, which is allowed
                }
            }
        );
        return command;
    }

    private static async Task<IPAddress> AddressOf(string host, CancellationToken cancellationToken)
    {
        try
        {
            IPAddress[] found = await Dns.GetHostAddressesAsync(host, AddressFamily.InterNetwork, cancellationToken);
            return found.Length > 0 ? found[0] : throw new ToolException($"{host} has no address.");
        }
        catch (SocketException exception)
        {
            throw new ToolException($"{host} cannot be found: {exception.Message}");
        }
    }

    private static int PortOfEnvironment() =>
        int.TryParse(Environment.GetEnvironmentVariable("ERL_EPMD_PORT"), CultureInfo.InvariantCulture, out int port)
            ? port
            : EpmdOptions.DefaultPort;
}
