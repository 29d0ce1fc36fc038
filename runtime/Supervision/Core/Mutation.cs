#if EXPLORATION
namespace CloudScale.Runtime.Supervision;

/// <summary>Bugs that can be switched on in builds for exploration, to prove that exploration finds such.</summary>
internal enum Mutation
{
    /// <summary>The code as it is.</summary>
    None,

    /// <summary>Children stop in the order in which they were started.</summary>
    StopsInOrderOfStart,

    /// <summary>One restart more than the intensity is borne.</summary>
    BearsOneRestartMore,

    /// <summary>A child is linked when it has started: a supervisor that is killed while it waits leaves an orphan.</summary>
    LinksAfterInit,
}

/// <summary>Which mutation is switched on; one at a time, for the whole program.</summary>
internal static class Mutations
{
    internal static volatile Mutation Active;

    internal static bool Is(Mutation mutation) => Active == mutation;
}
#endif
