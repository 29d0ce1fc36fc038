namespace CloudScale.Runtime.Hosting;

/// <summary>A child that was declared; the order of registration is the order of starts.</summary>
internal sealed record HostedChild(Func<IServiceProvider, ChildSpec> Make);

/// <summary>Functions that were declared.</summary>
internal sealed record HostedModule(Func<IServiceProvider, IErlangModule> Make);

/// <summary>A library that was declared.</summary>
internal sealed record HostedLibrary(Action<CodeServer> Load);

/// <summary>The supervisor of all children that a host declares.</summary>
internal sealed class HostSupervisor(HostTreeOptions options, IReadOnlyList<ChildSpec> children) : Supervisor
{
    protected override ProcessTask<SupervisorInit> Init() =>
        new SupervisorInit(
            new SupervisorFlags
            {
                Strategy = options.Strategy,
                Intensity = options.Intensity,
                Period = options.Period,
            },
            children
        );
}
