using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CloudScale.Samples.Agents;

/// <summary>The sample from start to end: host, agents, peer, view, summary.</summary>
internal static class Sample
{
    /// <returns>The exit code: 0 if everything the peer is there for has happened and nothing failed.</returns>
    internal static async Task<int> RunAsync(SampleOptions options, CancellationToken cancellation)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
        builder.AddCloudScale(node =>
        {
            node.Name = options.Name;
            node.Cookie = options.Cookie;
            node.ListenAddress = System.Net.IPAddress.Loopback;
            node.ShutdownGrace = TimeSpan.FromSeconds(10);
        });
        using IHost host = builder.Build();
        await host.StartAsync(cancellation);
        Node node = await host.Services.GetRequiredService<NodeHandle>().Started;

        Measurements.Settle();
        long residentBefore = Measurements.ResidentBytes();
        Stopwatch clock = Stopwatch.StartNew();
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        AgentDirectory directory = new(options.Agents, started);
        node.Spawn(directory.Run, new SpawnOptions { Name = AgentDirectory.Name, TrapExit = true });
        await started.Task.WaitAsync(cancellation);
        while (node.Processes.Statistics.RunQueueLength > 0)
            await Task.Delay(1, cancellation);
        Console.WriteLine($"{node.Processes.ProcessCount:N0} processes on node {node.Name.Name} in {clock.Elapsed.TotalSeconds:F1} s");

        int result = options.Idle
            ? await RunIdleAsync(node, residentBefore, options.Duration ?? TimeSpan.FromSeconds(10), cancellation)
            : await RunWithPeerAsync(node, directory, options, cancellation);
        clock.Restart();
        await host.StopAsync(CancellationToken.None);
        Console.WriteLine($"Stopped in order in {clock.Elapsed.TotalSeconds:F1} s.");
        return result;
    }

    private static async Task<int> RunIdleAsync(Node node, long residentBefore, TimeSpan duration, CancellationToken cancellation)
    {
        Measurements.Settle();
        long resident = Measurements.ResidentBytes() - residentBefore;
        await Task.Delay(TimeSpan.FromSeconds(5), cancellation); // the collector, the compiler and the watchdog come to rest
        TimeSpan before = Measurements.ProcessorTime();
        await Task.Delay(duration, cancellation);
        double share = (Measurements.ProcessorTime() - before) / duration;
        Console.WriteLine(
            $"Idle: {resident / (double)node.Processes.ProcessCount:F0} resident bytes a process; {100 * share:F3} % of a core over {duration.TotalSeconds:F0} s."
        );
        return 0;
    }

    private static async Task<int> RunWithPeerAsync(
        Node node,
        AgentDirectory directory,
        SampleOptions options,
        CancellationToken cancellation
    )
    {
        Report report = Report.Nothing;
        TaskCompletionSource<Pid> peerPid = new(TaskCreationOptions.RunContinuationsAsynchronously);
        node.Spawn(
            async self =>
            {
                while (true)
                {
                    if (Report.From(await self.Receive()) is { } news)
                        Volatile.Write(ref report, news);
                }
            },
            new SpawnOptions { Name = "peer_report" }
        );

        await using IPeer peer = await StartPeerAsync(node, options);
        LiveView view = new(node, directory, peer, () => Volatile.Read(ref report));
        await view.RunAsync(options.Duration, cancellation);

        Report last = Volatile.Read(ref report);
        bool passed = last.IsComplete && peer.Fault is null;
        Console.WriteLine();
        Console.WriteLine(view.Summary());
        Console.WriteLine(
            passed ? "Everything the peer did has worked."
            : peer.Fault is { } fault ? $"FAILED: {fault}"
            : $"FAILED: not everything has happened, or {last.Failures} requests failed."
        );
        return passed ? 0 : 1;
    }

    private static async Task<IPeer> StartPeerAsync(Node node, SampleOptions options)
    {
        if (options.UseErlang && ErlangPeer.IsInstalled)
            return ErlangPeer.Start(node.Name, options.Cookie, options.Agents);
        Console.WriteLine(
            options.UseErlang
                ? "Erlang is not installed (package erlang-base): a second CloudScale node takes its part."
                : "A second CloudScale node takes the part of the Erlang one."
        );
        return await CloudScalePeer.StartAsync(node.Name, options.Cookie, options.Agents);
    }
}
