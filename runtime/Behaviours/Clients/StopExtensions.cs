using CloudScale.Runtime.Behaviours;

namespace CloudScale;

/// <summary>Stopping a process of any behaviour from outside: OTP's <c>stop</c> of gen_server, gen_statem, gen_event.</summary>
public static class StopExtensions
{
    private static readonly Atom s_system = Atom.Of("system");
    private static readonly Atom s_terminate = Atom.Of("terminate");

    /// <summary>Asks a process to terminate and exit, and waits until it has.</summary>
    /// <param name="self">Who asks.</param>
    /// <param name="server">The process.</param>
    /// <param name="reason">Its exit reason; <c>normal</c> by default.</param>
    /// <param name="timeout">How long to wait; for ever by default.</param>
    /// <exception cref="ProcessExitException"><c>noproc</c>: there is no such process. <c>timeout</c>: it has not exited in time. Any other: it exited with that reason instead.</exception>
    public static ProcessTask Stop(this Self self, ServerRef server, object? reason = null, TimeSpan? timeout = null)
    {
        object why = reason ?? Atoms.Normal;
        TimeSpan limit = timeout ?? Timeout.InfiniteTimeSpan;
        return server.Via is { } via ? StopViaAsync(self, via, why, limit) : AskToStop(self, server, server.Pid, why, limit);
    }

    private static async ProcessTask StopViaAsync(Self self, ServerName via, object why, TimeSpan timeout)
    {
        Pid pid = await via.Registry!.WhereIs(self, via.Name);
        await AskToStop(self, pid, pid, why, timeout);
    }

    private static ProcessTask AskToStop(Self self, ServerRef server, Pid pid, object why, TimeSpan timeout)
    {
        if (pid.IsNone && server.Name is null)
            throw new ProcessExitException(Atoms.NoProc);
        ReceiveMark mark = self.Mark();
        Reference monitor = server.Name is { } name ? AskByName(self, name, server.Node, why) : self.StopMonitor(pid, why);
        return EndAsync(self, monitor, why, timeout, mark);
    }

    private static Reference AskByName(Self self, Atom name, Atom? node, object why)
    {
        Reference monitor = self.Monitor(name, node);
        self.Send(name, node ?? self.Pid.Node.Name, Tuple.Of(s_system, Tuple.Of(self.Pid, monitor), Tuple.Of(s_terminate, why)));
        return monitor;
    }

    /// <summary>It may answer before it ends.</summary>
    private static async ProcessTask EndAsync(Self self, Reference monitor, object why, TimeSpan timeout, ReceiveMark mark)
    {
        Deadline deadline = new(self, timeout);
        Received<CallAnswer> ended = await self.TryReceiveAnswer(monitor, timeout, mark);
        if (ended is { HasValue: true, Value.IsReason: false })
            ended = await self.TryReceiveAnswer(monitor, deadline.Left, mark);
        if (!ended.HasValue)
        {
            self.Demonitor(monitor, flush: true);
            await self.TryReceiveAnswer(monitor, TimeSpan.Zero, mark);
            throw new ProcessExitException(Atoms.Timeout);
        }

        if (!Term.AreEqual(ended.Value.Value, why))
            throw new ProcessExitException(ended.Value.Value);
    }
}
