using System.Runtime.InteropServices;
using CloudScale.Interop.Epmd;
using Microsoft.Extensions.Logging;

namespace CloudScale.Samples.InteropNode;

/// <summary>The program from start to end: node, services, <c>READY</c>, and an orderly stop.</summary>
internal static class SampleNode
{
    /// <returns>The exit status.</returns>
    internal static async Task<int> RunAsync(NodeOptions options)
    {
        TaskCompletionSource<int> stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
        options.AllowedFunctions = StandardFunctions.All; // peers may do here what they may among themselves
        options.StartEpmd = false; // a node without epmd is one that nobody finds
        options.ShutdownGrace = TimeSpan.FromSeconds(1); // for agents that trap exits
        options.OnHalt = request =>
        {
            if (request.IsOrderly)
                stop.TrySetResult(request.Status);
            else
                Environment.Exit(request.Status);
        };
        using PosixSignalRegistration terminated = StopOn(PosixSignal.SIGTERM, stop);
        using PosixSignalRegistration interrupted = StopOn(PosixSignal.SIGINT, stop);
        using ILoggerFactory logs = LoggerFactory.Create(builder =>
            builder
                .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace) // standard output is for READY and for processes
                .SetMinimumLevel(LogLevel.Warning)
        );

        try
        {
            await using Node node = await Node.StartAsync(options, logs.CreateLogger("node"));
            node.Functions.Export(new Conformance(node.Functions));
            Pid services = await ServiceTree.StartAsync(node);
            Console.WriteLine($"READY {node.Name.Name}");
            int status = await stop.Task;
            await node.StopAsync(services, Atoms.Shutdown); // from the last to the first, or they would be started again
            return status;
        }
        catch (Exception exception) when (exception is EpmdException or ArgumentException or StartException)
        {
            await Console.Error.WriteLineAsync($"interop-node: {exception.Message}");
            return 1;
        }
    }

    private static PosixSignalRegistration StopOn(PosixSignal signal, TaskCompletionSource<int> stop) =>
        PosixSignalRegistration.Create(
            signal,
            context =>
            {
                context.Cancel = true; // or the runtime would end the program at once
                stop.TrySetResult(0);
            }
        );
}
