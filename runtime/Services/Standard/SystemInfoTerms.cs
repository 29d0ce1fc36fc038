using System.Diagnostics;
using System.Runtime.InteropServices;
using CloudScale.Scheduling;

namespace CloudScale.Runtime.Services.Standard;

/// <summary>What is known of a node, as <c>erlang:system_info</c>, <c>memory</c> and <c>statistics</c> tell it.</summary>
/// <remarks>
/// The release is the OTP release whose protocol the node speaks. Memory is that of the .NET process: its heap stands for the processes', since objects of one heap belong to nobody.
/// Numbers that have no meaning here are zero, names that have none <c>undefined</c>. What OTP does not know either is <c>badarg</c>.
/// </remarks>
internal sealed class SystemInfoTerms(ProcessSystem processes, TimeProvider clock)
{
    private const long WordBytes = 8;
    private const string OtpRelease = "25"; // whose protocol is spoken whole
    private const int ProcessLimit = 1 << 27;

    private readonly long _started = clock.GetTimestamp();

    /// <summary><c>system_info/1</c>.</summary>
    /// <exception cref="ErlangException"><c>badarg</c>: there is no such item.</exception>
    internal object SystemInfo(object item) =>
        item switch
        {
            Atom atom => SystemInfo(atom),
            Tuple and [Atom { Name: "wordsize" }, Atom { Name: "internal" or "external" }] => WordBytes,
            Tuple and [Atom { Name: "allocator_sizes" or "allocator" }, _] => List.Empty,
            _ => throw ErlangException.BadArgument(),
        };

    private object SystemInfo(Atom item) =>
        item.Name switch
        {
            "otp_release" => List.FromString(OtpRelease),
            "version" or "driver_version" => List.FromString(Version),
            "system_version" => List.FromString(
                $"CloudScale.Runtime {Version} [{RuntimeInformation.FrameworkDescription}] [smp:{Online}:{Online}]\n"
            ),
            "system_architecture" => List.FromString(RuntimeInformation.RuntimeIdentifier),
            "machine" => List.FromString("CloudScale"),
            "os_type" => OsType,
            "emu_type" => Atom.Of("opt"),
            "emu_flavor" => Atom.Of("jit"),
            "process_count" => processes.ProcessCount,
            "process_limit" => (long)ProcessLimit,
            "port_count" => 0L,
            "port_limit" => 0L,
            "atom_count" => (long)Atom.Count,
            "atom_limit" => (long)Atom.MaxCount,
            "ets_count" => (long)processes.Ets.All().Count,
            "ets_limit" => (long)int.MaxValue,
            "schedulers" or "schedulers_online" => (long)Online,
            "schedulers_state" => Tuple.Of((long)Online, (long)Online, (long)Online),
            "dirty_cpu_schedulers" or "dirty_cpu_schedulers_online" or "dirty_io_schedulers" => 0L,
            "logical_processors" or "logical_processors_online" or "logical_processors_available" => (long)Environment.ProcessorCount,
            "multi_scheduling" => Atom.Of("enabled"),
            "smp_support" or "threads" or "kernel_poll" => true,
            "thread_pool_size" => 0L,
            "wordsize" => WordBytes,
            "creation" => (long)processes.Identity.Creation,
            "dist_buf_busy_limit" => 1048576L,
            "alloc_util_allocators" => List.Empty,
            "heap_type" => Atom.Of("shared"),
            "start_time" => 0L,
            "time_offset" => Atom.Of("final"),
            "os_monotonic_time_source" or "os_system_time_source" or "dist_ctrl" or "c_compiler_used" or "check_io" => List.Empty,
            "tolerant_timeofday" => Atom.Of("enabled"),
            "endian" => BitConverter.IsLittleEndian ? Atom.Of("little") : Atom.Of("big"),
            "scheduler_id" => 1L,
            "heap_sizes" => List.Empty,
            "fullsweep_after" or "min_heap_size" or "min_bin_vheap_size" => Tuple.Of(item, 0L),
            "trace_control_word" => 0L,
            "build_type" => Atom.Of("opt"),
            "debug_compiled" or "dynamic_trace" or "eager_check_io" => false,
            _ => throw ErlangException.BadArgument(),
        };

    /// <summary><c>memory/0</c>.</summary>
    internal static List Memory() => List.Of([.. s_memoryItems.Select(static item => (object)Tuple.Of(Atom.Of(item), MemoryOf(item)))]);

