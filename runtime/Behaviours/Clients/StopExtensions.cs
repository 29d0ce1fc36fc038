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
    public static async ProcessTask Stop(this Self self, ServerRef server, object? reason = null, TimeSpan? timeout = null)
    {
        object why = reason ?? Atoms.Normal;
        Pid pid = server.Pid;
        if (server.Via is { } via)
            pid = await via.Registry!.WhereIs(self, via.Name);
        if (pid.IsNone && server.Name is null)
            throw new ProcessExitException(Atoms.NoProc);
        ReceiveMark mark = self.Mark();
        Reference monitor = server.Name is { } name ? self.Monitor(name, server.Node) : self.Monitor(pid);
        Tuple request = Tuple.Of(s_system, Tuple.Of(self.Pid, monitor), Tuple.Of(s_terminate, why));
        if (server.Name is { } named)
            self.Send(named, server.Node ?? self.Pid.Node.Name, request);
        else
            self.Send(pid, request);
        Received<Down> ended = await self.TryReceive<Down>(down => down.Reference == monitor, timeout ?? Timeout.InfiniteTimeSpan, mark);
        self.Demonitor(monitor, flush: true);
        await self.TryReceive<Tuple>(answer => answer is [Reference tag, _] && tag == monitor, TimeSpan.Zero, mark);
        if (!ended.HasValue)
            throw new ProcessExitException(Atoms.Timeout);
        if (!Term.AreEqual(ended.Value.Reason, why))
            throw new ProcessExitException(ended.Value.Reason);
    }
}
