using System.Diagnostics;
using System.Net;
using CloudScale.Interop.Rdma;
using CloudScale.Interop.Transport;
using CloudScale.Perf.Rdma;

// Two ends in one .NET process, at the address of an RDMA device: RDMA that looks for completions, RDMA that is woken, and TCP. guest.sh runs it beside perftest.
string address = args.FirstOrDefault() ?? Environment.GetEnvironmentVariable("RDMA_ADDRESS1") ?? "127.0.0.1";
IPEndPoint anywhere = new(IPAddress.Parse(address), 0);
if (!RdmaSupport.IsAvailable)
{
    Console.WriteLine(RdmaSupport.Description);
    return 3;
}

(string Name, Func<ITransport> Make)[] transports =
[
    ("rdma, polled", () => new RdmaTransport(new RdmaTransportOptions { PollFor = TimeSpan.FromMilliseconds(2) })),
    ("rdma, woken", () => new RdmaTransport(new RdmaTransportOptions { PollFor = TimeSpan.Zero })),
    ("tcp", () => new TcpTransport()),
];

Console.WriteLine("| case | unit |" + string.Concat(transports.Select(transport => $" {transport.Name} |")));
Console.WriteLine("|---|---|" + string.Concat(Enumerable.Repeat("---|", transports.Length)));
foreach (int size in new[] { 64, 4096 })
    await RowAsync(
        $"stream to stream, {size} B one way",
        "µs p50 / p99",
        async make => Latency(await Streams.PingPongAsync(make(), anywhere, size, 3_000))
    );
await RowAsync(
    "process to process, 64 B one way",
    "µs p50 / p99",
    async make => Latency(await Processes.PingPongAsync(make(), make(), address, 64, 3_000))
);
foreach (int senders in new[] { 1, 8, 64 })
    await RowAsync(
        $"processes, 64 B, {senders} sender{(senders == 1 ? "" : "s")}",
        "messages/s",
        async make => $"{await Processes.FloodAsync(make(), make(), address, senders, 64, 60_000):0}"
    );
foreach (int size in new[] { 4096, 65_536, 1 << 20 })
    await RowAsync(
        $"stream, writes of {size / 1024} KB",
        "MiB/s",
        async make => $"{await Streams.ThroughputAsync(make(), anywhere, size, 64 << 20):0}"
    );
return 0;

async Task RowAsync(string name, string unit, Func<Func<ITransport>, Task<string>> measure)
{
    string line = $"| {name} | {unit} |";
    foreach ((_, Func<ITransport> make) in transports)
        line += $" {await measure(make)} |";
    Console.WriteLine(line);
}

static string Latency(long[] roundTrips)
{
    Array.Sort(roundTrips);
    return $"{Half(roundTrips[roundTrips.Length / 2]):0.0} / {Half(roundTrips[roundTrips.Length * 99 / 100]):0.0}";

    static double Half(long ticks) => ticks * 1e6 / Stopwatch.Frequency / 2;
}
