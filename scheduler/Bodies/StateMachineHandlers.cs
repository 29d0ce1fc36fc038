using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>Whether an async method has a <c>try</c> of its own, or a <c>using</c>, <c>lock</c>, <c>foreach</c> that implies one.</summary>
/// <remarks>
/// The compiler puts the whole of every async method into one <c>try</c>; any other region is the user's. A body without any loses nothing when it is dropped instead of
/// unwound, and a thrown exception costs more than the rest of an exit together (some 2 µs a frame). Looked up once a method. Where the code cannot be looked into
/// (ahead-of-time compilation, trimming) the answer is yes, and the body is unwound.
/// </remarks>
internal static class StateMachineHandlers<TStateMachine>
    where TStateMachine : IAsyncStateMachine
{
    internal static readonly bool Exist = Look();

    [UnconditionalSuppressMessage("Trimming", "IL2090", Justification = "A method that was trimmed away counts as one with handlers.")]
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "A method whose body cannot be read counts as one with handlers.")]
    private static bool Look()
    {
        if (!RuntimeFeature.IsDynamicCodeSupported)
            return true;
        MethodBody? body = typeof(TStateMachine)
            .GetMethod(nameof(IAsyncStateMachine.MoveNext), BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)
            ?.GetMethodBody();
        return body is null || body.ExceptionHandlingClauses.Count != 1;
    }
}
