using System.CommandLine;
using System.Globalization;
using CloudScale.Tool.Terms;

namespace CloudScale.Tool.Nodes;

/// <summary><c>cloudscale trace</c>: what a process sends, receives and does, as it happens.</summary>
/// <remarks>
/// Our nodes trace for a process anywhere. An Erlang node wants a tracer of its own: one that its module <c>dbg</c> (runtime_tools) runs, which passes on to us; it ends with us.
/// </remarks>
internal static class TraceCommand
{
    private static readonly Atom s_receive = "receive";

    public static Command Create(ToolConsole console)
    {
        Command command = new("trace", "Shows the messages of a process as they come and go, until Ctrl-C.");
        PeerOptions options = new(command);
        Argument<string> process = new("process") { Description = "A pid, '<0.90.0>', or a registered name." };
        Option<bool> send = new("--send") { Description = "What it sends; both kinds of messages if neither is chosen." };
        Option<bool> receive = new("--receive") { Description = "What reaches it." };
        Option<bool> processes = new("--procs") { Description = "Spawns, exits, links besides." };
        Option<string?> filter = new("--filter", "-f")
        {
            Description = "Shows only events that hold this term, anywhere in them; _ stands for any.",
        };
        Option<int?> count = new("--count") { Description = "Ends after as many events." };
        Option<double?> duration = new("--for") { Description = "Ends after as many seconds." };
        command.Arguments.Add(process);
        foreach (Option option in (Option[])[send, receive, processes, filter, count, duration])
            command.Options.Add(option);
        command.SetPeerAction(
            console,
            options,
            async (result, peer, cancellationToken) =>
            {
                Pid target = await peer.FindAsync(result.GetRequiredValue(process));
                object? pattern = result.GetValue(filter) is { } text
                    ? TermParser.Parse(text, new Dictionary<string, object> { ["_"] = (Atom)"_" }, target.Node)
                    : null;
                bool both = !result.GetValue(send) && !result.GetValue(receive) && !result.GetValue(processes);
                List<object> flags = [];
                if (both || result.GetValue(send))
                    flags.Add((Atom)"send");
                if (both || result.GetValue(receive))
                    flags.Add(s_receive);
                if (result.GetValue(processes))
                    flags.Add((Atom)"procs");
                bool isOurs = await peer.IsCloudScaleAsync();
                using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                if (result.GetValue(duration) is { } seconds)
                    end.CancelAfter(TimeSpan.FromSeconds(seconds));
                Watch watch = new(console, peer, target, flags, pattern, result.GetValue(count) ?? int.MaxValue);
                await watch.RunAsync(isOurs, end.Token);
                return NodeCommand.Ok;
            }
        );
        return command;
    }

    /// <summary>One trace, from its beginning to its end.</summary>
    private sealed class Watch(ToolConsole console, Peer peer, Pid target, List<object> flags, object? pattern, int count)
    {
        public async Task RunAsync(bool isOurs, CancellationToken cancellationToken)
        {
            TaskCompletionSource<Pid> tracer = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Task<string> follow = peer.Own.RunAsync(self =>
            {
                tracer.SetResult(self.Pid);
                return FollowAsync(self, isOurs);
            });
            TaskCompletionSource cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await using CancellationTokenRegistration end = cancellationToken.Register(cancelled.SetResult);
            string why = await Task.WhenAny(follow, cancelled.Task) == follow ? await follow : "end of the trace";
            peer.Own.Exit(await tracer.Task, (Atom)"kill"); // what traces for it ends with it
            await console.Error.WriteLineAsync(why);
        }

        private async ProcessTask<string> FollowAsync(Self self, bool isOurs)
        {
            self.Monitor(target);
            if (isOurs)
                await TraceAsync(self, self.Pid);
            else
                await TraceByRelayAsync(self);
            await console.Error.WriteLineAsync($"tracing {target}; Ctrl-C ends it");
            int shown = 0;
            while (true)
            {
                switch (await self.Receive())
                {
                    case Tuple and [Atom { Name: "trace" or "trace_ts" }, Pid, Atom kind, ..] traced:
                        if (pattern is not null && !traced.Any(part => TermPattern.Matches(pattern, part)))
                            break;
                        console.WriteLine(Line(kind, traced));
                        if (++shown == count)
                            return "end of the trace";
                        break;
                    case Down { Reason: var reason }:
                        return IoLib.Format("it has exited: ~tp", reason);
                }
            }
        }

        private ProcessTask<object> TraceAsync(Self self, Pid tracer) =>
            CallAsync(self, "erlang", "trace", target, true, List.Of([.. flags, Tuple.Of((Atom)"tracer", tracer)]));

        /// <summary>Traces through a process of <c>dbg</c> at the peer that passes on to us, and ends with us.</summary>
        /// <remarks>From OTP 27 on it has a session of its own, beside whatever else is traced there; before, a process has one tracer at a time.</remarks>
        private async ProcessTask TraceByRelayAsync(Self self)
        {
            Atom dbg = "dbg";
            Atom relay = "do_relay";
            if (await CallAsync(self, "code", "ensure_loaded", dbg) is not (Tuple and [Atom { Name: "module" }, _]))
                throw new ToolException($"{peer.Name.Name} has no module dbg (runtime_tools) to trace with.");
            bool hasSessions = ReferenceEquals(await CallAsync(self, "erlang", "function_exported", dbg, relay, 3L), Atoms.True);
            self.SpawnRequest(
                peer.Name,
                dbg,
                relay,
                hasSessions ? List.Of((Atom)"cloudscale", self.Pid, self.Pid) : List.Of(self.Pid, self.Pid),
                new SpawnRequestOptions { Link = true }
            );
            Tuple started = await self.Receive<Tuple>(message => message is [Atom { Name: "started" }, Pid, ..], peer.Timeout);
            if (hasSessions)
                await CallAsync(self, "trace", "process", started[2], target, true, List.Of([.. flags]));
            else
                await TraceAsync(self, (Pid)started[1]);
        }

        private ProcessTask<object> CallAsync(Self self, string module, string function, params object[] arguments) =>
            Erpc.Call(self, peer.Name, module, function, List.Of(arguments), peer.Timeout);

        private static string Line(Atom kind, Tuple traced)
        {
            bool hasTime = traced[0] is Atom { Name: "trace_ts" };
            object[] parts = [.. traced.Skip(3).Take(traced.Count - (hasTime ? 4 : 3))];
            string time = DateTime.Now.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
            string text = kind.Name switch
            {
                "receive" => IoLib.Format("~0tP", parts[0], 40L),
                "send" or "send_to_non_existing_process" when parts.Length > 1 => IoLib.Format("~0tp ~0tP", parts[1], parts[0], 40L),
                _ => string.Join(' ', parts.Select(part => IoLib.Format("~0tP", part, 40L))),
            };
            string sign = kind.Name switch
            {
                "receive" => "<-",
                "send" => "->",
                "send_to_non_existing_process" => "-x",
                _ => kind.Name,
            };
            return $"{time} {sign} {text}";
        }
    }
}
