using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace CloudScale.Hosting.Tests;

/// <summary>What the health checks see.</summary>
public sealed class HealthTests : HostFixture
{
    private Task<HealthReport> CheckAsync() => Within(TheHost.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync());

    private static HostApplicationBuilder With(
        HostApplicationBuilder builder,
        Action<NodeHealthOptions>? configure = null,
        int schedulers = 1
    )
    {
        builder.AddCloudScale(options => options.Schedulers = schedulers).AddHealthChecks(configure);
        return builder;
    }

    [Test]
    public async Task Node_ThatRuns_IsHealthy_AndOneThatHasStoppedIsNot()
    {
        await StartAsync(With(NewBuilder()));
        HealthReport report = await CheckAsync();
        Assert.That(
            report.Status,
            Is.EqualTo(HealthStatus.Healthy),
            string.Join("; ", report.Entries.Select(entry => entry.Value.Description))
        );
        Assert.That(
            report.Entries.Keys,
            Is.EquivalentTo((string[])["cloudscale_node", "cloudscale_connections", "cloudscale_run_queue", "cloudscale_restarts"])
        );
        Assert.That(report.Entries["cloudscale_node"].Data["processes"], Is.GreaterThan(0L));
        await TheHost.StopAsync();
        report = await CheckAsync();
        Assert.That(report.Entries["cloudscale_node"].Status, Is.EqualTo(HealthStatus.Unhealthy));
    }

    [Test]
    public async Task Connection_Missing_IsDegraded_AndNamed()
    {
        await StartAsync(With(NewBuilder(), options => options.ExpectedNodes.Add("db@127.0.0.1")));
        HealthReportEntry entry = (await CheckAsync()).Entries["cloudscale_connections"];
        Assert.That(entry.Status, Is.EqualTo(HealthStatus.Degraded));
        Assert.That(entry.Description, Does.Contain("db@127.0.0.1"));
    }

    [Test]
    public async Task RunQueue_NewProcessWaitsBeyondTheLimit_IsUnhealthy()
    {
        Node node = await StartAsync(
            With(
                NewBuilder(),
                options =>
                {
                    options.DegradedLatency = TimeSpan.Zero;
                    options.UnhealthyLatency = TimeSpan.FromSeconds(30);
                }
            )
        );
        Assert.That(
            (await CheckAsync()).Entries["cloudscale_run_queue"].Status,
            Is.EqualTo(HealthStatus.Degraded),
            "any wait is above zero"
        );
        TheHost.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<NodeHealthOptions>>().Value.UnhealthyLatency =
            TimeSpan.FromTicks(1);
        HealthReportEntry entry = (await CheckAsync()).Entries["cloudscale_run_queue"];
        Assert.That(entry.Status, Is.EqualTo(HealthStatus.Unhealthy));
        Assert.That(entry.Data["latency_ms"], Is.GreaterThan(0.0));
        Assert.That(node.Processes.ProcessCount, Is.GreaterThan(0), "and the node goes on");
    }

    [Test]
    public async Task Restarts_Storm_IsDegradedThenUnhealthy()
    {
        HostApplicationBuilder builder = With(
            NewBuilder(),
            options =>
            {
                options.DegradedFailures = 3;
                options.UnhealthyFailures = 6;
            }
        );
        builder
            .Services.AddCloudScale()
            .ConfigureTree(tree => tree.Intensity = 100)
            .AddChild(_ =>
                ChildSpec.OfBody(
                    "mortal",
                    async self =>
                    {
                        self.Register("mortal", self.Pid);
                        await self.Receive();
                        self.Exit((Atom)"crash");
                    }
                )
            );
        Node node = await StartAsync(builder);
        foreach (
            (int failures, HealthStatus status) in (IEnumerable<(int, HealthStatus)>)
                [(3, HealthStatus.Healthy), (1, HealthStatus.Degraded), (3, HealthStatus.Unhealthy)]
        )
        {
            for (int i = 0; i < failures; i++)
            {
                Pid bearer = default;
                await Eventually.TrueAsync(() => !(bearer = node.WhereIs("mortal")).IsNone, "it is there");
                node.Send(bearer, Atoms.Ok);
                await Eventually.TrueAsync(() => node.WhereIs("mortal") is var now && !now.IsNone && now != bearer, "it is there again");
            }

            Assert.That((await CheckAsync()).Entries["cloudscale_restarts"].Status, Is.EqualTo(status));
        }
    }
}
