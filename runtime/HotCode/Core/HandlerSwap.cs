using System.Reflection;

namespace CloudScale.Runtime.HotCode;

/// <summary>To an event manager that is held: objects of new code shall take over from its handlers of a library. Answered with <see cref="HandlersSwapped"/> or <c>{error, Reason}</c>.</summary>
/// <param name="Library">The library.</param>
/// <param name="Current">The version that counts now: its handlers stay.</param>
/// <param name="Make">Makes the new object from the old one.</param>
/// <param name="Extra">What the instruction carries.</param>
internal sealed record HandlersSwap(string Library, Assembly Current, Func<GenEventHandler, GenEventHandler> Make, object Extra);

/// <summary>The handlers as they were before.</summary>
internal sealed record HandlersSwapped(Behaviours.InstalledHandler[] Before);

/// <summary>To an event manager that is held: the handlers before shall be in place again.</summary>
internal sealed record HandlersSwapUndo(Behaviours.InstalledHandler[] Before);
