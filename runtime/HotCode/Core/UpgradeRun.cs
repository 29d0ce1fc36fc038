using CloudScale.Runtime.Behaviours;

namespace CloudScale.Runtime.HotCode;

/// <summary>One upgrade on its way: what it holds, and how what it has done is undone.</summary>
/// <remarks>Threads: the process of the upgrade. If that is killed, whoever is held goes on all the same, by <see cref="Dispose"/>.</remarks>
internal sealed class UpgradeRun(CodeServer server, NodeApplications? applications, UpgradeOptions options) : IDisposable
{
    private static readonly Atom s_system = Atom.Of("system");
    private static readonly Atom s_suspend = Atom.Of("suspend");
    private static readonly Atom s_resume = Atom.Of("resume");
    private static readonly Atom s_sys = Atom.Of("sys");

    private readonly Dictionary<Pid, string> _held = [];
    private readonly Stack<Func<Self, ProcessTask>> _undo = [];
    private bool _isFinal;

    internal CodeServer Server => server;

    internal UpgradeOptions Options => options;

    internal NodeApplications Applications => applications ?? throw new NotSupportedException("There are no applications here.");

    internal Self Self { get; private set; }

    internal List<CodeVersion> Replaced { get; } = [];

    internal int Changed { get; private set; }

    internal async ProcessTask<UpgradeResult> Execute(Self self, IReadOnlyList<UpgradeInstruction> instructions)
    {
        Self = self;
        self.Own(this);
        object? failure = null;
        try
        {
            foreach (UpgradeInstruction instruction in instructions)
                await instruction.Run(this);
            // Those that began while others were moved: made before the new version counted, and started after.
            foreach (string library in Replaced.Select(static version => version.Library).Distinct().ToArray())
                await SuspendOutdatedAreNone(library);
        }
        catch (Exception exception) when (self.System.IsAlive(self.Pid))
        {
            failure = CrashReason.Of(exception);
        }

        if (failure is not null && !_isFinal)
        {
            await UndoAll(self);
            Replaced.Clear();
            Changed = 0;
        }

        _undo.Clear(); // it knows the old code
        await ResumeAll();
        foreach (CodeVersion version in Replaced)
            version.Unload();
        self.Disown(this);
        return new UpgradeResult(failure, [.. Replaced], Changed);
    }

    /// <summary>To be done if the upgrade fails; the last one first.</summary>
    internal void OnFailure(Func<Self, ProcessTask> undo)
    {
        if (!_isFinal)
            _undo.Push(undo);
    }

    internal void PassPointOfNoReturn()
    {
        _isFinal = true;
        _undo.Clear();
    }

    private async ProcessTask UndoAll(Self self)
    {
        while (_undo.TryPop(out Func<Self, ProcessTask>? undo))
        {
            try
            {
                await undo(self);
            }
            catch (Exception exception) when (self.System.IsAlive(self.Pid))
            {
                CodeServerLog.UndoFailed(self.System.Logger, exception);
            }
        }
    }

    internal static void ThrowUnlessOk(object answer)
    {
        if (answer is Tuple and [Atom { Name: "error" }, var reason])
            throw new ProcessExitException(reason);
    }

    // ---- processes ----

    /// <summary>Holds the processes of older versions that are not held yet. One that has exited meanwhile does not matter.</summary>
    internal async ProcessTask SuspendOutdated(string library)
    {
        while (true)
        {
            Pid[] more =
            [
                .. server
                    .Outdated(library)
                    .Select(static entry => entry.Key)
                    .Concat(server.OutdatedManagers(library))
                    .Where(pid => !_held.ContainsKey(pid)),
            ];
            if (more.Length == 0)
                return;
            foreach (Pid pid in more)
                _held.Add(pid, library); // also one that does not answer in time: it may do so later, and is to go on then
            await AskAll(more, _ => s_suspend, options.SuspendTimeout, static (_, _) => { });
        }
    }

    internal async ProcessTask ChangeOutdated(
        string library,
        Func<CodeVersion, Behaviour, Behaviour> make,
        Func<CodeVersion, GenEventHandler, GenEventHandler> makeHandler,
        object extra
    )
    {
        CodeVersion version = server.Find(library) ?? throw new InvalidOperationException($"The library {library} is not loaded.");
        await SuspendOutdated(library);
        await ChangeBehaviours(library, version, make, extra);
        await ChangeHandlers(library, version, makeHandler, extra);
    }

