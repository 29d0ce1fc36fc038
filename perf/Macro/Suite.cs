namespace CloudScale.Perf.Macro;

/// <summary>What a case's figure counts.</summary>
internal enum Measure
{
    /// <summary>Nanoseconds an operation.</summary>
    Nanoseconds,

    /// <summary>Milliseconds an operation: for those that are a whole program.</summary>
    Milliseconds,

    /// <summary>Bytes a process, once by the collector's count and once by the operating system's.</summary>
    Bytes,

    /// <summary>Milliseconds between the moment something was due and the moment it came: percentiles, not a mean.</summary>
    Lateness,
}

/// <summary>One line of the table: a scenario at a size.</summary>
/// <param name="Name">The published name; once published it is kept, so that results of different days can be laid beside each other.</param>
/// <param name="Scenario">The name of the scenario in C#.</param>
/// <param name="Twin">The Erlang module of the same program in <c>perf/erlang</c>.</param>
/// <param name="Width">The first number of a round: pairs, members, senders, burst, children of a node, backlog.</param>
/// <param name="Count">The second: how many operations a round makes; each scenario says whether in all or each.</param>
/// <param name="Operation">What one operation is, for the table.</param>
/// <param name="Measure">What the figure counts.</param>
/// <param name="Schedulers">How many schedulers the program is about; 0 for as many as the runner tries.</param>
internal sealed record Case(
    string Name,
    string Scenario,
    string Twin,
    int Width,
    int Count,
    string Operation,
    Measure Measure,
    int Schedulers = 0
);

/// <summary>Every case, in the table's order.</summary>
internal static class Suite
{
    // A round is at least some 30 ms of ours, so that making and ending its processes does not show in an operation.
    public static IReadOnlyList<Case> Cases { get; } =
    [
        new("pingpong-1", "ping_pong", "ping_pong", 1, 1_000_000, "round trip", Measure.Nanoseconds),
        new("pingpong-1-handler", "ping_pong_handler", "ping_pong", 1, 1_000_000, "round trip", Measure.Nanoseconds),
        new("pingpong-2", "ping_pong", "ping_pong", 2, 500_000, "round trip", Measure.Nanoseconds),
        new("pingpong-8", "ping_pong", "ping_pong", 8, 125_000, "round trip", Measure.Nanoseconds),
        new("pingpong-64", "ping_pong", "ping_pong", 64, 20_000, "round trip", Measure.Nanoseconds),
        new("pingpong-apart", "ping_pong_apart", "ping_pong_apart", 1, 100_000, "round trip", Measure.Nanoseconds, Schedulers: 2),
        new("pingpong-apart-poll", "ping_pong_polling", "ping_pong_polling", 1, 100_000, "round trip", Measure.Nanoseconds, Schedulers: 2),
        new("ring-503", "ring", "ring", 503, 1_000_000, "hop", Measure.Nanoseconds),
        new("ring-503-tokens", "ring_tokens", "ring_tokens", 503, 4_000_000, "hop", Measure.Nanoseconds),
        new("fanin-100", "fan_in", "fan_in", 100, 1_000_000, "message", Measure.Nanoseconds),
        new("spawn-exit", "spawn_exit", "spawn_exit", 100, 300_000, "process", Measure.Nanoseconds),
        new("spawn-exit-1000", "spawn_exit", "spawn_exit", 1_000, 300_000, "process", Measure.Nanoseconds),
        new("spawn-monitor", "spawn_monitor", "spawn_monitor", 1, 200_000, "process", Measure.Nanoseconds),
        new("monitor-demonitor", "monitor_demonitor", "monitor_demonitor", 1, 500_000, "pair of calls", Measure.Nanoseconds),
        new("link-unlink", "link_unlink", "link_unlink", 1, 500_000, "pair of calls", Measure.Nanoseconds),
        new("register-unregister", "register_unregister", "register_unregister", 1, 500_000, "pair of calls", Measure.Nanoseconds),
        new("whereis", "whereis", "whereis", 1, 2_000_000, "call", Measure.Nanoseconds),
        new("registry-lookup", "registry_lookup", "whereis", 1, 2_000_000, "call", Measure.Nanoseconds),
        new("process-info", "process_info", "own_info", 1, 1_000_000, "call", Measure.Nanoseconds),
        new("down-fanout-10k", "down_fan_out", "down_fan_out", 10_000, 100_000, "process told", Measure.Nanoseconds),
        new("exit-fanout-10k", "exit_fan_out", "exit_fan_out", 10_000, 100_000, "process told and gone", Measure.Nanoseconds),
        new("gen-call", "gen_call", "gen_call", 1, 200_000, "call", Measure.Nanoseconds),
        new("gen-server-call", "gen_server_call", "gen_call", 1, 200_000, "call", Measure.Nanoseconds),
        new("gen-server-cast", "gen_server_cast", "gen_cast", 1, 1_000_000, "cast", Measure.Nanoseconds),
        new("gen-server-start-stop", "gen_server_start_stop", "gen_start_stop", 1, 50_000, "server", Measure.Nanoseconds),
        new("statem-call", "state_machine_call", "statem_call", 1, 200_000, "call", Measure.Nanoseconds),
        new("supervised-start", "supervised_start", "supervised_start", 1, 50_000, "child", Measure.Nanoseconds),
        // Few restarts a round: OTP walks the list of its restarts at each, and a long one would be all that is measured.
        new("supervised-restart", "supervised_restart", "supervised_restart", 10, 100, "restart", Measure.Nanoseconds),
        new("timer-cancel", "timer_cancel", "timer_cancel", 0, 500_000, "pair of calls", Measure.Nanoseconds),
        new("timer-cancel-1m", "timer_cancel", "timer_cancel", 1_000_000, 2_000_000, "pair of calls", Measure.Nanoseconds),
        new("timer-late-1k", "timer_lateness", "timer_lateness", 1_000, 1_000, "timer", Measure.Lateness),
        new("timer-late-1m", "timer_lateness", "timer_lateness", 5_000, 1_000_000, "timer", Measure.Lateness),
        new("skynet-1m", "skynet", "skynet", 10, 1_000_000, "tree", Measure.Milliseconds),
        new("selective-10k", "selective", "selective", 10_000, 200_000, "call", Measure.Nanoseconds),
        new("idle-async", "idle", "idle", 1, 1_000_000, "process", Measure.Bytes),
        new("idle-handler", "idle_handler", "idle", 1, 1_000_000, "process", Measure.Bytes),
        new("ets-insert-1", "ets_insert", "ets_insert", 1, 500_000, "insert", Measure.Nanoseconds),
        new("ets-insert-2", "ets_insert", "ets_insert", 2, 500_000, "insert", Measure.Nanoseconds),
        new("ets-lookup-1", "ets_lookup", "ets_lookup", 1, 2_000_000, "look-up", Measure.Nanoseconds),
        new("ets-lookup-2", "ets_lookup", "ets_lookup", 2, 2_000_000, "look-up", Measure.Nanoseconds),
        new("ets-counter-1", "ets_update_counter", "ets_update_counter", 1, 2_000_000, "update_counter", Measure.Nanoseconds),
        new("ets-counter-2", "ets_update_counter", "ets_update_counter", 2, 2_000_000, "update_counter", Measure.Nanoseconds),
    ];
}
