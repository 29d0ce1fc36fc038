using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace CloudScale.Scheduling;

/// <summary>A suspended async method of a process: its state machine, moved to the heap.</summary>
/// <remarks>
/// Threads: the owner of the process. Owner: one awaiter; the box goes back to a pool of its scheduler when the result is taken, and <see cref="Version"/> then tells a
/// second await apart. A box abandoned by an exit is left to the garbage collector.
/// </remarks>
internal abstract class ProcessBox
{
    internal Process Process = null!;

    /// <summary>The box that awaits this one; null at the root, or while nobody does. Links the pool while free.</summary>
    internal ProcessBox? Parent;

    private Exception? _fault;
    private BoxState _state;

    /// <summary>While free: how many lie in the pool, with this one.</summary>
    internal short PoolDepth;

    /// <summary>Counts the uses of a pooled box, so that a task of an earlier use is recognised.</summary>
    internal short Version { get; private protected set; }

    internal bool IsCompleted => _state >= BoxState.Succeeded;

    internal Exception? Fault => _fault;

    /// <summary>Whether its completion ends the body (or the handler's turn).</summary>
    internal bool IsRoot;

    /// <summary>The type of the compiler's state machine; names the method in process info.</summary>
    internal abstract Type? StateMachineType { get; }

    /// <summary>Whether the method has code that an exit must run: a <c>finally</c>, the end of a <c>using</c>, a <c>catch</c>.</summary>
    internal abstract bool HasHandlers { get; }

    /// <summary>Runs the method up to its next suspension or its end.</summary>
    internal abstract void MoveNext();

    /// <summary>Clears the box and gives it back to its pool.</summary>
    private protected abstract void Recycle();

    internal void Complete()
    {
        _state = BoxState.Succeeded;
        Continue();
    }

    internal void Fail(Exception exception)
    {
        _fault = exception;
        _state = BoxState.Faulted;
        Continue();
    }

    private void Continue()
    {
        if (IsRoot)
            Process.OnRootCompleted(this);
        else
            Process?.SetContinuation(Parent); // the one that awaits it; none yet if it failed at once, or was dropped
    }

    /// <summary>Called by the awaiter: frees the box, then throws what the method threw.</summary>
    internal void TakeResult(short version)
    {
        if (version != Version)
            ThrowTakenTwice();
        if (!IsCompleted)
            ThrowNotCompleted();
        Exception? fault = _fault;
        Free();
        if (fault is not null)
            ExceptionDispatchInfo.Throw(fault);
    }

    internal void Free()
    {
        _fault = null;
        _state = BoxState.Suspended;
        IsRoot = false;
        Parent = null;
        Version++;
        Recycle();
    }

    internal static void ThrowTakenTwice() =>
        throw new InvalidOperationException("A ProcessTask may be awaited once, and this one has been.");

    private static void ThrowNotCompleted() =>
        throw new InvalidOperationException("The result of a ProcessTask was asked for before it completed: await it.");

    private enum BoxState : byte
    {
        Suspended,
        Succeeded,
        Faulted,
    }
}

/// <summary>A box whose method returns a value.</summary>
internal abstract class ProcessBox<TResult> : ProcessBox
{
    internal TResult Result = default!;
}

/// <summary>A method that failed before it first suspended: there is only the exception to carry.</summary>
internal sealed class FaultedBox<TResult> : ProcessBox<TResult>
{
    internal FaultedBox(Exception exception) => Fail(exception);

    internal override Type? StateMachineType => null;

    internal override bool HasHandlers => false;

    internal override void MoveNext() => throw new UnreachableException("a failed method does not run again");

    private protected override void Recycle() { }
}

/// <summary>A box for one kind of state machine, pooled by each scheduler.</summary>
internal sealed class StateMachineBox<TStateMachine, TResult> : ProcessBox<TResult>
    where TStateMachine : IAsyncStateMachine
{
    internal TStateMachine StateMachine = default!;

    internal override Type? StateMachineType => typeof(TStateMachine);

    internal override bool HasHandlers => StateMachineHandlers<TStateMachine>.Exist;

    internal static StateMachineBox<TStateMachine, TResult> Rent(Process process, Scheduler scheduler) =>
        scheduler.Boxes.Take(BoxKind<TStateMachine>.Number) is { } box
            ? Reuse(Unsafe.As<StateMachineBox<TStateMachine, TResult>>(box), process) // one state machine has one result type
            : new() { Process = process };

    internal override void MoveNext() => StateMachine.MoveNext();

    private static StateMachineBox<TStateMachine, TResult> Reuse(StateMachineBox<TStateMachine, TResult> box, Process process)
    {
        box.Process = process;
        return box;
    }

    private protected override void Recycle()
    {
        StateMachine = default!;
        if (RuntimeHelpers.IsReferenceOrContainsReferences<TResult>())
            Result = default!;
        Scheduler? scheduler = Process.Runner; // a box is freed by the body that awaited it, so its process runs
        Process = null!;
        scheduler?.Boxes.Give(BoxKind<TStateMachine>.Number, this);
    }
}
