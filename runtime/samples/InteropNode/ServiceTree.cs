using CloudScale.Samples.InteropNode.Servers;
using CloudScale.Samples.InteropNode.Services;

namespace CloudScale.Samples.InteropNode;

/// <summary>The services, each under its name, and what starts them again.</summary>
internal static class ServiceTree
{
    internal static async Task StartAsync(Node node)
    {
        TaskCompletionSource up = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Service[] services =
        [
            Process("echo", Echo.Run),
            Process("sink", Sink.Run),
            Process("etf", EtfService.Run),
            Process("spawner", Spawner.Of(node.Functions)),
            new(self => self.StartLink(new Gs(Atoms.Ok), Named("gs"))),
            new(self => self.StartLink(new Gs(Atoms.Ok), new StartOptions { Name = ServerName.Via(node.Global, GlobalName(node)) })),
            new(self => self.StartLink(new Sm(), Named("sm"))),
            new(StartGe),
            new(self => self.StartLink(new TaskSupervisor(node.Functions), Named("task_sup"))),
        ];
        node.Spawn(self => Keeper.Run(self, services, up));
        await up.Task;
    }

    private static Tuple GlobalName(Node node) => Tuple.Of((Atom)"conformance", node.Name);

    private static StartOptions Named(Atom name) => new() { Name = name };

    private static Service Process(Atom name, Func<Self, ProcessTask> body) =>
        new(self =>
            self.StartProcessLink(
                (service, start) =>
                {
                    start.Ok(service);
                    return body(service);
                },
                Named(name)
            )
        );

    private static async ProcessTask<StartResult> StartGe(Self self)
    {
        GenEvent manager = new GenEvent().Know(ConfHandler.Kind, static () => new ConfHandler());
        StartResult started = await self.StartLink(manager, Named("ge"));
        if (started.IsOk)
            await self.AddHandler(started.Pid, ConfHandler.Kind, (Atom)"main");
        return started;
    }
}
