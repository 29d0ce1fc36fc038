using CloudScale.Scheduling;

namespace CloudScale;

/// <summary>A request to end in order, from a process of this node that monitors this one: see <see cref="Self.StopMonitor"/>.</summary>
/// <remarks>
/// Asked for by type, with <see cref="Message.TryGet{T}"/>; received as an object it is the tuple <c>{system, {Pid, Monitor}, {terminate, Reason}}</c> of OTP's <c>sys</c>. Who takes it by type owes no answer: the
/// report of its exit is one. Who takes the tuple may answer <c>{Monitor, ok}</c> before it ends, as any process does that <c>sys:terminate</c> asks.
/// </remarks>
/// <param name="Reason">With which the process is to exit.</param>
public readonly record struct StopRequest(object Reason)
{
    private static readonly Atom s_system = Atom.Of("system");
    private static readonly Atom s_terminate = Atom.Of("terminate");

    internal static Tuple ToTerm(Pid from, Reference monitor, object reason) =>
        Tuple.Of(s_system, Tuple.Of(from, monitor), Tuple.Of(s_terminate, reason));

    /// <summary>A message, if it is such a request that came in one signal.</summary>
    internal static bool TryRead(object? payload, out StopRequest request)
    {
        request = payload is StopSignal signal ? new(signal.Reason) : default;
        return request.Reason is not null;
    }
}
