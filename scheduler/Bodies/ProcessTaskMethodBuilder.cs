using System.ComponentModel;
using System.Runtime.CompilerServices;
using CloudScale.Scheduling;

#pragma warning disable CA1822 // The compiler calls Start and SetStateMachine on the instance, whether they need it or not.

namespace CloudScale;

/// <summary>Builds <see cref="ProcessTask"/> methods; used by the compiler.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct ProcessTaskMethodBuilder
{
    private ProcessBox<ValueTuple>? _box;

    /// <summary>Used by the compiler.</summary>
    public readonly ProcessTask Task => new(_box);

    /// <summary>Used by the compiler.</summary>
    public static ProcessTaskMethodBuilder Create() => default;

    /// <summary>Used by the compiler.</summary>
    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => stateMachine.MoveNext();

    /// <summary>Used by the compiler.</summary>
    public readonly void SetStateMachine(IAsyncStateMachine stateMachine) { }

    /// <summary>Used by the compiler.</summary>
    public readonly void SetResult() => _box?.Complete();

    /// <summary>Used by the compiler.</summary>
    public void SetException(Exception exception) => BoxBuilder.Fail(ref _box, exception);

    /// <summary>Used by the compiler.</summary>
    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => BoxBuilder.Suspend(ref _box, ref awaiter, ref stateMachine);

    /// <summary>Used by the compiler.</summary>
    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => BoxBuilder.Suspend(ref _box, ref awaiter, ref stateMachine);
}

/// <summary>Builds <see cref="ProcessTask{TResult}"/> methods; used by the compiler.</summary>
/// <typeparam name="TResult">What the method returns.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct ProcessTaskMethodBuilder<TResult>
{
    private ProcessBox<TResult>? _box;
    private TResult _result;

    /// <summary>Used by the compiler.</summary>
    public readonly ProcessTask<TResult> Task => _box is null ? new(_result) : new(_box);

    /// <summary>Used by the compiler.</summary>
    [System.Diagnostics.CodeAnalysis.SuppressMessage(
        "Design",
        "CA1000:Do not declare static members on generic types",
        Justification = "The compiler asks for it"
    )]
    public static ProcessTaskMethodBuilder<TResult> Create() => default;

    /// <summary>Used by the compiler.</summary>
    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => stateMachine.MoveNext();

    /// <summary>Used by the compiler.</summary>
    public readonly void SetStateMachine(IAsyncStateMachine stateMachine) { }

    /// <summary>Used by the compiler.</summary>
    public void SetResult(TResult result)
    {
        if (_box is null)
        {
            _result = result;
            return;
        }

        _box.Result = result;
        _box.Complete();
    }

    /// <summary>Used by the compiler.</summary>
    public void SetException(Exception exception) => BoxBuilder.Fail(ref _box, exception);

    /// <summary>Used by the compiler.</summary>
    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => BoxBuilder.Suspend(ref _box, ref awaiter, ref stateMachine);

    /// <summary>Used by the compiler.</summary>
    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => BoxBuilder.Suspend(ref _box, ref awaiter, ref stateMachine);
}

/// <summary>What both builders share.</summary>
internal static class BoxBuilder
{
    internal static void Fail<TResult>(ref ProcessBox<TResult>? box, Exception exception)
    {
        if (box is null)
            box = new FaultedBox<TResult>(exception);
        else
            box.Fail(exception);
    }

    /// <summary>Moves the method to the heap if it is not there yet, and wires up what will resume it.</summary>
    /// <remarks>The type tests below are decided by the JIT: each awaiter is a struct with code of its own.</remarks>
    internal static void Suspend<TResult, TAwaiter, TStateMachine>(
        ref ProcessBox<TResult>? box,
        ref TAwaiter awaiter,
        ref TStateMachine stateMachine
    )
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine
    {
        if (box is null)
        {
            Scheduler scheduler = Scheduler.Current ?? throw NotInAProcess();
            Process process = scheduler.Running ?? throw NotInAProcess();
            StateMachineBox<TStateMachine, TResult> fresh = StateMachineBox<TStateMachine, TResult>.Rent(process, scheduler);
            box = fresh; // the builder is a field of the state machine: set first, so that the copy below knows its box
            fresh.StateMachine = stateMachine;
        }

        if (default(TAwaiter) is not null && awaiter is ISelfAwaiter)
        {
            box.Process.SetContinuation(box); // the awaiter has told the process what it waits for
        }
        else if (default(TAwaiter) is not null && awaiter is IProcessTaskAwaiter)
        {
            ((IProcessTaskAwaiter)awaiter).Box.Parent = box;
        }
        else
        {
            box.Process.AwaitForeign(box, ref awaiter);
        }
    }

    private static InvalidOperationException NotInAProcess() =>
        new("A ProcessTask method was called outside of a process. Spawn it, or return Task.");
}

/// <summary>An awaiter of something the process itself waits for: a message, a time-out, its next turn.</summary>
internal interface ISelfAwaiter;

/// <summary>An awaiter of another method of the same process.</summary>
internal interface IProcessTaskAwaiter
{
    /// <summary>The method awaited, which has suspended.</summary>
    ProcessBox Box { get; }
}
