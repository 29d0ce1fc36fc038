using System.Diagnostics;
using System.Net;
using CloudScale.Interop.Rdma;
using CloudScale.Interop.Transport;
using CloudScale.Perf.Rdma;

// [ROW|ROW... [TRANSPORTS]], of whose names parts are given. Two ends in one .NET process, at the address of an RDMA device: RDMA that looks for completions, RDMA that is woken, and TCP. guest.sh runs it beside perftest.
const int Turns = 4;
const int RoundsOfATurn = 1_500;
string address = Environment.GetEnvironmentVariable("RDMA_ADDRESS1") ?? "127.0.0.1";
string only = args.FirstOrDefault() ?? "";
string by = args.ElementAtOrDefault(1) ?? "";
IPEndPoint anywhere = new(IPAddress.Parse(address), 0);
if (!RdmaSupport.IsAvailable)
{
    Console.WriteLine(RdmaSupport.Description);
    return 3;
}

RdmaTransportOptions usual = new();
(string Name, Func<int, ITransport> Make)[] transports =
[
    ("rdma, polled", fetch => new RdmaTransport(usual with { PollFor = TimeSpan.FromMilliseconds(20), FetchBytes = fetch })),
    ("rdma, woken", fetch => new RdmaTransport(usual with { PollFor = TimeSpan.Zero, FetchBytes = fetch })),
    ("tcp", _ => new TcpTransport()),
];
transports = [.. transports.Where(transport => transport.Name.Contains(by, StringComparison.Ordinal))];

Console.WriteLine("| case | unit |" + string.Concat(transports.Select(transport => $" {transport.Name} |")));
Console.WriteLine("|---|---|" + string.Concat(Enumerable.Repeat("---|", transports.Length)));
List<(string Name, Cost Cost, int Messages, int AllMessages)> costs = [];
await LatencyRowAsync(
    "stream to stream, 64 B one way",
    "µs p5 / p50 / p99, round trips/s",
    make => Streams.PingPongAsync(make(), anywhere, 64, RoundsOfATurn)
);
await LatencyRowAsync(
    "process to process, 64 B one way",
    "µs p5 / p50 / p99, round trips/s",
    async make =>
    {
        (ITransport near, ITransport far) = (make(), make());
        long[] times = [];
        int all = 0;
        Cost cost = await Cost.OfAsync(
            [near, far],
            async () =>
            {
                (times, Interval interval, all) = await Processes.PingPongAsync(near, far, address, 64, RoundsOfATurn);
                return interval;
            }
        );
        costs.Add(($"ping-pong · {Name(near)}", cost, RoundsOfATurn * 2, all * 2));
        return times;
    }
);
byte[] some = new byte[64];
(string Name, Func<RemoteRegion, ValueTask> Do)[] operations =
[
    ("read 64 B", region => region.ReadAsync(0, some)),
    ("write 64 B", region => region.WriteAsync(0, some)),
    ("fetch-and-add", async region => await region.FetchAddAsync(0, 1)),
];
foreach ((string name, Func<RemoteRegion, ValueTask> operation) in operations)
    await LatencyRowAsync(
        $"region, {name}",
        "µs p5 / p50 / p99, there and back, operations/s",
        async make => make() is RdmaTransport rdma ? await Regions.TimesAsync(rdma, anywhere, RoundsOfATurn, operation) : [],
        waysOfATime: 1
    );

// An emulated guest gives each connection one of two speeds: hence several where a goal is.
(int Size, int Fetch, string How, int Connections)[] writes =
[
    (65_536, int.MaxValue, "through the ring", 5),
    (65_536, 65_536, "fetched", 1),
    (262_144, int.MaxValue, "through the ring", 1),
    (262_144, 65_536, "fetched", 1),
    (524_288, int.MaxValue, "through the ring", 1),
    (524_288, 65_536, "fetched", 1),
    (1 << 20, int.MaxValue, "through the ring", 5),
    (1 << 20, 65_536, "fetched", 1),
];
foreach ((int size, int fetch, string how, int connections) in writes)
    await RowAsync(
        $"stream, writes of {size / 1024} KiB, {how}",
        connections == 1 ? "MB/s, CPU s/GB" : $"MB/s, CPU s/GB, median of {connections} connections (least–most)",
        async make =>
        {
            const long Total = 64 << 20;
            List<Interval> intervals = [];
            while (intervals.Count < connections)
                intervals.Add(await Streams.ThroughputAsync(make(), anywhere, size, Total));
            Interval[] fastestFirst = [.. intervals.OrderBy(interval => interval.Seconds)];
            Interval median = fastestFirst[connections / 2];
            string all = connections == 1 ? "" : $" ({Speed(fastestFirst[^1]):0}–{Speed(fastestFirst[0]):0})";
            return $"{Speed(median):0}{all} · {median.CpuSeconds / (Total / 1e9):0.0}";

            static double Speed(Interval interval) => Total / interval.Seconds / 1e6;
        },
        fetch
    );
