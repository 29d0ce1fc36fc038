namespace CloudScale.Perf.Macro.Scenarios;

/// <summary>A program of processes that is run again and again; its twin is the Erlang module of the same name.</summary>
internal abstract class Scenario
{
    private static readonly Dictionary<string, Scenario> s_all = new()
    {
        ["ping_pong"] = new PingPong(),
        ["ping_pong_handler"] = new PingPongHandler(),
        ["ring"] = new Ring(),
        ["fan_in"] = new FanIn(),
        ["spawn_exit"] = new SpawnExit(),
        ["spawn_monitor"] = new SpawnMonitor(),
        ["skynet"] = new Skynet(),
        ["selective"] = new Selective(),
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
}
