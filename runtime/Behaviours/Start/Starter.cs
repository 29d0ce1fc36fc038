using CloudScale.Runtime.Behaviours;

namespace CloudScale;

/// <summary>Starting behaviours from a process, as OTP's <c>start</c>, <c>start_link</c> and <c>start_monitor</c> do.</summary>
/// <remarks>
/// Threads: the process of the <see cref="Self"/>. Each returns when <c>Init</c> has returned. If the start failed, the process is gone and its name is free before the starter hears of it; a starter
/// that traps exits finds no exit message of it. Source: OTP, gen, proc_lib (from OTP 26 on).
/// </remarks>
public static class StarterExtensions
{
    // The acknowledgement takes the monitor back at both ends: no signal for it, and nothing of it stays in the process that was started.
    private static readonly MonitorOptions s_untilAcknowledged = new() { Alias = AliasMode.ReplyDemonitor };

    /// <summary>Starts a process that is not linked.</summary>
    /// <param name="self">The starter.</param>
    /// <param name="behaviour">A fresh object; it belongs to the process from here on.</param>
    /// <param name="options">Name, time-out and the rest.</param>
    /// <returns>How the start ended.</returns>
    public static ProcessTask<StartResult> Start(this Self self, Behaviour behaviour, StartOptions? options = null) =>
        Begin(self, behaviour, options ?? StartOptions.Default, StartKind.Plain);

    /// <summary>Starts a process that is linked to the starter, which is its parent: the exit of the parent is its own.</summary>
    /// <inheritdoc cref="Start" path="/*[not(self::summary)]"/>
    public static ProcessTask<StartResult> StartLink(this Self self, Behaviour behaviour, StartOptions? options = null) =>
        Begin(self, behaviour, options ?? StartOptions.Default, StartKind.Link);

    /// <summary>Starts a process that the starter monitors, under <see cref="StartResult.Monitor"/>.</summary>
    /// <inheritdoc cref="Start" path="/*[not(self::summary)]"/>
    public static ProcessTask<StartResult> StartMonitor(this Self self, Behaviour behaviour, StartOptions? options = null) =>
        Begin(self, behaviour, options ?? StartOptions.Default, StartKind.Monitor);

    /// <summary>Starts a process that runs an async body and says itself how its start went.</summary>
    /// <param name="self">The starter.</param>
    /// <param name="body">Gets the process, and the word for the starter.</param>
    /// <param name="options">Name, time-out and the rest.</param>
    /// <returns>How the start ended.</returns>
    public static ProcessTask<StartResult> StartProcess(
        this Self self,
        Func<Self, StartAcknowledgement, ProcessTask> body,
        StartOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(body);
        return Begin(self, body, options ?? StartOptions.Default, StartKind.Plain);
    }

    /// <summary>Starts a process, linked to the starter, that runs an async body and says itself how its start went.</summary>
    /// <inheritdoc cref="StartProcess" path="/*[not(self::summary)]"/>
    public static ProcessTask<StartResult> StartProcessLink(
        this Self self,
        Func<Self, StartAcknowledgement, ProcessTask> body,
        StartOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(body);
        return Begin(self, body, options ?? StartOptions.Default, StartKind.Link);
    }

    private static ProcessTask<StartResult> Begin(Self self, object code, StartOptions options, StartKind kind)
    {
        ArgumentNullException.ThrowIfNull(code);
        if (options.Name is { Registry: null, Name: Atom name } && self.WhereIs(name) is { IsNone: false } taken)
            return new(StartResult.NameTaken(taken));
        PendingStart start = Spawn(self, code, options, kind, out Reference monitor);
        return kind == StartKind.Monitor
            ? StartMonitored(self, start.Origin, start.Pid, monitor, start.Mark)
            : StartAcknowledged(self, start);
    }

    /// <summary>The first half of <see cref="StartLink"/> with default options, for those who wait in an async method of their own; <see cref="PendingStart.News"/> and <see cref="End"/> are the rest.</summary>
    internal static PendingStart BeginLinked(Self self, Behaviour behaviour) =>
        Spawn(self, behaviour, StartOptions.Default, StartKind.Link, out _);

    private static PendingStart Spawn(Self self, object code, StartOptions options, StartKind kind, out Reference monitor)
    {
        Origin origin = new(self, options, isLinked: kind == StartKind.Link);
        (code as Behaviour)?.Adopt(origin);
        ReceiveMark mark = self.Mark();
        MonitorOptions monitoring = kind == StartKind.Monitor ? default : s_untilAcknowledged;
        monitor = self.PrepareMonitor(monitoring);
        if (kind != StartKind.Monitor)
            origin.Alias = monitor;
        SpawnOptions spawn = options.Spawn with { Name = null, Link = kind == StartKind.Link || options.Spawn.Link };
        Pid pid = code is Behaviour behaviour
            ? self.SpawnMonitor(behaviour, monitoring, monitor, spawn)
            : self.SpawnMonitor(Body(code, origin), monitoring, monitor, spawn);
        return new PendingStart(origin, pid, mark);
    }

