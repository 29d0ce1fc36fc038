using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>The monotonic time of a node, in ticks of the timer wheels.</summary>
/// <remarks>
/// Threads: any. With the system's time provider a tick is a power of two of the processor's counter, a quarter of a millisecond or a little more, and a scheduler
/// can sleep as finely, so a timer is late by little more than that, and never early. Any other provider belongs to a test: then a tick is a millisecond, so that
/// what a test waits for happens when its clock says so.
/// </remarks>
internal sealed class Clock
{
    private const long CoarseFrom = 2_000; // milliseconds: a wait as long may be told by the coarse clock, at a third of the price
    private const long CoarseError = 17; // how far the coarse clock may be behind, in milliseconds, on any system: one tick of it; and its origin a little ahead

    private static readonly bool s_clocksAgree = OperatingSystem.IsLinux(); // one timekeeper for both; elsewhere they may drift apart over days

    // Of the processor's counter, in one tick of a TimeSpan; 0 if that is no whole number.
    private static readonly long s_countsPerInterval =
        Stopwatch.Frequency % TimeSpan.TicksPerSecond == 0 ? Stopwatch.Frequency / TimeSpan.TicksPerSecond : 0;

    private readonly TimeProvider? _provider;
    private readonly long _origin;
    private readonly int _shift; // counts of the processor's counter a tick, as a power of two
    private readonly long _countsPerMs;
    private readonly long _coarseOrigin; // what the coarse clock said when the node started

    internal Clock(TimeProvider provider)
    {
        _countsPerMs = Math.Max(Stopwatch.Frequency / 1_000, 1);
        _shift = Math.Max(BitOperations.Log2((ulong)_countsPerMs) - 1, 0);
        if (!ReferenceEquals(provider, TimeProvider.System))
            _provider = provider;
        _origin = provider.GetTimestamp();
        _coarseOrigin = Environment.TickCount64;
    }

    /// <summary>Whole ticks since the node started.</summary>
    internal long Now
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _provider is null ? (Stopwatch.GetTimestamp() - _origin) >> _shift : Elapsed.Ticks / TimeSpan.TicksPerMillisecond;
    }

    /// <summary>The same at a time that the stopwatch has just told, so that it need not be asked again.</summary>
    internal long At(long timestamp) => _provider is null ? (timestamp - _origin) >> _shift : Now;

    /// <summary>Time since the node started.</summary>
    internal TimeSpan Elapsed => _provider is null ? Stopwatch.GetElapsedTime(_origin) : _provider.GetElapsedTime(_origin);

    /// <summary>The tick at which a wait of this length, begun now, is over.</summary>
    internal long DeadlineAfter(long milliseconds)
    {
        if (_provider is not null)
            return Clamp((double)milliseconds + Elapsed.TotalMilliseconds);
        if (milliseconds > long.MaxValue / 4 / _countsPerMs)
            return long.MaxValue / 4;
        return RoundUp(Stopwatch.GetTimestamp() - _origin + (milliseconds * _countsPerMs));
    }

    /// <summary>The same for a time-out that is nearly always taken back: of seconds, it may be told by the coarse clock, and up to 17 ms longer.</summary>
    internal long TimeoutAfter(long milliseconds)
    {
        if (_provider is not null || milliseconds < CoarseFrom || milliseconds > long.MaxValue / 4 / _countsPerMs || !s_clocksAgree)
            return DeadlineAfter(milliseconds);
        return RoundUp((Environment.TickCount64 - _coarseOrigin + CoarseError + milliseconds) * _countsPerMs);
    }

    /// <summary>The tick at which this much time has passed since the node started.</summary>
    internal long DeadlineAt(TimeSpan elapsed) =>
        _provider is not null
            ? Clamp(elapsed.TotalMilliseconds)
            : RoundUp((long)Math.Min(elapsed.TotalMilliseconds * _countsPerMs, long.MaxValue / 4));

    /// <summary>How long it is until a tick, from <paramref name="now"/>; zero if it is past.</summary>
    internal TimeSpan Until(long deadline, long now)
    {
        long ticks = Math.Max(deadline - now, 0);
        if (_provider is not null)
            return TimeSpan.FromMilliseconds(ticks);
        long counts = ticks << _shift;
        return s_countsPerInterval > 0
            ? TimeSpan.FromTicks(counts / s_countsPerInterval)
            : TimeSpan.FromMilliseconds((double)counts / _countsPerMs);
    }

    /// <summary>How long a thread must sleep so as not to be early for a tick; <see cref="long.MaxValue"/> for the tick of that number.</summary>
    internal long SleepNanoseconds(long deadline)
    {
        if (deadline == long.MaxValue)
            return long.MaxValue;
        double left = _provider is not null
            ? Until(deadline, Now).TotalNanoseconds
            : (((double)deadline * (1L << _shift)) - (Stopwatch.GetTimestamp() - _origin)) / _countsPerMs * 1_000_000;
        return left <= 0 ? 0 : (long)Math.Min(Math.Ceiling(left), long.MaxValue / 4);
    }

    private long RoundUp(long counts) => (counts + (1L << _shift) - 1) >> _shift;

    private static long Clamp(double milliseconds) => (long)Math.Min(Math.Ceiling(milliseconds), long.MaxValue / 4);
}
