using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace CloudScale.Runtime.HotCode;

internal sealed class ReturnStep : UpgradeInstruction
{
    internal override ProcessTask Run(UpgradeRun run)
    {
        run.PassPointOfNoReturn();
        return default;
    }
}

internal sealed class LoadStep : UpgradeInstruction
{
    private readonly Func<CodeVersion> _load;

    [RequiresUnreferencedCode("Loads code that trimming does not know of.")]
    internal LoadStep(CodeImage image) => _load = () => CodeServer.LoadVersion(image);

    internal override ProcessTask Run(UpgradeRun run)
    {
        CodeVersion version = _load();
        CodeVersion? before = run.Server.Exchange(version);
        if (before is not null)
            run.Replaced.Add(before);
        run.OnFailure(_ =>
        {
            if (before is null)
                run.Server.Forget(version);
            else
                run.Server.Exchange(before);
            version.Unload();
            return default;
        });
        return default;
    }
}

internal sealed class SuspendStep(string library) : UpgradeInstruction
{
    internal override ProcessTask Run(UpgradeRun run) => run.SuspendOutdated(library);
}

internal sealed class ChangeStep : UpgradeInstruction
{
    private readonly string _library;
    private readonly object _extra;
    private readonly Func<Assembly, string, IBehaviourScope?, object?> _make;

    [RequiresUnreferencedCode("Makes objects of classes that trimming does not know of.")]
    internal ChangeStep(string library, object extra)
    {
        _library = library;
        _extra = extra;
        _make = (assembly, name, scope) =>
            assembly.GetType(name) is not { } type ? null
            : scope is null ? CodeServer.Make(type, [])
            : scope.Create(type);
    }

    internal override ProcessTask Run(UpgradeRun run) =>
        run.ChangeOutdated(
            _library,
            (version, old) => Make<Behaviour>(version, old, "behaviour", old.Belongings as IBehaviourScope),
            (version, old) => Make<GenEventHandler>(version, old, "handler", scope: null),
            _extra
        );

    private T Make<T>(CodeVersion version, T old, string what, IBehaviourScope? scope)
        where T : class
    {
        string type = old.GetType().FullName!;
        Assembly assembly = version.Assembly ?? throw new InvalidOperationException($"{version} is unloaded.");
        try
        {
            return _make(assembly, type, scope) as T ?? throw new NotSupportedException($"{version} has no {what} {type}.");
        }
        catch (MissingMethodException)
        {
            throw new NotSupportedException($"{type} of {version} has no constructor without arguments, by which it could take over.");
        }
    }
}

internal sealed class ResumeStep(string library) : UpgradeInstruction
{
    internal override async ProcessTask Run(UpgradeRun run)
    {
        run.PassPointOfNoReturn();
        await run.Resume(library);
    }
}

internal sealed class SupervisorStep(ServerRef supervisor, object extra) : UpgradeInstruction
{
    internal override async ProcessTask Run(UpgradeRun run)
    {
        Self self = run.Self;
        await self.SuspendServer(supervisor, run.Options.SuspendTimeout);
        object answer = await self.ChangeCode(supervisor, Atoms.Undefined, Atoms.Undefined, extra, run.Options.CodeChangeTimeout);
        await self.ResumeServer(supervisor);
        UpgradeRun.ThrowUnlessOk(answer);
    }
}

internal sealed class StartApplicationStep(Atom name, ApplicationRestart restart) : UpgradeInstruction
{
    internal override async ProcessTask Run(UpgradeRun run)
    {
        object answer = await run.Applications.EnsureAllStarted(run.Self, [name], restart);
        UpgradeRun.ThrowUnlessOk(answer);
        List started = (List)((Tuple)answer)[1];
        run.OnFailure(async self =>
        {
            for (int i = started.Count - 1; i >= 0; i--)
                await run.Applications.Stop(self, (Atom)started[i]);
        });
    }
}

internal sealed class StopApplicationStep(Atom name) : UpgradeInstruction
{
    internal override async ProcessTask Run(UpgradeRun run)
    {
        ApplicationRestart restart = run.Applications.RestartOf(name);
        UpgradeRun.ThrowUnlessOk(await run.Applications.Stop(run.Self, name));
        run.OnFailure(async self => await run.Applications.Start(self, name, restart));
    }
}

internal sealed class ApplyStep(Func<Self, ProcessTask> run, Func<Self, ProcessTask>? undo) : UpgradeInstruction
{
    internal override async ProcessTask Run(UpgradeRun upgrade)
    {
        await run(upgrade.Self);
        if (undo is not null)
            upgrade.OnFailure(undo);
    }
}