    private ProcessTask ChangeHandlers(
        string library,
        CodeVersion version,
        Func<CodeVersion, GenEventHandler, GenEventHandler> make,
        object extra
    ) =>
        AskAll(
            [.. server.OutdatedManagers(library)],
            _ => new HandlersSwap(library, version.Assembly!, one => make(version, one), extra),
            options.CodeChangeTimeout,
            (pid, answer) =>
            {
                if (answer is not HandlersSwapped { Before: var before })
                    return;
                Changed++;
                OnFailure(async self =>
                    await Requests.CallAsync(self, pid, s_system, new HandlersSwapUndo(before), s_sys, options.CodeChangeTimeout)
                );
            }
        );

    private async ProcessTask ChangeBehaviours(
        string library,
        CodeVersion version,
        Func<CodeVersion, Behaviour, Behaviour> make,
        object extra
    )
    {
        Dictionary<Pid, Behaviour> outdated = new(server.Outdated(library));
        await AskAll(
            [.. outdated.Keys],
            pid =>
            {
                Behaviour old = outdated[pid];
                return new CodeSwap(one => make(version, one), old.GetType().Assembly.GetName().Version?.ToString() ?? "", extra);
            },
            options.CodeChangeTimeout,
            (pid, answer) =>
            {
                if (!ReferenceEquals(answer, Atoms.Ok))
                    return;
                Behaviour old = outdated[pid];
                Changed++;
                OnFailure(async self =>
                    await Requests.CallAsync(self, pid, s_system, new CodeSwapUndo(old), s_sys, options.CodeChangeTimeout)
                );
            }
        );
    }

    private async ProcessTask SuspendOutdatedAreNone(string library)
    {
        if (server.Outdated(library) is [.., var (pid, behaviour)])
        {
            await Self.Yield();
            throw new InvalidOperationException(
                $"{pid} runs older code of {library} ({behaviour.GetType().Name}); the upgrade does not move it."
            );
        }

        if (server.OutdatedManagers(library) is [.., var manager])
        {
            await Self.Yield();
            throw new InvalidOperationException($"{manager} has handlers with older code of {library}; the upgrade does not move them.");
        }
    }

    /// <summary>Asks processes at once.</summary>
    /// <exception cref="ProcessExitException">One answers with an error, or not in time; the answers of the others have been taken.</exception>
    private async ProcessTask AskAll(Pid[] pids, Func<Pid, object> question, TimeSpan timeout, Action<Pid, object> onAnswer)
    {
        List<(Pid Pid, RequestId Request)> asked = new(pids.Length);
        foreach (Pid pid in pids)
            asked.Add((pid, Requests.Send(Self, pid, pid, s_system, question(pid), s_sys)));
        Deadline deadline = new(Self, timeout);
        object? failure = null;
        foreach ((Pid pid, RequestId request) in asked)
        {
            Response response = await Requests.ReceiveAsync(Self, request, deadline.Left);
            if (response.Kind == ResponseKind.Timeout)
                failure ??= Tuple.Of(Atoms.Timeout, pid);
            else if (response.IsReply && response.Value is Tuple and [Atom { Name: "error" }, var reason])
                failure ??= Tuple.Of(Atom.Of("code_change_failed"), pid, reason);
            else if (response.IsReply)
                onAnswer(pid, response.Value!);
        }

        if (failure is not null)
            throw new ProcessExitException(failure);
    }

    internal async ProcessTask Resume(string library)
    {
        foreach ((Pid pid, string of) in _held.ToArray())
        {
            if (of != library)
                continue;
            _held.Remove(pid);
            await Requests.CallAsync(Self, pid, s_system, s_resume, s_sys, options.SuspendTimeout);
        }
    }

    private async ProcessTask ResumeAll()
    {
        foreach (string library in _held.Values.Distinct().ToArray())
            await Resume(library);
    }

    public void Dispose()
    {
        foreach (Pid pid in _held.Keys)
            server.Processes.Send(pid, Tuple.Of(s_system, Tuple.Of(pid, server.Processes.MakeReference()), s_resume));
        server.EndUpgrade();
    }
}
