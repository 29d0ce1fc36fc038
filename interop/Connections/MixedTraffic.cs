namespace CloudScale.Interop.Connections;

/// <summary>Whether short messages come beside long ones, in one direction of a connection; then little may lie in the kernel, for what lies there cannot be overtaken.</summary>
/// <remarks>Threads: one at a time. The clock is passed in, in milliseconds.</remarks>
internal struct MixedTraffic
{
    private const long LastsMs = 100; // after the last short message; untuned

    private long _until;
    private bool _isMixed;

    /// <summary>Whether they do.</summary>
    public readonly bool IsMixed => _isMixed;

    /// <summary>A short message came while a long one was under way. True if that is news.</summary>
    public bool OnShort(long now)
    {
        _until = now + LastsMs;
        if (_isMixed)
            return false;
        _isMixed = true;
        return true;
    }

    /// <summary>A part of a long message came. True if there have been no short ones any more for a while, which is news.</summary>
    public bool OnLong(long now)
    {
        if (!_isMixed || now < _until)
            return false;
        _isMixed = false;
        return true;
    }
}
