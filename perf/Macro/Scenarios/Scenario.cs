using System.Diagnostics;

namespace CloudScale.Perf.Macro.Scenarios;

/// <summary>A program of processes that is run again and again; its twin is the Erlang module of the same name.</summary>
internal abstract class Scenario
{
    private static readonly Dictionary<string, Scenario> s_all = new()
    {
        ["ping_pong"] = new PingPong(),
        ["ping_pong_handler"] = new PingPongHandler(),
        ["ping_pong_apart"] = new PingPongApart(),
        ["ping_pong_polling"] = new PingPongPolling(),
        ["ring"] = new Ring(),
        ["ring_tokens"] = new RingTokens(),
        ["fan_in"] = new FanIn(),
        ["spawn_exit"] = new SpawnExit(),
        ["spawn_monitor"] = new SpawnMonitor(),
        ["monitor_demonitor"] = new MonitorDemonitor(),
        ["link_unlink"] = new LinkUnlink(),
        ["register_unregister"] = new RegisterUnregister(),
        ["whereis"] = new WhereIs(),
        ["registry_lookup"] = new RegistryLookUp(),
        ["process_info"] = new OwnInfo(),
        ["down_fan_out"] = new DownFanOut(),
        ["exit_fan_out"] = new ExitFanOut(),
        ["gen_call"] = new GenCall(),
        ["gen_server_call"] = new GenServerCall(),
        ["gen_server_cast"] = new GenServerCast(),
        ["gen_server_start_stop"] = new GenServerStartStop(),
        ["supervised_start"] = new SupervisedStart(),
        ["supervised_restart"] = new SupervisedRestart(),
        ["state_machine_call"] = new StateMachineCall(),
        ["timer_cancel"] = new TimerCancel(),
        ["skynet"] = new Skynet(),
        ["selective"] = new Selective(),
        ["ets_insert"] = new EtsInsert(),
        ["ets_lookup"] = new EtsLookup(),
        ["ets_update_counter"] = new EtsUpdateCounter(),
    };

    /// <summary>The atom that tells the driver: finished.</summary>
    protected static Atom Done { get; } = Atom.Of("done");

    public static Scenario? Find(string name) => s_all.GetValueOrDefault(name);

    /// <summary>Runs the program once, to its end.</summary>
    /// <param name="self">The driver, a process like the others.</param>
    /// <param name="width">How wide: pairs, members, senders, children. Each scenario says.</param>
    /// <param name="count">How long. Each scenario says.</param>
    /// <returns>How many operations that were.</returns>
    public abstract ProcessTask<long> Round(Self self, int width, int count);

    /// <summary>A round with the time that counts: all of it, unless a scenario says otherwise.</summary>
    public virtual async ProcessTask<(long Operations, TimeSpan Elapsed)> Timed(Self self, int width, int count)
    {
        long start = Stopwatch.GetTimestamp();
        long operations = await Round(self, width, count);
        return (operations, Stopwatch.GetElapsedTime(start));
    }
}

/// <summary>A scenario of which only a part is measured: what it needs for that part costs more than the part itself.</summary>
internal abstract class PartScenario : Scenario
{
    /// <inheritdoc/>
    public sealed override async ProcessTask<long> Round(Self self, int width, int count) => (await Timed(self, width, count)).Operations;

    /// <inheritdoc/>
    public abstract override ProcessTask<(long Operations, TimeSpan Elapsed)> Timed(Self self, int width, int count);
}
