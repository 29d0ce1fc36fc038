namespace CloudScale.Rdma.Tests.Regions;

internal enum LockAct
{
    Acquire,
    Release,

    /// <summary>The holder has died, or been passed over: the lock is free at some moment after.</summary>
    Lost,
}

/// <summary>What happened to a lock, with the token it happened to.</summary>
internal readonly record struct LockCall(LockAct Act, long Token);

/// <summary>A lock, one thing at a time.</summary>
internal static class LockModel
{
    private const long Nobody = -1;

    internal static bool Holds(IReadOnlyList<Call<LockCall, bool>> history) =>
        Linearizability.Holds(history, (Holder: Nobody, Last: Nobody), Apply, (one, other) => one == other);

    private static ((long Holder, long Last) Next, bool Answer) Apply((long Holder, long Last) state, LockCall call) =>
        call.Act switch
        {
            LockAct.Acquire when state.Holder == Nobody && call.Token > state.Last => ((call.Token, call.Token), true),
            LockAct.Acquire => (state, false),
            _ when state.Holder == call.Token => ((Nobody, state.Last), true),
            _ => (state, false),
        };
}
