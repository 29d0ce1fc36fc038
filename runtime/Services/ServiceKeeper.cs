using CloudScale.Scheduling;

namespace CloudScale.Runtime.Services;

/// <summary>The process registered as <c>kernel_sup</c>: starts the services of a node, and again each that ends.</summary>
/// <remarks>
/// Services have their names before the node takes its first connection: host code starts them, and the keeper then links itself to each. It starts at most twenty a second, so that one
/// that ends again and again takes nobody's time.
/// </remarks>
internal sealed class ServiceKeeper : ProcessHandler
{
    internal static readonly Atom Name = Atom.Of("kernel_sup");
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);
    private readonly Dictionary<Pid, Service> _services = [];

    /// <summary>Starts the services and their keeper.</summary>
    internal static void Start(ProcessSystem processes, params ReadOnlySpan<Service> services)
    {
        ServiceKeeper keeper = new();
        foreach (Service service in services)
            keeper._services.Add(processes.Spawn(service.Make(), OptionsOf(service)), service);
        processes.Spawn(keeper, new SpawnOptions { Name = Name, TrapExit = true });
    }

    private static SpawnOptions OptionsOf(Service service) => new() { Name = service.Name, TrapExit = service.TrapExit };

    protected override ProcessTask OnStart(Self self)
    {
        foreach (Pid service in _services.Keys)
            self.Link(service);
        return default;
    }

    protected override async ProcessTask OnMessage(Self self, Message message)
    {
        if (!message.TryGet(out Exit exit))
            return;
        if (!_services.Remove(exit.From, out Service? service))
            self.Exit(exit.Reason); // the node stops
        while (true)
        {
            try
            {
                _services.Add(self.SpawnLink(service.Make(), OptionsOf(service)), service);
                await self.Sleep(s_pause);
                return;
            }
            catch (ArgumentException)
            {
                // Somebody bears the name already: let him, until he is gone.
            }
            catch (InvalidOperationException)
            {
                return; // the node stops
            }

            await self.Sleep(s_pause);
        }
    }

    /// <summary>A service: its name, and what runs under it.</summary>
    internal sealed record Service(Atom Name, Func<ProcessHandler> Make, bool TrapExit = false);
}
