namespace CloudScale.Interop.Connections;

/// <summary>
/// How much lies unread in the other side's kernel, guessed from the window it offers: the widest it has offered, less what it offers now. What lies there cannot be overtaken by a short message,
/// and a kernel that adapts its buffer (Erlang's sockets do) takes tens of megabytes from a fast sender.
/// </summary>
/// <remarks>Threads: one at a time. The clock is passed in, in milliseconds.</remarks>
internal struct OfferedWindow
{
    /// <summary>So much may lie there: a reader of 2 GB/s is busy with it for the one or two milliseconds until the next look.</summary>
    public const int MaxUnreadBytes = 4 << 20;

    /// <summary>For so long, in milliseconds, a window that does not grow is waited for: its owner reads nothing, or has made it smaller.</summary>
    public const int PatienceMs = 20;

    private int _widest;
    private int _last;
    private long _grewAt;
    private bool _isFull;

    /// <summary>Whether what is long should wait and be asked for again a millisecond later.</summary>
    public bool IsFull(int window, long now)
    {
        _widest = Math.Max(_widest, window);
        bool wasFull = _isFull;
        _isFull = _widest - window > MaxUnreadBytes;
        if (!_isFull)
            return false;
        if (!wasFull || window > _last)
            _grewAt = now;
        _last = window;
        if (now - _grewAt < PatienceMs)
            return true;
        _widest = window;
        return _isFull = false;
    }
}