    private static async ProcessTask<StartResult> StartAcknowledged(Self self, PendingStart start) =>
        await End(self, start, await start.News(self));

    /// <summary>What the news come to that a start was waiting for.</summary>
    internal static ProcessTask<StartResult> End(Self self, in PendingStart start, Received<CallAnswer> news) =>
        news is { HasValue: true, Value.IsReason: false } && start.Origin.Result.IsOk
            ? new(start.Origin.Result)
            : FailAsync(self, start.Origin, start.Pid, news);

    private static async ProcessTask<StartResult> FailAsync(Self self, Origin origin, Pid pid, Received<CallAnswer> news)
    {
        if (!news.HasValue)
        {
            await KillAsync(self, pid, origin, default);
            return StartResult.Failed(Atoms.Timeout);
        }

        // It was ended by a signal before it could say anything; what came was the report, and nothing more will.
        if (news.Value.IsReason)
        {
            if (origin.IsLinked)
                await TakeExitAsync(self, pid);
            return StartResult.Failed(news.Value.Value);
        }

        await AwaitEndAsync(self, pid, default);
        return origin.Result;
    }

    private static async ProcessTask<StartResult> StartMonitored(Self self, Origin origin, Pid pid, Reference monitor, ReceiveMark mark)
    {
        bool IsNews(object message) => ReferenceEquals(message, origin) || (message is Down down && down.Reference == monitor);
        Received<object> news = await self.TryReceive<object>(IsNews, origin.Options.Timeout, mark);
        if (!news.HasValue)
        {
            await KillAsync(self, pid, origin, monitor);
            return StartResult.Failed(Atoms.Timeout);
        }

        if (news.Value is Down gone)
            return StartResult.Failed(gone.Reason);
        if (origin.Result.IsOk)
            return origin.Result.WithMonitor(monitor);
        await AwaitEndAsync(self, pid, monitor);
        return origin.Result;
    }

    private static Func<Self, ProcessTask> Body(object code, Origin origin) =>
        self => RunAsync(self, (Func<Self, StartAcknowledgement, ProcessTask>)code, origin);

    /// <summary>A body of its own: registered and known by its ancestors first; and if it ends without a word, the word is its end.</summary>
    private static async ProcessTask RunAsync(Self self, Func<Self, StartAcknowledgement, ProcessTask> body, Origin origin)
    {
        StartAcknowledgement word = new(origin);
        origin.Describe(self.Dictionary, body.Method.DeclaringType ?? typeof(StarterExtensions));
        if (origin.Options.Name is { } name && !await RegisterAsync(self, name))
        {
            Pid by = name.Registry is { } registry ? await registry.WhereIs(self, name.Name) : self.WhereIs((Atom)name.Name);
            word.Tell(self, StartResult.NameTaken(by));
            return;
        }

        try
        {
            await body(self, word);
        }
        catch (Exception exception) when (self.System.IsAlive(self.Pid))
        {
            word.Tell(self, StartResult.Failed(CrashReason.Of(exception)));
            throw;
        }

        word.Tell(self, StartResult.Failed(Atoms.Normal));
    }

    private static async ProcessTask<bool> RegisterAsync(Self self, ServerName name)
    {
        if (name.Registry is { } registry)
            return await registry.Register(self, name.Name, self.Pid);
        try
        {
            self.Register((Atom)name.Name, self.Pid);
            return true;
        }
        catch (ArgumentException)
        {
            return false; // taken between the starter's look and now
        }
    }

    /// <summary>It has taken too long. Its word may be on its way even so, and is dropped wherever it is.</summary>
    private static async ProcessTask KillAsync(Self self, Pid pid, Origin origin, Reference monitor)
    {
        self.Unlink(pid);
        self.Exit(pid, Atoms.Kill);
        if (origin.Alias.IsNone)
        {
            await AwaitEndAsync(self, pid, monitor);
            await self.TryReceive<Origin>(late => ReferenceEquals(late, origin), TimeSpan.Zero);
            return;
        }

        self.Demonitor(origin.Alias, flush: true); // it would end with the word
        await self.TryReceiveAnswer(origin.Alias, TimeSpan.Zero);
        await AwaitEndAsync(self, pid, monitor);
    }

    /// <summary>The start has failed and the process is about to end: waits until it has, and takes whatever that brings.</summary>
    private static async ProcessTask AwaitEndAsync(Self self, Pid pid, Reference monitor)
    {
        // A process that is gone answers the monitor itself, before the signal over the link has arrived: without the link that one comes to nothing.
        if (self.TrapExit)
            self.Unlink(pid);
        if (monitor.IsNone)
            monitor = self.Monitor(pid);
        await self.Receive<Down>(down => down.Reference == monitor);
        await TakeExitAsync(self, pid);
    }

    private static async ProcessTask TakeExitAsync(Self self, Pid pid)
    {
        if (self.TrapExit)
            await self.TryReceive<Exit>(exit => exit.From == pid, TimeSpan.Zero);
    }

    private enum StartKind
    {
        Plain,
        Link,
        Monitor,
    }
}
