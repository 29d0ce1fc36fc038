using System.Diagnostics;
using System.Globalization;

namespace CloudScale.Perf.Nodes;

/// <summary>One implementation of the two nodes, or what they are measured beside.</summary>
internal sealed record Kind(
    string Name,
    Func<string, string, int, ProcessStartInfo> Server,
    Func<string, string, int, string, string, int, ProcessStartInfo> Client
);

/// <summary>Starts two nodes, lets one talk to the other, and reads what it says.</summary>
internal static class Pairing
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private static int s_runs;

    internal static Kind Ours { get; } =
        new(
            "ours",
            (name, cookie, schedulers) => OurProcess("--server", name, cookie, Text(schedulers)),
            (name, cookie, schedulers, server, scenario, ms) =>
                OurProcess("--client", name, cookie, Text(schedulers), server, scenario, Text(ms))
        );

    internal static Kind Beam(string beams) =>
        new(
            "BEAM",
            (name, cookie, schedulers) => ErlangProcess(beams, name, cookie, schedulers, "-s", "node_peer", "server"),
            (name, cookie, schedulers, server, scenario, ms) =>
                ErlangProcess(beams, name, cookie, schedulers, "-s", "node_peer", "client", server, scenario, Text(ms))
        );

    /// <summary>No node, but a loop over a socket, at this port.</summary>
    internal static Kind Raw(int port) =>
        new(
            "TCP",
            (_, _, _) => OurProcess("--raw-server", Text(port)),
            (_, _, _, _, scenario, ms) => OurProcess("--raw-client", Text(port), scenario, Text(ms))
        );

    /// <summary>The figures of one run by name.</summary>
    internal static async Task<Dictionary<string, double>> Run(Kind client, Kind server, int schedulers, string scenario, int ms, int epmd)
    {
        int run = ++s_runs;
        string serverName = $"server{run}@127.0.0.1";
        using Process there = Start(server.Server(serverName, "perf", schedulers), epmd);
        try
        {
            while (await there.StandardOutput.ReadLineAsync() is { } line && line.Trim() != "READY") { }
            using Process here = Start(client.Client($"client{run}@127.0.0.1", "perf", schedulers, serverName, scenario, ms), epmd);
            try
            {
                Task<string> errors = here.StandardError.ReadToEndAsync();
                using CancellationTokenSource patience = new(s_patience);
                List<string> output = [];
                Dictionary<string, double> figures = [];
                try
                {
                    while (await here.StandardOutput.ReadLineAsync(patience.Token) is { } line)
                    {
                        output.Add(line);
                        if (line.StartsWith("@figure ", StringComparison.Ordinal) && line.LastIndexOf(' ') is var at and > 8)
                            figures[line[8..at]] = double.Parse(line[at..], CultureInfo.InvariantCulture); // the last run's stand
                    }

                    await here.WaitForExitAsync(patience.Token);
                }
                catch (OperationCanceledException)
                {
                    throw new TimeoutException(
                        $"{client.Name} to {server.Name}, {scenario}: no end within {s_patience}; until then: {string.Join(", ", output)}"
                    );
                }

                if (figures.Count == 0)
                    throw new InvalidOperationException(
                        $"{client.Name} to {server.Name}, {scenario}: {string.Join(", ", output)}{await errors}"
                    );
                return figures;
            }
            finally
            {
                Kill(here);
            }
        }
        finally
        {
            there.StandardInput.Close();
            Kill(there);
        }
    }

    internal static Process Start(ProcessStartInfo start, int epmd)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.RedirectStandardInput = true;
        start.Environment["ERL_EPMD_PORT"] = Text(epmd);
        foreach (string name in new[] { "ERL_FLAGS", "ERL_AFLAGS", "ERL_ZFLAGS" })
            start.Environment.Remove(name);
        return Process.Start(start) ?? throw new InvalidOperationException($"cannot start {start.FileName}");
    }

    internal static void Kill(Process process)
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        process.WaitForExit();
    }

    private static ProcessStartInfo OurProcess(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "CloudScale.Perf.Nodes.dll"), .. arguments]);
        start.Environment["DOTNET_GCgen0size"] = "0x4000000";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        start.Environment["DOTNET_GCLOHThreshold"] = "0x400000"; // a message of a megabyte is as short-lived as any
        start.Environment["DOTNET_GCRegionSize"] = "0x1000000"; // and its memory is not to go back to the system each time
        return start;
    }

    private static ProcessStartInfo ErlangProcess(string beams, string name, string cookie, int schedulers, params string[] arguments) =>
        new(
            "erl",
            [
                "-noinput",
                "-boot",
                "no_dot_erlang",
                "+S",
                $"{schedulers}:{schedulers}",
                "-pa",
                beams,
                "-name",
                name,
                "-setcookie",
                cookie,
                "-kernel",
                "inet_dist_use_interface",
                "{127,0,0,1}",
                "-kernel",
                "connect_all",
                "false",
                .. arguments,
            ]
        );

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
