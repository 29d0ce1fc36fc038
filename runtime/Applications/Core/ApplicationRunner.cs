using CloudScale.Runtime.Behaviours;

namespace CloudScale.Runtime.Applications;

/// <summary>The process in which an application's callbacks run: the parent of its top supervisor, linked to its master.</summary>
/// <remarks>A process of its own, as callbacks may print, and what they print goes through the master.</remarks>
internal sealed class ApplicationRunner(ApplicationDefinition definition, ApplicationStartType type)
{
    private static readonly Atom s_start = Atom.Of("start");
    private static readonly Atom s_startPhase = Atom.Of("start_phase");
    private static readonly Atom s_badReturn = Atom.Of("bad_return");
    private static readonly Atom s_ignore = Atom.Of("ignore");

    /// <summary>To the master: how the start went.</summary>
    internal sealed record Started(StartResult Result);

    /// <summary>From the master: stop.</summary>
    internal sealed record Terminate;

    internal async ProcessTask Run(Self self, Pid master)
    {
        Application application = definition.Callbacks!();
        StartResult result = await StartAsync(self, application);
        if (result.IsOk && await RunPhasesAsync(self, application) is { } failure)
        {
            await StopTopAsync(self, result.Pid);
            result = StartResult.Failed(failure);
        }

        self.Send(master, new Started(result));
        if (!result.IsOk)
            self.Exit(Atoms.Shutdown); // takes along what its start has begun and left
        object reason = await ServeAsync(self, application, master, result.Pid);
        await CaughtAsync(self, "stop", () => application.Stop(self));
        self.Exit(reason);
    }

    private async ProcessTask<StartResult> StartAsync(Self self, Application application)
    {
        Tuple call = Tuple.Of(ApplicationDefinition.ModuleOf(application), s_start, List.Of(type.ToTerm(), List.Empty));
        try
        {
            StartResult result = await application.Start(self, type);
            if (result.IsIgnore)
                return StartResult.Failed(Tuple.Of(s_badReturn, Tuple.Of(call, s_ignore)));
            return result.IsOk ? result : StartResult.Failed(Tuple.Of(result.Error ?? Atoms.Undefined, call));
        }
        catch (Exception exception) when (self.System.IsAlive(self.Pid))
        {
            return StartResult.Failed(Tuple.Of(s_badReturn, Tuple.Of(call, Tuple.Of(Atoms.Exit, CrashReason.Of(exception)))));
        }
    }

    /// <summary>Runs each phase for this application and those it includes that have it.</summary>
    /// <returns>Why the start fails; null if all went well.</returns>
    private async ProcessTask<object?> RunPhasesAsync(Self self, Application application)
    {
        List<(ApplicationDefinition Definition, Application Callbacks)> all = [];
        foreach (ApplicationDefinition one in definition.WithIncluded())
        {
            if (one.Callbacks is { } make)
                all.Add((one, ReferenceEquals(one, definition) ? application : make()));
        }

        foreach ((Atom phase, _) in definition.StartPhases)
        {
            foreach ((ApplicationDefinition one, Application callbacks) in all)
            {
                int at = one.StartPhases.ToList().FindIndex(entry => ReferenceEquals(entry.Phase, phase));
                if (at < 0)
                    continue;
                object argument = one.StartPhases[at].Argument;
                try
                {
                    await callbacks.StartPhase(self, phase, type, argument);
                }
                catch (Exception exception) when (self.System.IsAlive(self.Pid))
                {
                    Tuple call = Tuple.Of(ApplicationDefinition.ModuleOf(callbacks), s_startPhase, List.Of(phase, type.ToTerm(), argument));
                    return Tuple.Of(s_badReturn, Tuple.Of(call, Tuple.Of(Atoms.Exit, CrashReason.Of(exception))));
                }
            }
        }

        return null;
    }

    /// <summary>The life of a started application.</summary>
    /// <returns>Why it ends.</returns>
    private async ProcessTask<object> ServeAsync(Self self, Application application, Pid master, Pid top)
    {
        while (true)
        {
            switch (await self.Receive())
            {
                case Exit exit when exit.From == top:
                    return exit.Reason;
                case Terminate:
                case Exit exit when exit.From == master:
                    await CaughtAsync(self, "prep_stop", () => application.PrepareStop(self));
                    await StopTopAsync(self, top);
                    return Atoms.Normal;
                case Tuple and [Atom, var from, EnvironmentChange change] when From.TryFrom(from, out From caller):
                    await CaughtAsync(self, "config_change", () => application.ConfigChange(self, change));
                    self.Reply(caller, Atoms.Ok);
                    break;
            }
        }
    }

    private static async ProcessTask StopTopAsync(Self self, Pid top)
    {
        Reference monitor = self.Monitor(top);
        self.Exit(top, Atoms.Shutdown);
        await self.Receive<Down>(down => down.Reference == monitor);
        self.Unlink(top);
        await self.TryReceive<Exit>(exit => exit.From == top, TimeSpan.Zero);
    }

    /// <summary>A callback that fails must not keep an application from ending.</summary>
    private async ProcessTask CaughtAsync(Self self, string callback, Func<ProcessTask> run)
    {
        try
        {
            await run();
        }
        catch (Exception exception) when (self.System.IsAlive(self.Pid))
        {
            ApplicationLog.CallbackFailed(self.System.Logger, exception, definition.Name, callback);
        }
    }
}