int[] sizes = [64, 256, 512, 1024]; // a message of 64 bytes is mostly its head and its way through two nodes
(int Size, int Senders)[] floods = [.. sizes.SelectMany(size => new[] { (size, 1), (size, 8), (size, 64) })];
foreach ((int size, int senders) in floods)
    await RowAsync(
        $"processes, {size} B one way, {senders} sender{(senders == 1 ? "" : "s")}",
        "messages/s, MB/s of what they hold, MB/s as sent",
        async make =>
        {
            const int Messages = 50_000;
            (ITransport near, ITransport far) = (make(), make());
            int all = 0;
            Cost cost = await Cost.OfAsync(
                [near, far],
                async () =>
                {
                    (Interval interval, all) = await Processes.FloodAsync(near, far, address, senders, size, Messages);
                    return interval;
                }
            );
            costs.Add(($"{senders}, {size} B · {Name(near)}", cost, Messages, all));
            double perSecond = Messages / cost.Interval.Seconds;
            string sent = cost.Rdma.RingBytes == 0 ? "–" : $"{perSecond * cost.Rdma.RingBytes / all / 1e6:0.0}";
            return $"{perSecond:0} · {perSecond * size / 1e6:0.0} · {sent}";
        }
    );

Console.WriteLine();
Console.WriteLine(
    "| senders · transport | work requests | doorbells | sleeps | waits of threads | CPU µs | managed bytes | (each a message)"
);
Console.WriteLine("|---|---|---|---|---|---|---|");
foreach ((string name, Cost cost, int messages, int all) in costs)
    Console.WriteLine(
        $"| {name} | {(double)cost.Rdma.WorkRequests / all:0.000} | {(double)cost.Rdma.Doorbells / all:0.000} | {(double)cost.Rdma.Sleeps / all:0.000} | {(double)cost.Interval.Waits / messages:0.000} | {cost.Interval.CpuSeconds * 1e6 / messages:0.0} | {(double)cost.Interval.AllocatedBytes / messages:0} |"
    );
return 0;

// In turns, so that what else the machine does is everybody's.
async Task LatencyRowAsync(string name, string unit, Func<Func<ITransport>, Task<long[]>> measure, int waysOfATime = 2)
{
    if (!IsAskedFor(name))
        return;
    List<long>[] times = [.. transports.Select(_ => new List<long>())];
    for (int turn = 0; turn < Turns; turn++)
    {
        int before = costs.Count;
        for (int i = 0; i < transports.Length; i++)
            times[i].AddRange(await measure(() => transports[i].Make(usual.FetchBytes)));
        if (turn < Turns - 1)
            costs.RemoveRange(before, costs.Count - before); // those of the last turn are enough
    }

    Console.WriteLine($"| {name} | {unit} |" + string.Concat(times.Select(all => $" {Latency([.. all], waysOfATime)} |")));
}

async Task RowAsync(string name, string unit, Func<Func<ITransport>, Task<string>> measure, int? fetchBytes = null)
{
    if (!IsAskedFor(name))
        return;
    string line = $"| {name} | {unit} |";
    foreach ((_, Func<int, ITransport> make) in transports)
    {
        Warming warming = new();
        string measured = "";
        int before = costs.Count;
        do
        {
            costs.RemoveRange(before, costs.Count - before);
            while (warming.IsCompiling)
                await Task.Delay(Warming.Pause);
            measured = await measure(() => make(fetchBytes ?? usual.FetchBytes));
        } while (warming.GoesOn);
        line += $" {measured} |";
    }

    Console.WriteLine(line);
}

bool IsAskedFor(string name) => only.Split('|').Any(part => name.Contains(part, StringComparison.Ordinal));

string Name(ITransport transport) =>
    transport is RdmaTransport rdma ? (rdma.Options.PollFor > TimeSpan.Zero ? "rdma, polled" : "rdma, woken") : "tcp";

static string Latency(long[] times, int waysOfATime)
{
    if (times.Length == 0)
        return "–";
    double rate = times.Length * (double)Stopwatch.Frequency / times.Sum();
    Array.Sort(times);
    return $"{OneWay(times.Length / 20):0.0} / {OneWay(times.Length / 2):0.0} / {OneWay(times.Length * 99 / 100):0.0} · {rate:0}";

    double OneWay(int index) => times[index] * 1e6 / Stopwatch.Frequency / waysOfATime;
}
