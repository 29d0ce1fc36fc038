using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CloudScale.Samples.UserAgents;

/// <summary>Agents as a part of a host.</summary>
internal static class AgentHosting
{
    public static CloudScaleBuilder AddUserAgents(this HostApplicationBuilder builder, string folder, Action<NodeOptions>? configure = null)
    {
        builder.Services.AddSingleton<IAgentStore>(new FileAgentStore(folder));
        builder.Services.AddSingleton<AgentHome>();
        return builder.AddCloudScale(configure).AddSupervisor<AgentSupervisor>(AgentSupervisor.Name).AddHealthChecks();
    }
}
