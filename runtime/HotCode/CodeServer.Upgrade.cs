using CloudScale.Runtime.HotCode;
using Microsoft.Extensions.Logging;

namespace CloudScale;

/// <content>Upgrades.</content>
public sealed partial class CodeServer
{
    private readonly NodeApplications? _applications;
    private int _isUpgrading;

    /// <summary>Carries out the instructions of an upgrade, one after the other, in a process of its own. If one fails, those before are undone, the last one first.</summary>
    /// <param name="self">Who asks, and waits. If it exits, the upgrade goes on.</param>
    /// <param name="instructions">What is to be done.</param>
    /// <param name="options">How long processes may take.</param>
    /// <exception cref="InvalidOperationException">Another upgrade is on its way.</exception>
    public async ProcessTask<UpgradeResult> Upgrade(
        Self self,
        IReadOnlyList<UpgradeInstruction> instructions,
        UpgradeOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(instructions);
        if (Interlocked.Exchange(ref _isUpgrading, 1) != 0)
            throw new InvalidOperationException("Another upgrade is on its way.");
        Pid asker = self.Pid;
        ReceiveMark mark = self.Mark();
        Pid worker = self.Spawn(async worker =>
        {
            UpgradeRun run = new(this, _applications, options ?? new UpgradeOptions());
            UpgradeResult result = await run.Execute(worker, instructions);
            EndUpgrade();
            worker.Send(asker, new Finished(worker.Pid, result));
        });
        Reference monitor = self.Monitor(worker);
        object news = await self.Receive<object>(
            message => message is Finished finished && finished.Worker == worker || message is Down down && down.Reference == monitor,
            mark: mark
        );
        self.Demonitor(monitor, flush: true);
        return news is Finished { Result: var result } ? result : new UpgradeResult(((Down)news).Reason, [], 0);
    }

    internal void EndUpgrade() => Volatile.Write(ref _isUpgrading, 0);

    /// <summary>Carries out an upgrade, from host code.</summary>
    /// <inheritdoc cref="Upgrade(Self, IReadOnlyList{UpgradeInstruction}, UpgradeOptions?)" path="/param[@name!='self']"/>
    public async Task<UpgradeResult> UpgradeAsync(IReadOnlyList<UpgradeInstruction> instructions, UpgradeOptions? options = null)
    {
        TaskCompletionSource<UpgradeResult> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Processes.Spawn(async self =>
        {
            try
            {
                done.TrySetResult(await Upgrade(self, instructions, options));
            }
            catch (Exception exception)
            {
                done.TrySetException(exception);
            }
        });
        return await done.Task.ConfigureAwait(false);
    }

    private sealed record Finished(Pid Worker, UpgradeResult Result);
}

internal static partial class CodeServerLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "A step of an upgrade could not be undone.")]
    internal static partial void UndoFailed(ILogger logger, Exception exception);
}
