using CloudScale.Runtime.Applications;

namespace CloudScale;

/// <content>Applications.</content>
public sealed partial class Node
{
    private NodeApplications? _applications;

    /// <summary>The applications of this node.</summary>
    public NodeApplications Applications => _applications ?? throw new InvalidOperationException("The node has not started yet.");

    /// <summary>Loads applications and starts them with what they need; they run when the task ends.</summary>
    /// <param name="restart">What the end of each means for the node.</param>
    /// <param name="definitions">The applications; the last one may need those before, and any of them what is loaded already.</param>
    /// <exception cref="ProcessExitException">One could not be loaded or started: the reason is OTP's term.</exception>
    public Task StartApplicationsAsync(ApplicationRestart restart, params IReadOnlyList<ApplicationDefinition> definitions)
    {
        ArgumentNullException.ThrowIfNull(definitions);
        return RunAsync(async self =>
        {
            foreach (ApplicationDefinition definition in definitions)
                ThrowUnlessOk(await Applications.Load(self, definition));
            ThrowUnlessOk(await Applications.EnsureAllStarted(self, [.. definitions.Select(static one => one.Name)], restart));
            return true;
        });
    }

    private static void ThrowUnlessOk(object answer)
    {
        if (answer is Tuple and [Atom { Name: "error" }, var reason])
            throw new ProcessExitException(reason);
    }

    private NodeApplications NewApplications() =>
        new(Processes, (_, reason) => Halt(new HaltRequest(1, IsOrderly: true) { Reason = reason }));

    private ApplicationController NewApplicationController() => Applications.NewController();

    /// <summary>Stops what runs in order, within its time; what is left then ends with all other processes.</summary>
    private async Task StopApplicationsAsync()
    {
        if (_applications is not { Running.Count: > 0 } applications)
            return;
        try
        {
            await RunAsync(async self =>
                {
                    await applications.StopAll(self);
                    return true;
                })
                .WaitAsync(applications.ShutdownTimeout, Clock)
                .ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or ProcessExitException or InvalidOperationException)
        {
            ApplicationLog.NotStoppedInTime(Logger, string.Join(", ", applications.Running.Select(static one => one.Name.Name)));
        }
    }
}
