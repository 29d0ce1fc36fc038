using CloudScale.Runtime.Behaviours;

namespace CloudScale;

/// <summary>Starting behaviours from a process, as OTP's <c>start</c>, <c>start_link</c> and <c>start_monitor</c> do.</summary>
/// <remarks>
/// Threads: the process of the <see cref="Self"/>. Each returns when <c>Init</c> has returned. If the start failed, the process is gone and its name is free before the starter hears of it; a starter
/// that traps exits finds no exit message of it. Source: OTP, gen, proc_lib (from OTP 26 on).
/// </remarks>
public static class StarterExtensions
{
    /// <summary>Starts a process that is not linked.</summary>
    /// <param name="self">The starter.</param>
    /// <param name="behaviour">A fresh object; it belongs to the process from here on.</param>
    /// <param name="options">Name, time-out and the rest.</param>
    /// <returns>How the start ended.</returns>
    public static ProcessTask<StartResult> Start(this Self self, Behaviour behaviour, StartOptions? options = null) =>
        StartAsync(self, behaviour, options ?? StartOptions.Default, StartKind.Plain);

    /// <summary>Starts a process that is linked to the starter, which is its parent: the exit of the parent is its own.</summary>
    /// <inheritdoc cref="Start" path="/*[not(self::summary)]"/>
    public static ProcessTask<StartResult> StartLink(this Self self, Behaviour behaviour, StartOptions? options = null) =>
        StartAsync(self, behaviour, options ?? StartOptions.Default, StartKind.Link);

    /// <summary>Starts a process that the starter monitors, under <see cref="StartResult.Monitor"/>.</summary>
    /// <inheritdoc cref="Start" path="/*[not(self::summary)]"/>
    public static ProcessTask<StartResult> StartMonitor(this Self self, Behaviour behaviour, StartOptions? options = null) =>
        StartAsync(self, behaviour, options ?? StartOptions.Default, StartKind.Monitor);

    private static async ProcessTask<StartResult> StartAsync(Self self, Behaviour behaviour, StartOptions options, StartKind kind)
    {
        ArgumentNullException.ThrowIfNull(behaviour);
        if (options.Name is { Registry: null, Name: Atom name } && self.WhereIs(name) is { IsNone: false } taken)
            return StartResult.NameTaken(taken);
        Origin origin = new(self, options, isLinked: kind == StartKind.Link);
        behaviour.Adopt(origin);
        ReceiveMark mark = self.Mark();
        SpawnOptions spawn = options.Spawn with { Name = null };
        Reference monitor = default;
        Pid pid = kind == StartKind.Link ? self.SpawnLink(behaviour, spawn) : self.SpawnMonitor(behaviour, out monitor, spawn);
        bool IsNews(object message) =>
            ReferenceEquals(message, origin)
            || (message is Down down && down.Reference == monitor)
            || (message is Exit exit && exit.From == pid && kind == StartKind.Link);
        Received<object> news = await self.TryReceive<object>(IsNews, options.Timeout, mark);
        if (!news.HasValue)
        {
            await KillAsync(self, pid, monitor);
            return StartResult.Failed(Atoms.Timeout);
        }

        // It was ended by a signal before it could say anything; what came was the report, and nothing more will.
        if (news.Value is Down gone)
            return StartResult.Failed(gone.Reason);
        if (news.Value is Exit ended)
            return StartResult.Failed(ended.Reason);
        if (!origin.Result.IsOk)
        {
            await AwaitEndAsync(self, pid, monitor);
            return origin.Result;
        }

        if (kind == StartKind.Monitor)
            return origin.Result.WithMonitor(monitor);
        if (kind == StartKind.Plain)
            self.Demonitor(monitor, flush: true);
        return origin.Result;
    }

    private static async ProcessTask KillAsync(Self self, Pid pid, Reference monitor)
    {
        self.Unlink(pid);
        self.Exit(pid, Atoms.Kill);
        await AwaitEndAsync(self, pid, monitor);
    }

    /// <summary>The start has failed and the process is about to end: waits until it has, and takes whatever that brings.</summary>
    private static async ProcessTask AwaitEndAsync(Self self, Pid pid, Reference monitor)
    {
        if (monitor.IsNone)
            monitor = self.Monitor(pid);
        await self.Receive<Down>(down => down.Reference == monitor);
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
