using CloudScale.Scheduling;

namespace CloudScale.Runtime.Services.Standard;

/// <summary>Module <c>observer_backend</c>: what observer, etop and tools like them ask a node.</summary>
/// <remarks>
/// A process that does not answer in time (its body blocks) is told of by what is known without it. Source: OTP runtime_tools, <c>observer_backend</c>, and the records of its header
/// file.
/// </remarks>
internal sealed class ObserverBackend(Node node, SystemInfoTerms system)
{
    private const int ChunkLength = 10_000;
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500);
    private static readonly Atom s_module = Atom.Of("observer_backend");
    private static readonly Atom s_etopInfo = Atom.Of("etop_info");
    private static readonly Atom s_etopProcessInfo = Atom.Of("etop_proc_info");
    private static readonly Atom s_processesInfo = Atom.Of("procs_info");
    private static readonly string[] s_memory = ["total", "processes", "ets", "atom", "code", "binary"];

    private static readonly string[] s_systemItems =
    [
        "logical_processors",
        "logical_processors_online",
        "logical_processors_available",
        "schedulers",
        "schedulers_online",
        "otp_release",
        "version",
        "system_architecture",
        "kernel_poll",
        "smp_support",
        "threads",
        "thread_pool_size",
        "process_count",
        "atom_limit",
        "atom_count",
        "process_limit",
        "port_limit",
        "port_count",
        "ets_limit",
        "ets_count",
        "dist_buf_busy_limit",
    ];

    private ProcessSystem Processes => node.Processes;

    internal void Export(FunctionTable functions)
    {
        TraceRelay.Export(functions, node);
        functions.Export(s_module, "vsn", () => Tuple.Of(Atoms.Ok, List.FromString("2.0")));
        functions.Export(s_module, "sys_info", SystemInfo);
        functions.Export(s_module, "procs_info", 1, (self, arguments) => ProcessesInfo(self, FunctionArguments.Take<Pid>(arguments, 0)));
        functions.Export(s_module, "etop_collect", 1, (self, arguments) => Collect(self, FunctionArguments.Take<Pid>(arguments, 0)));
        functions.Export(s_module, "fetch_stats", 2, FetchStatistics);
        functions.Export(s_module, "get_port_list", () => List.Empty);
        functions.Export(s_module, "get_socket_list", () => List.Empty);
        functions.Export(s_module, "socket_info", () => List.Empty);
        functions.Export(s_module, "get_table_list", (Atom kind, List _) => TableList(kind));
    }

    private List SystemInfo()
    {
        List<object> items =
        [
            Tuple.Of(Atom.Of("uptime"), (long)system.Elapsed.TotalMilliseconds),
            Tuple.Of(Atom.Of("run_queue"), (long)Processes.Statistics.RunQueueLength),
            Tuple.Of(Atom.Of("io_input"), 0L),
            Tuple.Of(Atom.Of("io_output"), 0L),
            Tuple.Of(Atom.Of("schedulers_available"), system.SystemInfo(Atom.Of("schedulers_online"))),
            Tuple.Of(Atom.Of("wordsize_internal"), 8L),
            Tuple.Of(Atom.Of("wordsize_external"), 8L),
            Tuple.Of(Atom.Of("alloc_info"), List.Empty),
        ];
        foreach (string item in s_systemItems)
            items.Add(Tuple.Of(Atom.Of(item), system.SystemInfo(Atom.Of(item))));
        items.AddRange(SystemInfoTerms.Memory());
        return List.Of([.. items]);
    }

    private async ProcessTask<object> ProcessesInfo(Self self, Pid collector)
    {
        foreach (Pid[] chunk in Processes.Processes().Chunk(ChunkLength))
            self.Send(collector, Tuple.Of(s_processesInfo, self.Pid, await Describe(self, chunk)));
        return Atoms.Ok;
    }

    private async ProcessTask<object> Collect(Self self, Pid collector)
    {
        List described = await Describe(self, Processes.Processes());
        List memory = List.Of([.. s_memory.Select(static item => (object)Tuple.Of(Atom.Of(item), SystemInfoTerms.Memory(Atom.Of(item))))]);
        Tuple info = Tuple.Of(
            s_etopInfo,
            ErlangQuestions.Timestamp(node.Clock),
            (long)described.Count,
            Atoms.Undefined,
            system.SchedulerWallTime(),
            (long)Processes.Statistics.RunQueueLength,
            List.Empty,
            memory,
            described
        );
        self.Send(collector, Tuple.Of(self.Pid, info));
        return Atoms.Ok;
    }

    /// <summary>The processes but this one, as <c>#etop_proc_info{pid, mem, reds, name, runtime, cf, mq}</c>.</summary>
    private async ProcessTask<List> Describe(Self self, IReadOnlyList<Pid> pids)
    {
        Task<ProcessInfo?>[] asked = new Task<ProcessInfo?>[pids.Count];
        for (int i = 0; i < asked.Length; i++)
            asked[i] = pids[i] == self.Pid ? Task.FromResult<ProcessInfo?>(null) : Processes.GetInfoAsync(pids[i]);
        await Task.WhenAny(Task.WhenAll(asked), Task.Delay(s_patience, node.Clock));
        List<object> records = new(asked.Length);
        for (int i = 0; i < asked.Length; i++)
        {
            if (pids[i] == self.Pid)
                continue;
            if (!asked[i].IsCompleted)
                records.Add(
                    Record(pids[i], 0, 0, Atom.Of("blocked"), ProcessInfoTerms.FunctionOf(null), Processes.MessageQueueLength(pids[i]) ?? 0)
                );
            else if (await asked[i] is { } info)
                records.Add(
                    Record(
                        info.Pid,
                        info.MemoryBytes,
                        info.Reductions,
                        info.RegisteredName ?? (object)ProcessInfoTerms.FunctionOf(info.InitialFunction),
                        ProcessInfoTerms.FunctionOf(info.CurrentFunction),
                        info.MessageQueueLength
                    )
                );
        }

        return List.Of([.. records]);
    }

    private static Tuple Record(Pid pid, long memoryBytes, long reductions, object name, Tuple current, int queued) =>
        Tuple.Of(s_etopProcessInfo, pid, memoryBytes, reductions, name, 0L, current, (long)queued);

    /// <summary>Observer's load charts: news every interval, until anything is sent to this process or its parent ends.</summary>
    private async ProcessTask<object> FetchStatistics(Self self, List arguments)
    {
        Pid parent = FunctionArguments.Take<Pid>(arguments, 0);
        TimeSpan interval = TimeSpan.FromMilliseconds(Math.Max(FunctionArguments.Take<int>(arguments, 1), 1));
        self.Monitor(parent);
        while (!(await self.TryReceive(interval)).HasValue)
        {
            self.Send(
                parent,
                Tuple.Of(Atom.Of("stats"), 1L, system.SchedulerWallTime(), system.Statistics(Atom.Of("io")), SystemInfoTerms.Memory())
            );
        }

        return Atoms.Ok;
    }

    private List TableList(Atom kind)
    {
        if (kind.Name != "ets")
            return List.Empty;
        List<object> tables = [];
        foreach (EtsTableBase table in Processes.Ets.All())
        {
            if (table.GetInfo() is not { } info)
                continue;
            tables.Add(
                List.Of(
                    Tuple.Of(Atom.Of("name"), table.Name),
                    Tuple.Of(Atom.Of("id"), table.IsNamed ? Atom.Of("ignore") : table.Id),
                    Tuple.Of(Atom.Of("protection"), Atom.Of(Lower(table.Protection.ToString()))),
                    Tuple.Of(Atom.Of("owner"), info.Owner),
                    Tuple.Of(Atom.Of("size"), table.Size),
                    Tuple.Of(Atom.Of("reg_name"), Atom.Of("ignore")),
                    Tuple.Of(Atom.Of("type"), Atom.Of(Lower(table.Type.ToString()))),
                    Tuple.Of(Atom.Of("keypos"), (long)table.KeyPosition),
                    Tuple.Of(Atom.Of("heir"), Atom.Of("none")),
                    Tuple.Of(Atom.Of("memory"), 0L),
                    Tuple.Of(Atom.Of("compressed"), Atoms.False),
                    Tuple.Of(Atom.Of("fixed"), Atoms.False)
                )
            );
        }

        return List.Of([.. tables]);
    }

    private static string Lower(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString()));
}
