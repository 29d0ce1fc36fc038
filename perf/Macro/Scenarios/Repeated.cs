using CloudScale.Scheduling;

namespace CloudScale.Perf.Macro.Scenarios;

/// <summary>A pair of calls made over and over by one process.</summary>
/// <remarks>
/// The BEAM takes the turn of a process after some thousand calls; with us a body gives it away where it awaits, so these do so every <see cref="Turn"/> operations, as a body
/// that behaves would. Where the calls are signals to another process, the round ends when that process has worked them all.
/// </remarks>
internal abstract class Repeated : Scenario
{
    private const int Turn = 1_000;
    private static readonly Atom s_stop = Atom.Of("stop");

    // An operation is one pair of calls, or one call; count of them.
    public sealed override async ProcessTask<long> Round(Self self, int width, int count)
    {
        Pid driver = self.Pid;
        Pid peer = self.Spawn(other => Peer(other, driver));
        Begin(self);
        for (int left = count; left > 0; left -= Turn)
        {
            for (int more = Math.Min(left, Turn); more > 0; more--)
                Once(self, peer);
            await self.Yield();
        }

        End(self);
        self.Send(peer, s_stop);
        await self.Receive<Atom>();
        return count;
    }

    protected virtual void Begin(Self self) { }

    protected abstract void Once(Self self, Pid peer);

    protected virtual void End(Self self) { }

    private static async ProcessTask Peer(Self self, Pid driver)
    {
        await self.Receive<Atom>();
        self.Send(driver, Done);
    }
}

/// <summary>A monitor set and taken back. Twin: <c>monitor_demonitor.erl</c>.</summary>
internal sealed class MonitorDemonitor : Repeated
{
    protected override void Once(Self self, Pid peer) => self.Demonitor(self.Monitor(peer));
}

/// <summary>A link made and taken down. Twin: <c>link_unlink.erl</c>.</summary>
internal sealed class LinkUnlink : Repeated
{
    protected override void Once(Self self, Pid peer)
    {
        self.Link(peer);
        self.Unlink(peer);
    }
}

/// <summary>A name taken and freed. Twin: <c>register_unregister.erl</c>.</summary>
internal sealed class RegisterUnregister : Repeated
{
    private static readonly Atom s_name = Atom.Of("a_name");

    protected override void Once(Self self, Pid peer)
    {
        self.Register(s_name, peer);
        self.Unregister(s_name);
    }
}

/// <summary>A name looked up. Twin: <c>whereis.erl</c>.</summary>
internal sealed class WhereIs : Repeated
{
    private static readonly Atom s_name = Atom.Of("a_name");

    protected override void Begin(Self self) => self.Register(s_name, self.Pid);

    protected override void Once(Self self, Pid peer)
    {
        if (self.WhereIs(s_name) != self.Pid)
            throw new InvalidOperationException("the name leads to another process");
    }

    protected override void End(Self self) => self.Unregister(s_name);
}

/// <summary>A name looked up in the registry of names of any term, among 10,000. Twin: <c>whereis.erl</c>.</summary>
internal sealed class RegistryLookUp : Repeated
{
    private static readonly RegistryKey s_key = RegistryKey.OfName(Atom.Of("a_name"));
    private ProcessRegistry? _registry;

    protected override void Begin(Self self)
    {
        _registry ??= Others(self.System);
        _registry.Register(s_key, self.Pid);
    }

    private static ProcessRegistry Others(ProcessSystem system)
    {
        var registry = new ProcessRegistry(system);
        Pid other = system.Spawn(static async self => await self.Receive());
        for (long name = 1; name < 10_000; name++)
            registry.Register(RegistryKey.OfName(name), other);
        return registry;
    }

    protected override void Once(Self self, Pid peer)
    {
        if (_registry!.WhereIs(s_key) != self.Pid)
            throw new InvalidOperationException("the name leads to another process");
    }

    protected override void End(Self self) => _registry!.Unregister(s_key, self.Pid);
}

/// <summary>A process asks for the length of its own mailbox. Twin: <c>own_info.erl</c>.</summary>
internal sealed class OwnInfo : Repeated
{
    protected override void Once(Self self, Pid peer)
    {
        if (self.MessageQueueLength != 0)
            throw new InvalidOperationException("the mailbox is not empty");
    }
}