    /// <summary><c>memory/1</c>, for an item or a list of items.</summary>
    /// <exception cref="ErlangException"><c>badarg</c>: there is no such item.</exception>
    internal static object Memory(object items) =>
        items switch
        {
            Atom atom => MemoryOf(atom.Name),
            List list => List.Of([
                .. list.Select(static item =>
                    (object)Tuple.Of(item, item is Atom atom ? MemoryOf(atom.Name) : throw ErlangException.BadArgument())
                ),
            ]),
            _ => throw ErlangException.BadArgument(),
        };

    private static readonly string[] s_memoryItems =
    [
        "total",
        "processes",
        "processes_used",
        "system",
        "atom",
        "atom_used",
        "binary",
        "code",
        "ets",
    ];

    private static long MemoryOf(string item)
    {
        long heap = GC.GetTotalMemory(forceFullCollection: false);
        switch (item)
        {
            case "total":
                return Math.Max(Environment.WorkingSet, heap);
            case "processes" or "processes_used":
                return heap;
            case "system":
                return Math.Max(Environment.WorkingSet - heap, 0);
            case "atom" or "atom_used":
                const long bytesEach = 120; // two keys, the object, the name in two forms
                return Atom.Count * bytesEach;
            case "code" or "binary" or "ets":
                return 0;
            case "maximum":
                return Environment.WorkingSet;
            default:
                throw ErlangException.BadArgument();
        }
    }

    /// <summary><c>statistics/1</c>.</summary>
    /// <exception cref="ErlangException"><c>badarg</c>: there is no such item.</exception>
    internal object Statistics(Atom item)
    {
        SchedulerStatistics counts = processes.Statistics;
        switch (item.Name)
        {
            case "context_switches":
                return Tuple.Of(counts.Slices, 0L);
            case "reductions" or "exact_reductions":
                return Since(ref _reductions, counts.Reductions);
            case "run_queue"
            or "total_run_queue_lengths"
            or "total_run_queue_lengths_all"
            or "total_active_tasks"
            or "total_active_tasks_all":
                return (long)counts.RunQueueLength;
            case "run_queue_lengths" or "active_tasks" or "run_queue_lengths_all" or "active_tasks_all":
                return List.Of([.. processes.Schedulers.Select(static scheduler => (object)(long)scheduler.RunQueueLength)]);
            case "wall_clock":
                return Since(ref _wallClock, (long)Elapsed.TotalMilliseconds);
            case "runtime":
                return Since(ref _runTime, (long)CpuTime.TotalMilliseconds);
            case "io":
                return Tuple.Of(Tuple.Of(Atom.Of("input"), 0L), Tuple.Of(Atom.Of("output"), 0L));
            case "garbage_collection":
                return Tuple.Of((long)GC.CollectionCount(0), GC.GetTotalAllocatedBytes() / WordBytes, 0L);
            case "scheduler_wall_time" or "scheduler_wall_time_all":
                return SchedulerWallTime();
            default:
                throw ErlangException.BadArgument();
        }
    }

    /// <summary>For each scheduler its number, the time it did not sleep, and the time since the node started, in nanoseconds.</summary>
    internal List SchedulerWallTime()
    {
        long total = (long)Elapsed.TotalNanoseconds;
        return List.Of([
            .. processes.Schedulers.Select(scheduler =>
                (object)Tuple.Of(scheduler.Index + 1L, Math.Clamp(total - (long)scheduler.ParkedTime.TotalNanoseconds, 0, total), total)
            ),
        ]);
    }

    /// <summary>How long the node has run.</summary>
    internal TimeSpan Elapsed => clock.GetElapsedTime(_started);

    private long _reductions;
    private long _wallClock;
    private long _runTime;

    private static TimeSpan CpuTime
    {
        get
        {
            using Process process = Process.GetCurrentProcess();
            return process.TotalProcessorTime;
        }
    }

    /// <summary>A counter, and what it has grown by since somebody last asked.</summary>
    private static Tuple Since(ref long last, long now) => Tuple.Of(now, now - Interlocked.Exchange(ref last, now));

    private static string Version => typeof(SystemInfoTerms).Assembly.GetName().Version?.ToString(3) ?? "0";

    private int Online => processes.Schedulers.Count(static scheduler => !scheduler.IsBlocked);

    private static Tuple OsType =>
        OperatingSystem.IsWindows() ? Tuple.Of(Atom.Of("win32"), Atom.Of("nt"))
        : OperatingSystem.IsMacOS() ? Tuple.Of(Atom.Of("unix"), Atom.Of("darwin"))
        : Tuple.Of(Atom.Of("unix"), Atom.Of("linux"));
}
