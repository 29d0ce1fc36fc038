using System.Diagnostics.CodeAnalysis;
using CloudScale.Runtime.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CloudScale;

/// <summary>What the node of a host runs. Children are started in this order under one supervisor, and stopped in the reverse.</summary>
/// <example>
/// <code>
/// builder.AddCloudScale()
///     .AddServer&lt;Till&gt;("till")
///     .AddSupervisor&lt;Carts&gt;("carts")
///     .AddModule&lt;ShopFunctions&gt;()
///     .AddHealthChecks();
/// </code>
/// </example>
public sealed class CloudScaleBuilder
{
    internal CloudScaleBuilder(IServiceCollection services) => Services = services;

    /// <summary>The host's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Starts a server, state machine or event manager with the node. Its constructor takes services, of a scope for each start.</summary>
    /// <typeparam name="T">The class.</typeparam>
    /// <param name="name">The name it is registered under, which is also its id.</param>
    /// <param name="restart">When it is restarted.</param>
    public CloudScaleBuilder AddServer<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(
        Atom name,
        ChildRestart restart = ChildRestart.Permanent
    )
        where T : Behaviour
    {
        ArgumentNullException.ThrowIfNull(name);
        return AddChild(services =>
        {
            BehaviourFactory factory = services.GetRequiredService<BehaviourFactory>();
            return new ChildSpec(name, () => factory.Create<T>())
            {
                Restart = restart,
                Options = new StartOptions { Name = name },
            };
        });
    }

    /// <summary>Loads a library of behaviours before the children start; <see cref="Node.Code"/> replaces it while they run.</summary>
    /// <param name="path">The assembly.</param>
    [RequiresUnreferencedCode(Unreferenced)]
    public CloudScaleBuilder AddLibrary(string path) => AddLibrary(CodeImage.FromFile(path));

    /// <inheritdoc cref="AddLibrary(string)"/>
    /// <param name="image">The assembly.</param>
    [RequiresUnreferencedCode(Unreferenced)]
    public CloudScaleBuilder AddLibrary(CodeImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        Services.AddSingleton(new HostedLibrary(code => code.Load(image)));
        return this;
    }

    /// <summary>Starts a server or state machine of a library with the node. Its constructor takes services, of a scope for each start, also when new code takes over.</summary>
    /// <param name="name">The name it is registered under, which is also its id.</param>
    /// <param name="library">The name of the library, as of <see cref="AddLibrary(string)"/>.</param>
    /// <param name="type">The full name of the class.</param>
    /// <param name="restart">When it is restarted; then it is of the version that counts at that moment.</param>
    [RequiresUnreferencedCode(Unreferenced)]
    public CloudScaleBuilder AddServer(Atom name, string library, string type, ChildRestart restart = ChildRestart.Permanent)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(library);
        ArgumentNullException.ThrowIfNull(type);
        return AddChild(services =>
        {
            BehaviourFactory factory = services.GetRequiredService<BehaviourFactory>();
            CodeServer code = services.GetRequiredService<NodeHandle>().Node.Code;
            return new ChildSpec(name, () => factory.Create(code, library, type))
            {
                Restart = restart,
                Options = new StartOptions { Name = name },
            };
        });
    }

    private const string Unreferenced = "Loads code that trimming does not know of.";

    /// <summary>Starts a supervisor with the node.</summary>
    /// <typeparam name="T">The class; its constructor takes services.</typeparam>
    /// <param name="name">The name it is registered under; none by default.</param>
    public CloudScaleBuilder AddSupervisor<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(
        Atom? name = null
    )
        where T : Supervisor =>
        AddChild(services =>
        {
            BehaviourFactory factory = services.GetRequiredService<BehaviourFactory>();
            return new ChildSpec(name ?? typeof(T).Name, () => factory.Create<T>())
            {
                Type = ChildType.Supervisor,
                Shutdown = ChildShutdown.Infinity,
                Options = name is null ? null : new StartOptions { Name = name },
            };
        });

    /// <summary>Starts a supervisor that is declared here.</summary>
    /// <param name="id">Any term.</param>
    /// <param name="children">Says what it supervises.</param>
    /// <param name="strategy">Whom a failure concerns.</param>
    public CloudScaleBuilder AddSupervisor(
        object id,
        Action<IServiceProvider, SupervisorBuilder> children,
        RestartStrategy strategy = RestartStrategy.OneForOne
    )
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(children);
        return AddChild(services =>
        {
            SupervisorBuilder builder = new(strategy);
            children(services, builder);
            return new ChildSpec(id, builder.Build) { Type = ChildType.Supervisor, Shutdown = ChildShutdown.Infinity };
        });
    }

    /// <summary>Starts any child with the node.</summary>
    /// <param name="child">Makes its specification, when the node has started.</param>
    public CloudScaleBuilder AddChild(Func<IServiceProvider, ChildSpec> child)
    {
        ArgumentNullException.ThrowIfNull(child);
        Services.AddSingleton(new HostedChild(child));
        return this;
    }

    /// <summary>Exports functions that other nodes may call.</summary>
    /// <typeparam name="T">A class with <see cref="ErlangModuleAttribute"/>; its constructor takes services. One object serves all calls.</typeparam>
    public CloudScaleBuilder AddModule<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>()
        where T : class, IErlangModule
    {
        Services.TryAddSingleton<T>();
        Services.AddSingleton(new HostedModule(services => services.GetRequiredService<T>()));
        return this;
    }

    /// <summary>Sets up the supervisor of the children.</summary>
    public CloudScaleBuilder ConfigureTree(Action<HostTreeOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.Configure(configure);
        return this;
    }

    /// <summary>Adds health checks with tag <c>cloudscale</c>: <c>cloudscale_node</c>, <c>cloudscale_connections</c>, <c>cloudscale_run_queue</c>, <c>cloudscale_restarts</c>.</summary>
    /// <param name="configure">Sets their limits.</param>
    public CloudScaleBuilder AddHealthChecks(Action<NodeHealthOptions>? configure = null)
    {
        if (configure is not null)
            Services.Configure(configure);
        string[] tags = ["cloudscale"];
        Services
            .AddHealthChecks()
            .AddCheck<NodeHealthCheck>("cloudscale_node", tags: tags)
            .AddCheck<ConnectionsHealthCheck>("cloudscale_connections", tags: tags)
            .AddCheck<RunQueueHealthCheck>("cloudscale_run_queue", tags: tags)
            .AddCheck<RestartsHealthCheck>("cloudscale_restarts", tags: tags);
        return this;
    }
}
