using System.Runtime.CompilerServices;
using CloudScale.Scheduling;

namespace CloudScale;

/// <summary>A process as its own body sees it.</summary>
/// <remarks>
/// Threads: only inside the body it was given to; anywhere else each member throws <see cref="InvalidOperationException"/>. Others hold the <see cref="Pid"/>.
/// </remarks>
public readonly partial struct Self
{
    private readonly Process _process;

    internal Self(Process process) => _process = process;

    /// <summary>This process's pid. Unlike the other members it may be read anywhere.</summary>
    public Pid Pid => _process.Pid;

    /// <summary>The node this process lives on.</summary>
    public ProcessSystem System => _process.System;

    /// <summary>Whether exit signals become <see cref="CloudScale.Exit"/> messages. To have it from the first instant, set it in <see cref="SpawnOptions"/>.</summary>
    public bool TrapExit
    {
        get => Owned().TrapExit;
        set => Owned().TrapExit = value;
    }

    /// <summary>A token that is cancelled when this process exits: pass it to the I/O it awaits.</summary>
    public CancellationToken ExitToken => Owned().ExitToken;

    /// <summary>The process, checked to be the one that runs here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Process Owned()
    {
        return Owned(out _);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Process Owned(out Scheduler scheduler)
    {
        Process process = _process;
        scheduler = process.Runner!;
        if (scheduler is null || !scheduler.IsThisThread || scheduler.Running != process)
            Misuse.ThrowNotSelf();
        return process;
    }

    // ---- send ----

    /// <summary>Sends a message: any term, or any object if the receiver is local. Never blocks and never fails for want of a receiver.</summary>
    public void Send(Pid to, object message)
    {
        Process me = Owned(out Scheduler scheduler);
        if (ReferenceEquals(to.Node, me.System.ShortCut))
            SendLocal(me, scheduler, to.Number, Payloads.Wrap(message));
        else
            SendElsewhere(me, to, message);
    }

    /// <summary>Sends an integer without a box.</summary>
    public void Send(Pid to, long message)
    {
        Process me = Owned(out Scheduler scheduler);
        if (ReferenceEquals(to.Node, me.System.ShortCut))
            SendLocal(me, scheduler, to.Number, new Envelope(message));
        else
            SendElsewhere(me, to, message);
    }

    /// <summary>Sends a pid without a box.</summary>
    public void Send(Pid to, Pid message)
    {
        Process me = Owned(out Scheduler scheduler);
        if (ReferenceEquals(to.Node, me.System.ShortCut) && !message.IsNone)
            SendLocal(me, scheduler, to.Number, new Envelope(message));
        else
            SendElsewhere(me, to, message);
    }

    /// <summary>Sends to a registered name of this node.</summary>
    /// <exception cref="ArgumentException">Nobody bears the name; as in Erlang, where this is a <c>badarg</c>.</exception>
    public void Send(Atom name, object message)
    {
        Process me = Owned();
        me.Charge(1);
        if (!me.System.Send(name, message))
            throw new ArgumentException($"No process is registered as {name}.", nameof(name));
    }

    /// <summary>Sends to a registered name on a node; nothing happens if nobody bears it.</summary>
    public void Send(Atom name, Atom node, object message)
    {
        Process me = Owned();
        me.Charge(1);
        ArgumentNullException.ThrowIfNull(message);
        if (ReferenceEquals(node, me.System.Identity.Name))
            me.System.Send(name, message);
        else
            me.System.Remote.Send(me.Pid, name, node, message);
    }

    /// <summary>Sends a message later; the timer outlives this process.</summary>
    public ProcessTimer SendAfter(TimeSpan delay, Pid to, object message) => Owned().System.SendAfter(delay, to, message);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SendLocal(Process me, Scheduler scheduler, ulong number, Envelope envelope)
    {
        me.Charge(1);
        scheduler.CountMessage();
        Process? target = me.System.Table.Find(number);
        if (target is not null && target.PostMessage(envelope) == Posted.Wake)
            scheduler.ScheduleNext(target);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SendElsewhere(Process me, Pid to, object message)
    {
        me.Charge(1);
        if (me.System.IsHere(to))
            me.System.Post(to, Payloads.Wrap(message));
        else if (!to.IsNone)
            me.System.Remote.Send(me.Pid, to, message ?? throw new ArgumentNullException(nameof(message)));
    }

    // ---- processes ----

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

    /// <summary>Links to a process: each is told of the other's exit. If it is gone, an exit signal <c>noproc</c> comes back.</summary>
    public void Link(Pid peer) => Owned().Link(peer);

    /// <summary>Takes a link down; no exit signal of it arrives after this.</summary>
    public void Unlink(Pid peer) => Owned().Unlink(peer);

    /// <summary>Watches a process: a <see cref="Down"/> comes when it exits, at once with <c>noproc</c> if it is gone.</summary>
    public Reference Monitor(Pid target) => Owned().Monitor(target);

    /// <summary>Watches whoever bears a name now, on this node or another.</summary>
    public Reference Monitor(Atom name, Atom? node = null) => Owned().Monitor(name, node);

    /// <summary>Takes a monitor back.</summary>
    /// <param name="monitor">What Monitor returned.</param>
    /// <param name="flush">Also removes its <see cref="Down"/> if that has come already.</param>
    /// <returns>Whether it still stood.</returns>
    public bool Demonitor(Reference monitor, bool flush = false) => Owned().Demonitor(monitor, flush);

    /// <summary>Sends an exit signal, as <c>exit(Pid, Reason)</c>: <c>kill</c> cannot be trapped.</summary>
    public void Exit(Pid to, object reason)
    {
        Process me = Owned();
        me.Charge(1);
        me.System.SendExit(me.Pid, to, reason, to == me.Pid ? ExitKind.Self : ExitKind.Explicit);
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

    /// <summary>A new reference, unique among connected nodes.</summary>
    public Reference MakeReference() => Owned().System.NewReference();

    /// <summary>Disposes the resource when this process exits, however it exits; also when it is killed and its <c>using</c> blocks do not run.</summary>
    public void Own(IDisposable resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        Owned().Own(resource);
    }

    /// <summary>Takes back what <see cref="Own"/> gave; false if it was not given.</summary>
    public bool Disown(IDisposable resource) => Owned().Disown(resource);

    /// <summary>
    /// Runs code that blocks its thread (a synchronous call, a lock, a long computation) while another thread takes over this scheduler. The process itself waits.
    /// </summary>
    public TResult Blocking<TResult>(Func<TResult> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        Process me = Owned(out Scheduler scheduler);
        scheduler.MarkBlocked();
        TResult result = work();
        me.Charge(Process.SliceBudget); // this thread has lost its place: leave it at the next await
        return result;
    }

    /// <inheritdoc cref="Blocking{TResult}(Func{TResult})"/>
    public void Blocking(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        Process me = Owned(out Scheduler scheduler);
        scheduler.MarkBlocked();
        work();
        me.Charge(Process.SliceBudget);
    }
}
