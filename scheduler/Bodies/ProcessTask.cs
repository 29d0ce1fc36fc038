using System.ComponentModel;
using System.Runtime.CompilerServices;
using CloudScale.Scheduling;

namespace CloudScale;

/// <summary>The return type of process bodies and of the async methods they call: <c>async ProcessTask Loop(Self self)</c>.</summary>
/// <remarks>
/// Runs on the schedulers of the node, never on the thread pool; any <see cref="Task"/> may be awaited inside. Completed without waiting, it costs nothing; suspended, its state
/// is pooled. Await it once, at once, inside the process that called it.
/// </remarks>
[AsyncMethodBuilder(typeof(ProcessTaskMethodBuilder))]
public readonly struct ProcessTask
{
    internal readonly ProcessBox? Box;
    private readonly short _version;

    internal ProcessTask(ProcessBox? box)
    {
        Box = box;
        _version = box?.Version ?? 0;
    }

    /// <summary>A task that is done.</summary>
    public static ProcessTask Completed => default;

    /// <summary>Used by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public Awaiter GetAwaiter() => new(this);

    /// <summary>Used by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public readonly struct Awaiter : ICriticalNotifyCompletion, IProcessTaskAwaiter
    {
        private readonly ProcessTask _task;

        internal Awaiter(ProcessTask task) => _task = task;

        /// <summary>Used by the compiler.</summary>
        public bool IsCompleted => _task.Box is null || Misuse.CheckFresh(_task.Box, _task._version).IsCompleted;

        ProcessBox IProcessTaskAwaiter.Box => _task.Box!;

        /// <summary>Used by the compiler.</summary>
        public void GetResult() => _task.Box?.TakeResult(_task._version);

        /// <inheritdoc/>
        public void OnCompleted(Action continuation) => Misuse.ThrowForeignBuilder();

        /// <inheritdoc/>
        public void UnsafeOnCompleted(Action continuation) => Misuse.ThrowForeignBuilder();
    }
}

/// <summary>The return type of async methods of a process that return a value.</summary>
/// <typeparam name="TResult">What the method returns.</typeparam>
/// <inheritdoc cref="ProcessTask" path="/remarks"/>
[AsyncMethodBuilder(typeof(ProcessTaskMethodBuilder<>))]
public readonly struct ProcessTask<TResult>
{
    private readonly ProcessBox<TResult>? _box;
    private readonly TResult _result;
    private readonly short _version;

    /// <summary>A task that is done with a result.</summary>
    public ProcessTask(TResult result)
    {
        _result = result;
        _box = null;
        _version = 0;
    }

    internal ProcessTask(ProcessBox<TResult> box)
    {
        _box = box;
        _result = default!;
        _version = box.Version;
    }

    /// <summary>Used by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public Awaiter GetAwaiter() => new(this);

    /// <summary>Used by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public readonly struct Awaiter : ICriticalNotifyCompletion, IProcessTaskAwaiter
    {
        private readonly ProcessTask<TResult> _task;

        internal Awaiter(ProcessTask<TResult> task) => _task = task;

        /// <summary>Used by the compiler.</summary>
        public bool IsCompleted => _task._box is null || Misuse.CheckFresh(_task._box, _task._version).IsCompleted;

        ProcessBox IProcessTaskAwaiter.Box => _task._box!;

        /// <summary>Used by the compiler.</summary>
        public TResult GetResult()
        {
            if (_task._box is null)
                return _task._result;
            if (_task._version != _task._box.Version)
                ProcessBox.ThrowTakenTwice();
            TResult result = _task._box.Result;
            _task._box.TakeResult(_task._version);
            return result;
        }

        /// <inheritdoc/>
        public void OnCompleted(Action continuation) => Misuse.ThrowForeignBuilder();

        /// <inheritdoc/>
        public void UnsafeOnCompleted(Action continuation) => Misuse.ThrowForeignBuilder();
    }
}

/// <summary>The errors of using process things where they do not belong.</summary>
internal static class Misuse
{
    internal static ProcessBox CheckFresh(ProcessBox box, short version)
    {
        if (box.Version != version)
            ProcessBox.ThrowTakenTwice();
        return box;
    }

    internal static void ThrowForeignBuilder() =>
        throw new InvalidOperationException(
            "Only methods that return ProcessTask may await a process's receive, sleep, yield or ProcessTask. Change the return type of the calling method."
        );

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    internal static void ThrowNotSelf() =>
        throw new InvalidOperationException(
            "A Self was used outside of its process: from another thread, another process, or after the process exited. "
                + "Hand out the Pid instead, and send to it."
        );

    internal static void ThrowAlreadyWaiting() =>
        throw new InvalidOperationException(
            "The process already waits: an earlier ProcessTask of it was started and not awaited. Await each one before the next."
        );
}
