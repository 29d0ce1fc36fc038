using System.Diagnostics;
using CloudScale.Runtime.Supervision;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace CloudScale.Runtime.Hosting;

/// <summary>Whether the node runs.</summary>
internal sealed class NodeHealthCheck(NodeHandle handle) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (handle.Running is not { } node)
            return Task.FromResult(
                new HealthCheckResult(
                    context.Registration.FailureStatus,
                    handle.IsStopped ? "The node has stopped." : "The node has not started yet.",
                    handle.Started.Exception?.InnerException
                )
            );
        return Task.FromResult(
            HealthCheckResult.Healthy(
                $"{node.Name.Name} runs.",
                new Dictionary<string, object> { ["processes"] = node.Processes.ProcessCount, ["creation"] = node.Identity.Creation }
            )
        );
    }
}

/// <summary>Whether the nodes that should be connected are.</summary>
internal sealed class ConnectionsHealthCheck(NodeHandle handle, IOptions<NodeHealthOptions> options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        string[] connected = [.. handle.Running?.Nodes.Select(node => node.Name.Name) ?? []];
        string[] missing = [.. options.Value.ExpectedNodes.Except(connected)];
        Dictionary<string, object> data = new() { ["connected"] = connected, ["missing"] = missing };
        return Task.FromResult(
            missing.Length == 0
                ? HealthCheckResult.Healthy($"{connected.Length} nodes are connected.", data)
                : HealthCheckResult.Degraded($"Not connected: {string.Join(", ", missing)}.", data: data)
        );
    }
}

/// <summary>How long a new process waits for a scheduler: what every message waits, too.</summary>
internal sealed class RunQueueHealthCheck(NodeHandle handle, IOptions<NodeHealthOptions> options) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (handle.Running is not { } node)
            return new HealthCheckResult(context.Registration.FailureStatus, "The node does not run.");
        TaskCompletionSource<TimeSpan> ran = new(TaskCreationOptions.RunContinuationsAsynchronously);
        long start = Stopwatch.GetTimestamp();
        Pid probe = node.Spawn(self =>
        {
            ran.TrySetResult(Stopwatch.GetElapsedTime(start));
            return default;
        });
        TimeSpan limit = options.Value.UnhealthyLatency;
        TimeSpan latency;
        try
        {
            latency = await ran.Task.WaitAsync(limit, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            node.Exit(probe, Atoms.Kill);
            latency = limit;
        }

        Dictionary<string, object> data = new()
        {
            ["latency_ms"] = latency.TotalMilliseconds,
            ["run_queue"] = node.Processes.Statistics.RunQueueLength,
        };
        string text = $"A new process waited {latency.TotalMilliseconds:0.0} ms for a scheduler.";
        return latency >= limit ? new HealthCheckResult(context.Registration.FailureStatus, text, data: data)
            : latency > options.Value.DegradedLatency ? HealthCheckResult.Degraded(text, data: data)
            : HealthCheckResult.Healthy(text, data);
    }
}

/// <summary>Whether supervisors restart more than they should: something fails, and goes on failing.</summary>
internal sealed class RestartsHealthCheck(NodeHandle handle, IOptions<NodeHealthOptions> options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        int failures = handle.Running is { } node ? FailureCounts.Of(node.Processes).LastMinute : 0;
        Dictionary<string, object> data = new() { ["failures_last_minute"] = failures };
        string text = $"{failures} failures of supervised processes in the last minute.";
        return Task.FromResult(
            failures > options.Value.UnhealthyFailures ? new HealthCheckResult(context.Registration.FailureStatus, text, data: data)
            : failures > options.Value.DegradedFailures ? HealthCheckResult.Degraded(text, data: data)
            : HealthCheckResult.Healthy(text, data)
        );
    }
}
