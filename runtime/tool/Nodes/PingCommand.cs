using System.CommandLine;
using System.Diagnostics;
using System.Globalization;

namespace CloudScale.Tool.Nodes;

/// <summary><c>cloudscale ping</c>: whether a node is there, as <c>net_adm:ping</c> finds out.</summary>
internal static class PingCommand
{
    public static Command Create(ToolConsole console)
    {
        Command command = new("ping", "Connects to a node and asks whether it is there: pong, or pang and exit code 1.");
        PeerOptions options = new(command);
        command.SetGuardedAction(
            console,
            async (result, cancellationToken) =>
            {
                await using Peer peer = await options.StartAsync(result, cancellationToken);
                if (!await peer.Own.PingAsync(peer.Name, peer.Timeout).WaitAsync(cancellationToken))
                {
                    console.WriteLine("pang");
                    if (peer.Warning is { } warning)
                        await console.Error.WriteLineAsync(warning);
                    return NodeCommand.Failed;
                }

                // The first was the connection's; this is the node's.
                long start = Stopwatch.GetTimestamp();
                await peer.Own.PingAsync(peer.Name, peer.Timeout).WaitAsync(cancellationToken);
                double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"pong {milliseconds:0.0} ms"));
                return NodeCommand.Ok;
            }
        );
        return command;
    }
}
