namespace CloudScale.Runtime.HotCode;

/// <summary>To a process that is held: an object of new code shall take over. Answered with <c>ok</c> or <c>{error, Reason}</c>, as <c>change_code</c>.</summary>
/// <param name="Make">Makes the new object from the old one.</param>
/// <param name="OldVersion">The version of the old code.</param>
/// <param name="Extra">What the instruction carries.</param>
internal sealed record CodeSwap(Func<Behaviour, Behaviour> Make, object OldVersion, object Extra);

/// <summary>To a process that is held: the object before shall be in place again.</summary>
internal sealed record CodeSwapUndo(Behaviour Old);
