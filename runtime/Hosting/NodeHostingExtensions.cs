using CloudScale.Runtime.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace CloudScale;

/// <summary>A node inside a generic host.</summary>
public static class NodeHostingExtensions
{
    /// <summary>Starts a node with the host and stops it with the host. Others take <see cref="NodeHandle"/> and await its <see cref="NodeHandle.Started"/>.</summary>
    public static IHostApplicationBuilder AddCloudScale(this IHostApplicationBuilder builder, Action<NodeOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.AddOptions<NodeOptions>().Configure(configure);
        builder.Services.TryAddSingleton<NodeHandle>();
        builder.Services.AddHostedService<NodeService>();
        return builder;
    }
}
