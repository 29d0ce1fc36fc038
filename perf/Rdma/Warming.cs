using System.Runtime;

namespace CloudScale.Perf.Rdma;

/// <summary>Before something is measured: lots of it that do not count, until the runtime has compiled them as it does for a node that has run for a while.</summary>
/// <remarks>
/// It compiles on a thread that needs a processor, which two ends that look for input leave to nobody: they would share the other one, and a message take twice as long. So there is a pause after each lot.
/// <code>
/// Warming warming = new();
/// while (warming.GoesOn)
/// {
///     ... // a lot
///     while (warming.IsCompiling)
///         ... // wait for Pause
/// }
/// </code>
/// </remarks>
internal sealed class Warming
{
    /// <summary>Of a lot of short ones.</summary>
    internal const int Rounds = 800;

    /// <summary>After the last pause: until whoever looks for input does so all the time again.</summary>
    internal const int RoundsToSettle = 200;

    private const int MostLots = 16;
    private const int FewMethods = 8; // of what goes on beside: timers, ticks, the ends of connections

    private long _before = -FewMethods - 1; // how many methods had been compiled
    private long _seen = -1;
    private int _lots;

    /// <summary>How long to wait until the next question whether it is still compiling.</summary>
    internal static TimeSpan Pause { get; } = TimeSpan.FromMilliseconds(250); // it begins 100 ms after the last new method

    /// <summary>Whether another lot is needed: the last one had methods compiled.</summary>
    internal bool GoesOn
    {
        get
        {
            long compiled = JitInfo.GetCompiledMethodCount();
            bool goesOn = compiled - _before > FewMethods && _lots++ < MostLots;
            _before = compiled;
            return goesOn;
        }
    }

    /// <summary>Whether methods have been compiled since the last question.</summary>
    internal bool IsCompiling
    {
        get
        {
            long compiled = JitInfo.GetCompiledMethodCount();
            bool isCompiling = compiled != _seen;
            _seen = compiled;
            return isCompiling;
        }
    }
}
