using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace CloudScale.Perf.Nodes;

/// <summary>All pairs and scenarios, some rounds in turns; prints medians, and what they are of BEAM's in the same round.</summary>
internal static class Runner
{
    private const string Help = """
        Usage: ./build.sh benchnodes [-- options]
          --only TEXT      scenarios whose name contains it; may be given more than once
          --rounds N       runs of each pair; default 3
          --ms N           how long one run is timed, after half as long a warm-up; default 2000
          --schedulers N   of each node; default 1, since two nodes share the machine
          --pairs LIST     of ours-ours, ours-BEAM, BEAM-ours, BEAM-BEAM (who talks first), and TCP-TCP, a loop over a
                           socket; default all but BEAM-ours
        """;

    private const string Yardstick = "BEAM-BEAM";
    private const string Loop = "TCP-TCP";

    private static readonly (string Scenario, string Figure, bool HigherIsBetter)[] s_rows =
    [
        ("small", "messages/s", true),
        ("stream-1k", "MB/s", true),
        ("stream-64k", "MB/s", true),
        ("stream-1m", "MB/s", true),
        ("ping", "p50 us", false),
        ("ping", "p99 us", false),
        ("ping-beside", "p99 us", false),
        ("ping-beside", "MB/s", true),
        ("calls-64", "operations/s", true),
        ("rpc", "operations/s", true),
        ("spawn", "operations/s", true),
    ];

    internal static async Task<int> Run(string[] args)
    {
        List<string> only = [];
        int rounds = 3;
        int ms = 2_000;
        int schedulers = 1;
        string[] pairs = ["ours-ours", "ours-BEAM", Yardstick, Loop];
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--only":
                    only.Add(value);
                    break;
                case "--rounds":
                    rounds = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case "--ms":
                    ms = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case "--schedulers":
                    schedulers = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case "--pairs":
                    pairs = value.Split(',');
                    break;
                default:
                    Console.Error.WriteLine(Help);
                    return 2;
            }
        }

        string beams = Directory.CreateTempSubdirectory("cloudscale-nodes-").FullName;
        int epmdPort = FreePort();
        using Process epmd = Pairing.Start(
            new ProcessStartInfo("epmd", ["-port", epmdPort.ToString(CultureInfo.InvariantCulture)]),
            epmdPort
        );
        try
        {
            using (
                Process compiler = Pairing.Start(
                    new ProcessStartInfo("erlc", ["-o", beams, Path.Combine(AppContext.BaseDirectory, "erlang", "node_peer.erl")]),
                    epmdPort
                )
            )
                await compiler.WaitForExitAsync();
            Kind beam = Pairing.Beam(beams);
            Kind raw = Pairing.Raw(FreePort());
            Kind KindOf(string name) =>
                name switch
                {
                    "ours" => Pairing.Ours,
                    "TCP" => raw,
                    _ => beam,
                };
            string[] scenarios =
            [
                .. s_rows.Select(row => row.Scenario).Distinct().Where(name => only.Count == 0 || only.Any(name.Contains)),
            ];
            Dictionary<(string Pair, string Scenario, string Figure), List<double>> samples = [];
            foreach (string scenario in scenarios)
                for (int round = 0; round < rounds; round++)
                    foreach (string pair in pairs.Where(pair => pair != Loop || RawLoop.Has(scenario)))
                    {
                        string[] sides = pair.Split('-');
                        foreach (
                            var (figure, value) in await Pairing.Run(KindOf(sides[0]), KindOf(sides[1]), schedulers, scenario, ms, epmdPort)
                        )
                        {
                            if (!samples.TryGetValue((pair, scenario, figure), out List<double>? list))
                                samples[(pair, scenario, figure)] = list = [];
                            list.Add(value);
                        }
                    }

            Print(samples, pairs, scenarios, rounds, schedulers);
            return 0;
        }
        finally
        {
            Pairing.Kill(epmd);
            Directory.Delete(beams, recursive: true);
        }
    }

    private static void Print(
        Dictionary<(string Pair, string Scenario, string Figure), List<double>> samples,
        string[] pairs,
        string[] scenarios,
        int rounds,
        int schedulers
    )
    {
        Console.WriteLine(
            $"Medians of {rounds} rounds; {schedulers} scheduler(s) a node; the ratio is ours to BEAM-BEAM's of the same round, above 1 is better."
        );
        Console.WriteLine();
        Console.WriteLine(
            $"| scenario | figure | {string.Join(" | ", pairs.Select(pair => pair is Yardstick or Loop ? pair : $"{pair} | ratio"))} |"
        );
        Console.WriteLine($"|---|---|{string.Concat(pairs.Select(pair => pair is Yardstick or Loop ? "---:|" : "---:|---:|"))}");
        foreach (var (scenario, figure, higherIsBetter) in s_rows)
        {
            if (!scenarios.Contains(scenario))
                continue;
            IEnumerable<string> cells = pairs.Select(pair =>
            {
                List<double>? ours = samples.GetValueOrDefault((pair, scenario, figure));
                string text = ours is null ? "–" : Median(ours).ToString(Median(ours) >= 100 ? "#,0" : "0.0", CultureInfo.InvariantCulture);
                if (pair is Yardstick or Loop)
                    return text;
                // Round by round: the machine may be twice as fast in one as in the next.
                List<double>? beams = samples.GetValueOrDefault((Yardstick, scenario, figure));
                if (ours is null || beams is null)
                    return $"{text} | –";
                double ratio = Median(ours.Zip(beams, (our, beam) => higherIsBetter ? our / beam : beam / our));
                return $"{text} | {ratio.ToString("0.00", CultureInfo.InvariantCulture)}×";
            });
            Console.WriteLine($"| {scenario} | {figure} | {string.Join(" | ", cells)} |");
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
