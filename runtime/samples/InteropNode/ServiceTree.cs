using CloudScale.Samples.InteropNode.Servers;
using CloudScale.Samples.InteropNode.Services;

namespace CloudScale.Samples.InteropNode;

/// <summary>The services, each under its name, and the supervisors that start them again.</summary>
internal static class ServiceTree
{
    // Peers crash services for a living: nothing they do in a second is too much.
    private const int Restarts = 100_000;

    /// <returns>The supervisor of all.</returns>
    /// <exception cref="StartException">A service did not start; the reason says which.</exception>
    internal static async Task<Pid> StartAsync(Node node)
    {
        Supervisor tree = Generous()
            .Add(Process("echo", Echo.Run))
            .Add(Process("sink", Sink.Run))
            .Add(Process("etf", EtfService.Run))
            .Add(Process("spawner", Spawner.Of(node.Functions)))
            .Add(Named("gs", static () => new Gs(Atoms.Ok)))
            .Add(new ChildSpec("global_gs", static () => new Gs(Atoms.Ok)) { Options = new() { Name = GlobalName(node) } })
            .Add(Named("sm", static () => new Sm()))
            .Add(new ChildSpec("ge", StartGe) { Modules = (Atom)"dynamic" })
            .Add(Named("sup", Workers))
            .Add(Named("dyn_sup", DynamicWorkers))
            .Add(Named("task_sup", () => new TaskSupervisor(node.Functions)))
            .Build();
        return (await node.StartAsync(tree)).Pid;
    }

    private static SupervisorBuilder Generous(RestartStrategy strategy = RestartStrategy.OneForOne) =>
        new SupervisorBuilder(strategy).WithIntensity(Restarts, TimeSpan.FromSeconds(1));

    private static ChildSpec Named(Atom name, Func<Behaviour> factory) => new(name, factory) { Options = new() { Name = name } };

    /// <summary><c>{global, {conformance, Node}}</c>.</summary>
    private static ServerName GlobalName(Node node) => ServerName.Via(node.Global, Tuple.Of((Atom)"conformance", node.Name));

    /// <summary>A service that is no behaviour: a body under a name.</summary>
    private static ChildSpec Process(Atom name, Func<Self, ProcessTask> body) =>
        new(
            name,
            self =>
                self.StartProcessLink(
                    (service, start) =>
                    {
                        start.Ok(service);
                        return body(service);
                    },
                    new StartOptions { Name = name }
                )
        );

    private static async ProcessTask<StartResult> StartGe(Self self)
    {
        GenEvent manager = new GenEvent().Know(ConfHandler.Kind, static () => new ConfHandler());
        StartResult started = await self.StartLink(manager, new StartOptions { Name = "ge" });
        if (started.IsOk)
            await self.AddHandler(started.Pid, ConfHandler.Kind, (Atom)"main");
        return started;
    }

    /// <summary><c>sup</c>: two workers that are always there.</summary>
    private static Supervisor Workers() =>
        Generous().Add(WorkerOf("w1", List.Of((Atom)"w1"))).Add(WorkerOf("w2", List.Of((Atom)"w2"))).Build();

    /// <summary><c>dyn_sup</c>: workers that come by <c>start_child(dyn_sup, [Id])</c>, and go for good.</summary>
    private static Supervisor DynamicWorkers() =>
        Generous(RestartStrategy.SimpleOneForOne).Add(WorkerOf("worker", List.Empty) with { Restart = ChildRestart.Temporary }).Build();

    private static ChildSpec WorkerOf(Atom id, List arguments) =>
        new(id, "conformance", "start_worker", arguments) { Shutdown = TimeSpan.FromSeconds(1), Modules = List.Of((Atom)"conformance") };
}
