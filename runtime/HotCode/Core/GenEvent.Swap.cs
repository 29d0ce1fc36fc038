using System.Reflection;
using CloudScale.Runtime.Behaviours;
using CloudScale.Runtime.HotCode;

namespace CloudScale;

/// <content>Handlers whose code is replaced. The manager is the host's and stays; the code server knows it for as long as it has such handlers.</content>
public sealed partial class GenEvent
{
    private volatile Assembly[] _handlerCode = []; // what can be unloaded; written by the manager, read by upgrades
    private bool _isTracked;

    /// <summary>Whether a handler is of a library, and not of this version. Any thread.</summary>
    internal bool RunsCodeOf(string library, Assembly? butOf) => _handlerCode.Any(code => code != butOf && code.GetName().Name == library);

    private void OnHandlersChanged()
    {
        if (!CodeServer.IsUsed)
            return;
        _handlerCode = [.. _handlers.Select(static installed => installed.Handler.GetType().Assembly).Where(IsUnloadable).Distinct()];
        if (_isTracked || _handlerCode.Length == 0 || CodeServer.Of(Self.System) is not { } server)
            return;
        Self.Own(server.Track(Self.Pid, this));
        _isTracked = true;
    }

    private static bool IsUnloadable(Assembly code) => code.IsCollectible;

    private protected override async ProcessTask SwapHandlersAsync(HandlersSwap swap, From from)
    {
        object answer;
        InstalledHandler[] before = [.. _handlers];
        try
        {
            InstalledHandler[] after = new InstalledHandler[before.Length];
            for (int i = 0; i < before.Length; i++)
                after[i] = IsOutdated(before[i], swap) ? await TakeOverAsync(before[i], swap) : before[i];
            SetHandlers(after);
            answer = new HandlersSwapped(before);
        }
        catch (Exception exception) when (IsRunning)
        {
            answer = Tuple.Of(Atoms.Error, Tuple.Of(Atoms.Exit, CrashReason.Of(exception)));
        }

        Self.Reply(from, answer);
    }

    private static bool IsOutdated(InstalledHandler installed, HandlersSwap swap)
    {
        Assembly code = installed.Handler.GetType().Assembly;
        return code != swap.Current && code.GetName().Name == swap.Library;
    }

    private async ProcessTask<InstalledHandler> TakeOverAsync(InstalledHandler installed, HandlersSwap swap)
    {
        GenEventHandler old = installed.Handler;
        GenEventHandler next = swap.Make(old);
        next.Adopt(Self);
        object oldVersion = old.GetType().Assembly.GetName().Version?.ToString() ?? "";
        next.SetState(await next.MigrateState(old.GetState(), oldVersion, swap.Extra));
        await next.CodeChange(oldVersion, swap.Extra);
        return new InstalledHandler(installed.Id, next, installed.Supervisor);
    }

    private protected override ProcessTask UndoHandlersSwap(HandlersSwapUndo undo, From from)
    {
        SetHandlers(undo.Before); // the manager has been held since, so they are what they were
        Self.Reply(from, Atoms.Ok);
        return default;
    }

    private void SetHandlers(InstalledHandler[] handlers)
    {
        _handlers.Clear();
        _handlers.AddRange(handlers);
        OnHandlersChanged();
    }
}
