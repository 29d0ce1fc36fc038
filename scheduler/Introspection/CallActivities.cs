using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>Distributed traces of calls between processes, as .NET activities.</summary>
/// <remarks>
/// Source <c>CloudScale.Processes</c>. A call carries the context of the activity that is current where it is made; the behaviour that handles it begins an activity of kind consumer below it, which is current until
/// its callback first waits. While nobody listens a call costs one look at a field. Names follow OpenTelemetry's conventions for messaging. Limit: <see cref="MaxOpen"/> calls under way; those beyond have no
/// parent. Threads: any.
/// </remarks>
public static partial class CallActivities
{
    /// <summary>What to name in <c>AddSource</c>.</summary>
    public const string SourceName = "CloudScale.Processes";

    /// <summary>Contexts of calls that nobody handled: a server may end first.</summary>
    private const int MaxOpen = 65_536;

    private static readonly ActivitySource s_source = new(SourceName, typeof(CallActivities).Assembly.GetName().Version?.ToString(3));
    private static readonly ConcurrentDictionary<Reference, ActivityContext> s_open = new();

    /// <summary>Whether anybody listens.</summary>
    public static bool IsOn
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => s_source.HasListeners();
    }

    /// <summary>Begins the activity of a call that is about to be handled, and makes it current on this thread.</summary>
    /// <param name="from">Where the call comes from.</param>
    /// <param name="server">What the server is called.</param>
    /// <returns>Null if no listener wants it. To be ended with <see cref="End"/>.</returns>
    public static Activity? Begin(From from, string server)
    {
        ArgumentNullException.ThrowIfNull(server);
        if (!s_open.TryRemove(from.Alias, out ActivityContext parent))
            s_arrived.TryRemove(from.Alias, out parent);
        Activity? activity = s_source.CreateActivity($"process {server}", ActivityKind.Consumer, parent);
        if (activity is null)
            return null;
        if (activity.IsAllDataRequested)
        {
            activity.SetTag("messaging.system", "cloudscale");
            activity.SetTag("messaging.operation.name", "call");
            activity.SetTag("messaging.operation.type", "process");
            activity.SetTag("messaging.destination.name", server);
        }

        return activity.Start();
    }

    /// <summary>Ends an activity, wherever its work has come to; what is current on this thread stays so.</summary>
    /// <param name="activity">The activity.</param>
    /// <param name="failure">Why the work failed; null if it did not.</param>
    public static void End(Activity activity, string? failure = null)
    {
        ArgumentNullException.ThrowIfNull(activity);
        Activity? current = Activity.Current;
        if (failure is not null)
            activity.SetStatus(ActivityStatusCode.Error, failure);
        activity.Stop();
        Activity.Current = ReferenceEquals(current, activity) ? null : current;
    }

    /// <summary>A call is made, before it is sent: whoever handles it finds the context under its reference.</summary>
    internal static void Attach(Reference call)
    {
        if (Activity.Current is { } current && s_open.Count < MaxOpen)
            s_open[call] = current.Context;
    }
}
