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

    /// <summary>A token that is cancelled when this process exits: pass it to the I/O it awaits.</summary>
    public CancellationToken ExitToken => Owned().ExitToken;

    /// <summary>The process, checked to be the one that runs here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Process Owned()
    {
        return Owned(out _);
    }

    /// <summary>The process, which pays a reduction for what it does.</summary>
    private Process Charged()
    {
        Process me = Owned();
        me.Charge(1);
        return me;
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
        if (me.IsTraced)
            me.System.Traced(me, TraceFlags.Send, TraceKind.Send, message, name);
        if (!me.System.Send(name, message))
            throw new ArgumentException($"No process is registered as {name}.", nameof(name));
    }

    /// <summary>Sends to a registered name on a node; nothing happens if nobody bears it.</summary>
    public void Send(Atom name, Atom node, object message)
    {
        Process me = Owned();
        if (!ReferenceEquals(node, me.System.Identity.Name))
        {
            SendAcross(me, name, node, message, SendOptions.None);
            return;
        }

        ArgumentNullException.ThrowIfNull(message);
        me.Charge(1);
        if (me.IsTraced)
            me.System.Traced(me, TraceFlags.Send, TraceKind.Send, message, Tuple.Of(name, node));
        me.System.Send(name, message);
    }

    /// <summary>Sends to an alias; dropped if its process has ended it. Aliases of other nodes are reached as their processes are.</summary>
    /// <param name="alias">A reference that its maker made an alias.</param>
    /// <param name="message">Any term.</param>
    /// <param name="priority">Asks that it goes before ordinary messages; counts where the alias allows it.</param>
    public void Send(Reference alias, object message, bool priority = false)
    {
        Process me = Owned();
        (object? payload, long bits) = Payloads.Split(message);
        SendAlias(me, alias, payload, bits, priority);
    }

    /// <summary>Sends an integer to an alias without a box.</summary>
    public void Send(Reference alias, long message) => SendAlias(Owned(), alias, null, message, priority: false);

    private static void SendAlias(Process me, Reference alias, object? payload, long bits, bool priority)
    {
        me.Charge(1);
        if (me.IsTraced)
            me.System.Traced(me, TraceFlags.Send, TraceKind.Send, Payloads.Unwrap(payload, bits), alias);
        if (!alias.IsNone)
            me.System.SendAlias(me.Pid, alias, payload, bits, priority, me.DropAnsweredMonitor(alias));
    }

    /// <summary>
    /// Sends, and waits first while the receiver's mailbox is full and its limit says <see cref="MailboxOverflow.Wait"/>, and then while the connection to its node is busy; else
    /// as <see cref="Send(Pid, object)"/>.
    /// </summary>
    public async ProcessTask SendAsync(Pid to, object message)
    {
        Self self = this;
        Envelope envelope = Payloads.Wrap(message);
        while (!self.TrySend(to, envelope))
            await new RoomAwaitable(self.Owned(), to);
        if (self.Owned().IsSpent)
            await self.Yield(); // where a busy connection holds this process, it is held here
    }

    private bool TrySend(Pid to, Envelope envelope)
    {
        Process me = Owned();
        me.Charge(1);
        return me.System.TrySend(me.Pid, to, envelope);
    }

    /// <summary>Makes an alias: a reference by which this process can be sent to until the alias ends.</summary>
    /// <param name="mode">When it ends: <see cref="AliasMode.ExplicitUnalias"/> or <see cref="AliasMode.Reply"/>.</param>
    /// <param name="priority">Senders may ask that their messages go before ordinary ones.</param>
    /// <exception cref="ArgumentException">Another mode: those belong to a monitor.</exception>
    public Reference Alias(AliasMode mode = AliasMode.ExplicitUnalias, bool priority = false)
    {
        if (mode is not (AliasMode.ExplicitUnalias or AliasMode.Reply))
            throw new ArgumentException($"{mode} is for the alias of a monitor: see MonitorOptions.", nameof(mode));
        return Owned().Alias(mode, priority);
    }

    /// <summary>Ends an alias; what is sent to it from now on is dropped. False if it was none of this process.</summary>
    public bool Unalias(Reference alias) => Owned().Unalias(alias);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SendLocal(Process me, Scheduler scheduler, ulong number, Envelope envelope)
    {
        me.Charge(1);
        scheduler.CountMessage();
        Process? target = me.System.Table.Find(number);
        if (target is null || (target.Hooks | me.Hooks) != Hooks.None)
            SendHooked(me, new Pid(me.System.Identity, number), target, envelope);
        else if (target.TryWake())
            scheduler.ScheduleNext(target, envelope);
        else if (target.PostMessage(envelope) == Posted.Wake)
            scheduler.ScheduleNext(target);
    }

    /// <summary>The send of a process, or to one, that senders have to mind.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SendHooked(Process me, Pid to, Process? target, Envelope envelope)
    {
        if (me.IsTraced)
            me.System.Traced(me, TraceFlags.Send, TraceKind.Send, Payloads.Unwrap(envelope.Payload, envelope.Bits), to);
        if (target is not null)
            me.System.Post(target, envelope);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SendElsewhere(Process me, Pid to, object message)
    {
        if (!to.IsNone && !me.System.IsHere(to))
        {
            SendAcross(me, to, message, SendOptions.None);
            return;
        }

        me.Charge(1);
        if (me.IsTraced)
            me.System.Traced(me, TraceFlags.Send, TraceKind.Send, message, to);
        if (!to.IsNone)
            me.System.Post(to, Payloads.Wrap(message));
    }

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
        scheduler.AfterSlice.Run();
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
        scheduler.AfterSlice.Run();
        scheduler.MarkBlocked();
        work();
        me.Charge(Process.SliceBudget);
    }
}
