using CloudScale.Runtime.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CloudScale;

/// <summary>A node inside a generic host.</summary>
public static class NodeHostingExtensions
{
    /// <summary>The section of the configuration that <see cref="NodeOptions"/> are read from.</summary>
    public const string ConfigurationSection = "CloudScale";

    /// <summary>Starts a node with the host and stops it with the host. Others take <see cref="NodeHandle"/> and await its <see cref="NodeHandle.Started"/>.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="configure">Sets options, after those that the section <c>CloudScale</c> of the configuration sets.</param>
    /// <returns>What the node is to run: supervisors, servers, functions, health checks.</returns>
    public static CloudScaleBuilder AddCloudScale(this IHostApplicationBuilder builder, Action<NodeOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Services.AddCloudScale(builder.Configuration.GetSection(ConfigurationSection), configure);
    }

    /// <summary>Starts a node with the host that these services are of.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">A section with keys named as <see cref="NodeOptions"/>; null for none.</param>
    /// <param name="configure">Sets options after it.</param>
    public static CloudScaleBuilder AddCloudScale(
        this IServiceCollection services,
        IConfiguration? configuration = null,
        Action<NodeOptions>? configure = null
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        OptionsBuilder<NodeOptions> options = services.AddOptions<NodeOptions>();
        if (configuration is not null)
            options.Configure(node => NodeConfiguration.Apply(configuration, node));
        if (configure is not null)
            options.Configure(configure);
        options.ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<NodeOptions>, NodeOptionsValidator>());
        services.TryAddSingleton<NodeHandle>();
        services.TryAddSingleton<BehaviourFactory>();
        if (!services.Any(service => service.ImplementationType == typeof(NodeService)))
            services.AddHostedService<NodeService>();
        return new CloudScaleBuilder(services);
    }
}
