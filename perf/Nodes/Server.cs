using System.Diagnostics;

namespace CloudScale.Perf.Nodes;

/// <summary>The node that is talked to; its Erlang twin is <c>perf/erlang/node_peer.erl</c>.</summary>
internal static class Server
{
    private static readonly Atom s_pong = Atom.Of("pong");

    internal static NodeOptions Options(string name, string cookie, int schedulers) =>
        new()
        {
            Name = name,
            Cookie = cookie,
            Schedulers = schedulers,
            ListenAddress = System.Net.IPAddress.Loopback,
            StartEpmd = false,
            ConnectAll = false,
        };

    internal static async Task<int> Run(string name, string cookie, int schedulers)
    {
        await using Node node = await Node.StartAsync(Options(name, cookie, schedulers));
        node.Register("sink", node.Spawn(new Sink()));
        node.Register("echo", node.Spawn(new Echo()));
        await node.StartAsync(new Calls(), new StartOptions { Name = "gs" });
        node.Functions.Export("node_peer", "id", (object term) => term);
        node.Functions.Export("node_peer", "noop", () => Atom.Of("ok"));
        Console.WriteLine("READY");
        await Console.In.ReadToEndAsync(); // the runner closes it
        return 0;
    }

    /// <summary>Counts what comes, and says how many in what time: from the first message to the question, which comes after the last.</summary>
    private sealed class Sink : ProcessHandler
    {
        private long _count;
        private long _bytes;
        private long _first;

        protected override ProcessTask OnMessage(Self self, Message message)
        {
            if (message.TryGet(out Small small))
                Count(small.Number >= 0 ? 8 : 0);
            else if (message.TryGet(out Blob blob))
                Count(blob.Bytes.Length);
            else if (message.TryGet(out Reset reset))
            {
                _count = 0;
                _bytes = 0;
                self.Send(reset.From, Tuple.Of(reset.Ref, Atoms.Ok));
            }
            else if (message.TryGet(out Ask report))
                self.Send(report.From, Tuple.Of(report.Ref, _count, _bytes, (long)Stopwatch.GetElapsedTime(_first).TotalMicroseconds));
            return default;
        }

        private void Count(int bytes)
        {
            if (_count++ == 0)
                _first = Stopwatch.GetTimestamp();
            _bytes += bytes;
        }
    }

    private sealed class Echo : ProcessHandler
    {
        protected override ProcessTask OnMessage(Self self, Message message)
        {
            if (message.TryGet(out Ping ping))
                self.Send(ping.From, s_pong);
            return default;
        }
    }

    private sealed class Calls : GenServer
    {
        protected override ProcessTask<Next> HandleCall(object request, From from) => Reply(request);
    }
}
