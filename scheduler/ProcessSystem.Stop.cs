using Microsoft.Extensions.Logging;

namespace CloudScale.Scheduling;

/// <summary>The orderly end of a node.</summary>
public sealed partial class ProcessSystem
{
    private static readonly TimeSpan s_defaultGrace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_killPatience = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Ends all processes, first with <c>shutdown</c>, after the grace period with <c>kill</c>, then the schedulers. Calls after the first wait for the same end.
    /// </summary>
    /// <param name="grace">How long processes have to end by themselves; 5 s by default.</param>
    public Task StopAsync(TimeSpan? grace = null)
    {
        lock (_stopLock)
            return _stopTask ??= StopOnceAsync(grace ?? s_defaultGrace);
    }

    private async Task StopOnceAsync(TimeSpan grace)
    {
        Volatile.Write(ref _stopState, 1);
        await Task.Yield(); // off the caller's thread, which may be a scheduler
        Broadcast(Atoms.Shutdown);
        if (!await EmptyWithin(grace, whileProgressing: false).ConfigureAwait(false))
        {
            Broadcast(Atoms.Kill);
            if (!await EmptyWithin(s_killPatience, whileProgressing: true).ConfigureAwait(false))
                LogStuck(_logger, ProcessCount);
        }

        Group.Stop();
        SchedulerMetrics.Remove(this);
        if (SchedulerEventSource.Log.IsEnabled())
            SchedulerEventSource.Log.NodeStopped(Identity.Name.Name);
    }

    private void Broadcast(object reason) =>
        Table.ForEach(process => PostSignal(process, new ExitSignal(SystemPid, reason, ExitKind.Explicit)));

    private async Task<bool> EmptyWithin(TimeSpan patience, bool whileProgressing)
    {
        long deadline = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        long fewest = long.MaxValue;
        while (ProcessCount is > 0 and long count)
        {
            if (whileProgressing && count < fewest)
                deadline = Environment.TickCount64 + (long)patience.TotalMilliseconds;
            fewest = Math.Min(fewest, count);
            if (Environment.TickCount64 >= deadline)
                return false;
            await Task.Delay(2).ConfigureAwait(false);
        }

        return true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    /// <inheritdoc/>
    public void Dispose() => StopAsync().GetAwaiter().GetResult();

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Count} processes did not end when killed: their bodies block without awaiting. Their threads end with the program."
    )]
    private static partial void LogStuck(ILogger logger, long count);
}
