using CloudScale.Scheduling;

namespace CloudScale;

/// <summary>Other processes: starting them, links and monitors, exit signals, names.</summary>
public readonly partial struct Self
{
    /// <summary>Starts a process.</summary>
    /// <exception cref="SystemLimitException">The node has its most processes.</exception>
    public Pid Spawn(Func<Self, ProcessTask> body, SpawnOptions options = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        Process me = Owned();
        me.Charge(2);
        return me.System.Spawn(body, options, me).Pid;
    }

    /// <summary>Starts a handler process.</summary>
    /// <inheritdoc cref="Spawn(Func{Self, ProcessTask}, SpawnOptions)" path="/exception"/>
    public Pid Spawn(ProcessHandler handler, SpawnOptions options = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Process me = Owned();
        me.Charge(2);
        return me.System.Spawn(handler, options, me).Pid;
    }

    /// <summary>Starts a process linked to this one, in one step.</summary>
    /// <inheritdoc cref="Spawn(Func{Self, ProcessTask}, SpawnOptions)" path="/exception"/>
    public Pid SpawnLink(Func<Self, ProcessTask> body, SpawnOptions options = default) => Spawn(body, options with { Link = true });

    /// <summary>Starts a handler process linked to this one, in one step.</summary>
    /// <inheritdoc cref="Spawn(Func{Self, ProcessTask}, SpawnOptions)" path="/exception"/>
    public Pid SpawnLink(ProcessHandler handler, SpawnOptions options = default) => Spawn(handler, options with { Link = true });

    /// <summary>Starts a process monitored by this one, in one step.</summary>
    /// <inheritdoc cref="Spawn(Func{Self, ProcessTask}, SpawnOptions)" path="/exception"/>
    public Pid SpawnMonitor(Func<Self, ProcessTask> body, out Reference monitor, SpawnOptions options = default)
    {
        monitor = Owned().System.NewReference();
        return Spawn(body, options with { Monitor = monitor });
    }

    /// <summary>Starts a handler process monitored by this one, in one step.</summary>
    /// <inheritdoc cref="Spawn(Func{Self, ProcessTask}, SpawnOptions)" path="/exception"/>
    public Pid SpawnMonitor(ProcessHandler handler, out Reference monitor, SpawnOptions options = default)
    {
        monitor = Owned().System.NewReference();
        return Spawn(handler, options with { Monitor = monitor });
    }

    /// <summary>Starts a process monitored by this one, in one step, with options for the monitor.</summary>
    public Pid SpawnMonitor(Func<Self, ProcessTask> body, MonitorOptions monitoring, out Reference monitor, SpawnOptions options = default)
    {
        monitor = Owned().NewMonitorReference(monitoring);
        return Spawn(body, options with { Monitor = monitor, MonitorOptions = monitoring });
    }

    /// <summary>Starts a handler process monitored by this one, in one step, with options for the monitor.</summary>
    public Pid SpawnMonitor(ProcessHandler handler, MonitorOptions monitoring, out Reference monitor, SpawnOptions options = default)
    {
        monitor = Owned().NewMonitorReference(monitoring);
        return Spawn(handler, options with { Monitor = monitor, MonitorOptions = monitoring });
    }

    /// <summary>A reference for a monitor that is set later, by <see cref="SpawnMonitor(ProcessHandler, MonitorOptions, Reference, SpawnOptions)"/>: so that the process may know it from its first instant.</summary>
    public Reference PrepareMonitor(MonitorOptions monitoring) => Owned().NewMonitorReference(monitoring);

    /// <summary>Starts a handler process monitored by this one under a reference that was prepared, with the same options.</summary>
    public Pid SpawnMonitor(ProcessHandler handler, MonitorOptions monitoring, Reference monitor, SpawnOptions options = default) =>
        Spawn(handler, options with { Monitor = monitor, MonitorOptions = monitoring });

    /// <summary>Starts a process monitored by this one under a reference that was prepared, with the same options.</summary>
    public Pid SpawnMonitor(Func<Self, ProcessTask> body, MonitorOptions monitoring, Reference monitor, SpawnOptions options = default) =>
        Spawn(body, options with { Monitor = monitor, MonitorOptions = monitoring });

    /// <summary>Links to a process: each is told of the other's exit. If it is gone, an exit signal <c>noproc</c> comes back.</summary>
    /// <param name="peer">The other.</param>
    /// <param name="priority">Its exit, where this process traps exits, comes as a priority message.</param>
    public void Link(Pid peer, bool priority = false) => Charged().Link(Named(peer), priority);

    /// <summary>Takes a link down; no exit signal of it arrives after this.</summary>
    public void Unlink(Pid peer) => Charged().Unlink(peer);

    /// <summary>Watches a process: a <see cref="Down"/> comes when it exits, at once with <c>noproc</c> if it is gone.</summary>
    public Reference Monitor(Pid target) => Charged().Monitor(Named(target));

    /// <summary>Watches a process, with options for the report and the reference.</summary>
    public Reference Monitor(Pid target, MonitorOptions options) => Charged().Monitor(Named(target), options);

    /// <summary>A pid that names a process, dead or alive; <c>default</c> names none, and would never be answered for.</summary>
    private static Pid Named(Pid pid) => !pid.IsNone ? pid : throw new ArgumentException("default(Pid) names no process.", nameof(pid));

    /// <summary>Watches whoever bears a name now, on this node or another.</summary>
    public Reference Monitor(Atom name, Atom? node = null, MonitorOptions options = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Charged().Monitor(name, node, options);
    }

    /// <summary>Takes a monitor back.</summary>
    /// <param name="monitor">What Monitor returned.</param>
    /// <param name="flush">Also removes its <see cref="Down"/> if that has come already.</param>
    /// <returns>Whether it still stood.</returns>
    public bool Demonitor(Reference monitor, bool flush = false) => Charged().Demonitor(monitor, flush);

    /// <summary>Sends an exit signal, as <c>exit(Pid, Reason)</c>: <c>kill</c> cannot be trapped.</summary>
    public void Exit(Pid to, object reason)
    {
        Process me = Owned();
        me.Charge(1);
        me.System.SendExit(me.Pid, to, reason, to == me.Pid ? ExitKind.Self : ExitKind.Explicit);
    }

    /// <summary>Sends an exit signal, as <see cref="Exit(Pid, object)"/>, to a process that this one monitors from here on: how a supervisor stops a child.</summary>
    /// <remarks>Of a process of this node the <see cref="Down"/> is all that comes: a link to it stands until it has exited, but that exit is told once.</remarks>
    /// <param name="to">A process, here or elsewhere.</param>
    /// <param name="reason">Any term; <c>kill</c> cannot be trapped.</param>
    /// <returns>The monitor. Its report says why the process exited, or <c>noproc</c> if it had exited before.</returns>
    public Reference ExitMonitor(Pid to, object reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return Charged().ExitMonitor(Named(to), reason);
    }

    /// <summary>Asks a process to end in order, as OTP's <c>sys:terminate</c> does, and monitors it from here on.</summary>
    /// <remarks>
    /// A process of this node is asked in one signal: see <see cref="StopRequest"/>. One elsewhere, or whose mailbox is bounded or traced, gets the tuple, and an answer <c>{Monitor, ok}</c> may come before the report.
    /// </remarks>
    /// <param name="process">Here or elsewhere.</param>
    /// <param name="reason">With which it is to exit; any term.</param>
    /// <returns>The monitor. Its report says why the process exited, or <c>noproc</c> if it had exited before.</returns>
    public Reference StopMonitor(Pid process, object reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return Charged().StopMonitor(Named(process), reason);
    }

    /// <summary>Sends an exit signal by alias; nothing happens if it is none (any more).</summary>
    /// <param name="alias">The alias.</param>
    /// <param name="reason">Any term.</param>
    /// <param name="priority">Where the receiver traps exits and the alias allows it, the message goes before ordinary ones.</param>
    public void Exit(Reference alias, object reason, bool priority = false)
    {
        ArgumentNullException.ThrowIfNull(reason);
        Process me = Owned();
        me.Charge(1);
        if (!alias.IsNone)
            me.System.SendExit(me.Pid, alias, reason, priority);
    }

    /// <summary>Ends this process, as <c>exit(Reason)</c>.</summary>
    /// <exception cref="ProcessExitException">Always: it unwinds the body.</exception>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public void Exit(object reason)
    {
        Owned();
        ArgumentNullException.ThrowIfNull(reason);
        throw new ProcessExitException(reason);
    }

    /// <summary>Registers a process of this node under a name.</summary>
    /// <inheritdoc cref="ProcessSystem.Register(Atom, Pid)" path="/exception"/>
    public void Register(Atom name, Pid pid) => Owned().System.Register(name, pid);

    /// <summary>The process of this name on this node; <c>default</c> if there is none.</summary>
    public Pid WhereIs(Atom name) => Owned().System.WhereIs(name);

    /// <summary>Moves a name to another process of this node in one step.</summary>
    /// <inheritdoc cref="ProcessSystem.Replace(Atom, Pid)" path="/exception"/>
    public Pid Replace(Atom name, Pid pid) => Owned().System.Replace(name, pid);

    /// <summary>Frees a name; false if nobody bears it.</summary>
    public bool Unregister(Atom name) => Owned().System.Unregister(name);

    /// <summary>A new reference, unique among connected nodes.</summary>
    public Reference MakeReference() => Owned().System.NewReference();
}
