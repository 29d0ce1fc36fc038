using CloudScale.Scheduling;

namespace CloudScale.Runtime.Services.Standard;

/// <summary><c>erlang:trace/3</c>: what processes of this node send, receive and do, told to a process here or on another node.</summary>
/// <remarks>
/// Unlike Erlang's the tracer may live anywhere, for tools have no code here to forward with. Each tracer has a relay, which waits while the connection is busy and drops events beyond
/// <see cref="MaxWaiting"/>: who watches cannot fill the memory of what is watched. The trace ends with its tracer, or with the flag taken back. Wire: <c>{trace_ts, Pid, Kind, …, Microseconds}</c>.
/// Source: ERTS Reference Manual, <c>erlang:trace/3</c>.
/// </remarks>
internal sealed class ErlangTrace(Node node)
{
    private const int MaxWaiting = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<Pid, Relay> _relays = [];

    internal static void Export(FunctionTable functions, Node node)
    {
        ErlangTrace trace = new(node);
        ErlangMessages.Export(functions, "erlang", "trace", 3, trace.Trace);
    }

    private object Trace(Self self, List arguments)
    {
        bool on = FunctionArguments.Take<bool>(arguments, 1);
        (TraceFlags flags, Pid tracer) = Read(FunctionArguments.Take<List>(arguments, 2));
        if (tracer.IsNone)
            tracer = self.Pid;
        lock (_lock)
        {
            if (!_relays.TryGetValue(tracer, out Relay? relay))
            {
                if (!on)
                    return 0L;
                _relays[tracer] = relay = new Relay(node, tracer, Forget);
            }

            return relay.Set(arguments[0], on ? flags : TraceFlags.None);
        }
    }

    private void Forget(Pid tracer)
    {
        lock (_lock)
            _relays.Remove(tracer);
    }

    private static (TraceFlags Flags, Pid Tracer) Read(List options)
    {
        TraceFlags flags = TraceFlags.None;
        Pid tracer = default;
        foreach (object option in options)
        {
            switch (option)
            {
                case Tuple and [Atom { Name: "tracer" }, Pid pid]:
                    tracer = pid;
                    break;
                case Atom atom:
                    flags |= Read(atom);
                    break;
                default:
                    throw ErlangException.BadArgument();
            }
        }

        return (flags, tracer);
    }

    private static TraceFlags Read(Atom flag) =>
        flag.Name switch
        {
            "all" => TraceFlags.All & ~TraceFlags.GarbageCollection,
            "send" => TraceFlags.Send,
            "receive" => TraceFlags.Receive,
            "procs" => TraceFlags.Processes,
            "running" => TraceFlags.Running,
            "set_on_spawn" => TraceFlags.SetOnSpawn,
            "timestamp" or "monotonic_timestamp" or "strict_monotonic_timestamp" => TraceFlags.None, // always there
            _ => throw ErlangException.BadArgument(),
        };

    /// <summary>One tracer's session, and the process between it and the tracer.</summary>
    private sealed class Relay
    {
        private readonly Node _node;
        private readonly TraceSession _session;

        internal Relay(Node node, Pid tracer, Action<Pid> forget)
        {
            _node = node;
            TaskCompletionSource start = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Pid pid = node.Spawn(
                async self =>
                {
                    self.Own(new End(() => forget(tracer)));
                    await start.Task;
                    self.Own(_session!);
                    self.Monitor(tracer);
                    while (await self.Receive() is not Down and var told)
                        if (told is TraceEvent traced)
                            self.Send(tracer, traced.ToTerm());
                },
                new SpawnOptions { MailboxLimit = new MailboxLimit(MaxWaiting, MailboxOverflow.DropNewest) }
            );
            _session = node.Processes.Trace(pid);
            start.SetResult();
        }

        internal long Set(object whom, TraceFlags flags)
        {
            switch (whom)
            {
                case Pid pid when ReferenceEquals(pid.Node.Name, _node.Name):
                    return _session.Add(pid, flags) ? 1L : throw ErlangException.BadArgument();
                case Atom { Name: "all" or "processes" }:
                    _session.AddAll(flags);
                    return _node.Processes.ProcessCount;
                case Atom { Name: "new" or "new_processes" }:
                    _session.AddNew(flags);
                    return 0L;
                default:
                    throw ErlangException.BadArgument();
            }
        }
    }

    private sealed class End(Action action) : IDisposable
    {
        public void Dispose() => action();
    }
}
