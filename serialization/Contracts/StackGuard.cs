using System.Runtime.CompilerServices;

namespace CloudScale.Serialization.Contracts;

/// <summary>Looks whether the stack has room for contracts in each other, by where on it we are.</summary>
/// <remarks>A count of levels would do as well, but each level then waits twice for what the level before has stored. Owner: a ref struct, which cannot leave its stack.</remarks>
internal struct StackGuard
{
    private const nuint Window = 16 << 10; // bytes; what a check promises (64 KB at least) leaves room for what is called there

    private nuint _lowest; // nothing below it has been promised

    /// <summary>Whether there is room; asks the runtime only where it was not asked before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe bool HasRoom()
    {
        byte here;
        return (nuint)(&here) - _lowest < 2 * Window || Ask((nuint)(&here));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool Ask(nuint here)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            return false;
        _lowest = here - Window;
        return true;
    }
}
