namespace CloudScale;

/// <summary>Which runnable processes go first.</summary>
/// <remarks>
/// As on BEAM: while a process of a higher level is runnable, none of <see cref="Normal"/> or <see cref="Low"/> is begun; what runs already ends its slice. Normal and low
/// take turns, low one in eight. A process that never waits at a level above normal starves all below: keep such processes short.
/// </remarks>
public enum ProcessPriority : byte
{
    /// <summary>The level of nearly all.</summary>
    Normal,

    /// <summary>Gets one turn in eight beside normal ones.</summary>
    Low,

    /// <summary>Before normal and low.</summary>
    High,

    /// <summary>Before all others; for the node itself.</summary>
    Max,
}
