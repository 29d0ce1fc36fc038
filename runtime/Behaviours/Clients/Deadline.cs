namespace CloudScale.Runtime.Behaviours;

/// <summary>A time-out that covers several waits.</summary>
internal readonly struct Deadline(Self self, TimeSpan timeout)
{
    private readonly TimeSpan _end = timeout == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : self.System.MonotonicTime + timeout;
    private readonly Self _self = self;

    /// <summary>What is left, never below zero; infinite if there is no end.</summary>
    internal TimeSpan Left
    {
        get
        {
            if (_end == TimeSpan.MaxValue)
                return Timeout.InfiniteTimeSpan;
            TimeSpan left = _end - _self.System.MonotonicTime;
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }
}
