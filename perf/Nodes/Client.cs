using System.Diagnostics;
using System.Globalization;

namespace CloudScale.Perf.Nodes;

/// <summary>The node that talks: one scenario, one figure or two on standard output.</summary>
internal static class Client
{
    private const int Callers = 64;
    private const int WarmUpSeconds = 4; // until the compiler has seen on both sides what is hot: seconds on a slow machine
    private const int Remotes = 16;
    private static readonly Atom s_sink = Atom.Of("sink");
    private static readonly Atom s_echo = Atom.Of("echo");
    private static readonly Atom s_peer = Atom.Of("node_peer");

    internal static async Task<int> Run(string name, string cookie, int schedulers, string server, string scenario, int ms)
    {
        await using Node node = await Node.StartAsync(Server.Options(name, cookie, schedulers));
        Atom peer = server;
        if (!await node.ConnectAsync(peer))
            throw new InvalidOperationException($"{server} cannot be reached");
        Pid watcher = node.Spawn(self => FailWithout(self, node, peer));
        TimeSpan time = TimeSpan.FromMilliseconds(ms);
        Func<Self, TimeSpan, ProcessTask> run = scenario switch
        {
            "small" => (self, span) => Stream(self, peer, span, bytes: 0),
            "stream-1k" => (self, span) => Stream(self, peer, span, 1 << 10),
            "stream-64k" => (self, span) => Stream(self, peer, span, 64 << 10),
            "stream-1m" => (self, span) => Stream(self, peer, span, 1 << 20),
            "ping" => (self, span) => Pings(self, peer, span),
            "ping-beside" => (self, span) => Beside(self, peer, span),
            "calls-64" => (self, span) => Crowd(self, Callers, span, (one, until) => Call(one, peer, until)),
            "rpc" => (self, span) => Crowd(self, Remotes, span, (one, until) => CallFunction(one, peer, until)),
            "spawn" => (self, span) => Crowd(self, Remotes, span, (one, until) => Spawn(one, peer, until)),
            _ => throw new ArgumentException($"no scenario '{scenario}'"),
        };
        await node.RunAsync(async self =>
        {
            await run(self, TimeSpan.FromSeconds(Math.Max(time.TotalSeconds / 2, WarmUpSeconds))); // the figures of the second run are the last that are printed
            await run(self, time);
            return true;
        });
        node.Exit(watcher, Atoms.Kill);
        return 0;
    }

    /// <summary>What was sent into a connection that is gone is answered by nobody: no figure, and why.</summary>
    private static async ProcessTask FailWithout(Self self, Node node, Atom peer)
    {
        node.MonitorNodes(self.Pid, new NodeMonitorOptions { WithReason = true });
        NodeDown down = await self.Receive<NodeDown>(down => down.Node == peer);
        Console.Error.WriteLine(Term.Format(down.ToTerm()));
        Environment.Exit(1);
    }

    internal static void Print(string figure, double value) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"@figure {figure} {value}"));

    private static async ProcessTask Stream(Self self, Atom peer, TimeSpan time, int bytes)
    {
        await StartCount(self, peer);
        object blob = new Blob(new byte[Math.Max(bytes, 1)]);
        int perSlice = bytes == 0 ? 200 : Math.Max(1, (64 << 10) / bytes);
        long start = Stopwatch.GetTimestamp();
        for (int number = 0; Stopwatch.GetElapsedTime(start) < time; )
        {
            for (int i = 0; i < perSlice; i++)
                self.Send(s_sink, peer, bytes == 0 ? new Small(number++) : blob);
            await self.Yield();
        }

        await PrintCount(self, peer);
    }

    private static async ProcessTask StartCount(Self self, Atom peer)
    {
        Reference reference = self.MakeReference();
        self.Send(s_sink, peer, new Reset(self.Pid, reference));
        await self.Receive<Tuple>(answer => answer[0] is Reference got && got == reference);
    }

    private static async ProcessTask PrintCount(Self self, Atom peer)
    {
        Reference reference = self.MakeReference();
        self.Send(s_sink, peer, new Ask(self.Pid, reference));
        Tuple report = await self.Receive<Tuple>(answer => answer[0] is Reference got && got == reference);
        double seconds = (long)report[3] / 1e6;
        Print("messages/s", (long)report[1] / seconds);
        Print("MB/s", (long)report[2] / 1e6 / seconds);
    }

    private static async ProcessTask Pings(Self self, Atom peer, TimeSpan time)
    {
        List<double> times = [];
        Ping ping = new(self.Pid);
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            long sent = Stopwatch.GetTimestamp();
            self.Send(s_echo, peer, ping);
            await self.Receive<Atom>();
            times.Add(Stopwatch.GetElapsedTime(sent).TotalMicroseconds);
        }

        times.Sort();
        Print("p50 us", times[times.Count / 2]);
        Print("p99 us", times[(int)(times.Count * 0.99)]);
    }

    private static async ProcessTask Beside(Self self, Atom peer, TimeSpan time)
    {
        await StartCount(self, peer);
        Pid stream = self.Spawn(async other =>
        {
            object blob = new Blob(new byte[1 << 20]);
            while (true)
            {
                other.Send(s_sink, peer, blob);
                await other.Yield();
            }
        });
        await self.Sleep(time / 4); // until it flows
        await Pings(self, peer, time);
        Reference monitor = self.Monitor(stream);
        self.Exit(stream, Atoms.Kill);
        await self.Receive<Down>(down => down.Reference == monitor);
        await PrintCount(self, peer);
    }

    private static async ProcessTask Crowd(Self self, int count, TimeSpan time, Func<Self, long, ProcessTask<long>> one)
    {
        long start = Stopwatch.GetTimestamp();
        long until = start + (long)(time.TotalSeconds * Stopwatch.Frequency);
        Pid me = self.Pid;
        for (int i = 0; i < count; i++)
            self.SpawnLink(async member => member.Send(me, await one(member, until))); // one that fails ends the run
        long total = 0;
        for (int i = 0; i < count; i++)
            total += await self.Receive<long>();
        Print("operations/s", total / Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private static async ProcessTask<long> Call(Self self, Atom peer, long until)
    {
        long done = 0;
        ServerRef server = ServerRef.At("gs", peer);
        for (; Stopwatch.GetTimestamp() < until; done++)
            await self.Call(server, done);
        return done;
    }

    private static async ProcessTask<long> CallFunction(Self self, Atom peer, long until)
    {
        long done = 0;
        for (; Stopwatch.GetTimestamp() < until; done++)
            await Rpc.Call(self, peer, s_peer, "id", [done]);
        return done;
    }

    private static async ProcessTask<long> Spawn(Self self, Atom peer, long until)
    {
        long done = 0;
        for (; Stopwatch.GetTimestamp() < until; done++)
        {
            Reference monitor = self.SpawnRequest(peer, s_peer, "noop", [], new SpawnRequestOptions { Monitor = default(MonitorOptions) });
            await self.Receive<Tuple>(reply => reply is [_, Reference answered, ..] && answered == monitor);
            await self.Receive<Down>(down => down.Reference == monitor);
        }

        return done;
    }
}
