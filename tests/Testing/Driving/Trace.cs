using System.Globalization;
using CloudScale.Scheduling;

namespace CloudScale.Testing;

/// <summary>The last steps of a schedule, in words.</summary>
/// <remarks>Kept only when a schedule is run again to explain it: words cost more than steps.</remarks>
internal sealed class Trace(int capacity)
{
    private readonly Queue<string> _lines = new();
    private readonly Dictionary<Process, List<object>> _before = [];
    private long _count;

    internal string Text => string.Join('\n', _lines);

    internal void Add(string line)
    {
        if (_lines.Count == capacity)
            _lines.Dequeue();
        _lines.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{++_count, 6}  {line}"));
    }

    internal void OnSliceBegins(Process process) => _before[process] = process.PeekMessages();

    internal void OnSliceEnds(Process process, SliceEnd end)
    {
        _before.Remove(process, out List<object>? before);
        List<object> left = process.PeekMessages();
        string received = string.Concat(
            (before ?? []).Where(message => !TakeSame(left, message)).Select(message => $", received {Format(message)}")
        );
        string how = end switch
        {
            SliceEnd.Exited => "ran and exited",
            SliceEnd.Yielded => "ran and gave way",
            _ => $"ran, now {process.DescribeWait()}",
        };
        Add($"{NameOf(process)} {how}{(end == SliceEnd.Exited ? "" : received)}");
    }

    internal void OnSent(Process? from, Process to, Envelope envelope) => Add($"{NameOf(from)} ! {NameOf(to)}  {Format(envelope)}");

    internal void OnArrived(Process? from, Process to, Envelope envelope, Posted posted) =>
        Add($"    {NameOf(to)} ← {NameOf(from)}  {Format(envelope)}{(posted == Posted.Dead ? "  (it has exited)" : "")}");

    internal void OnTime(TimeSpan elapsed) => Add(string.Create(CultureInfo.InvariantCulture, $"time is {elapsed.TotalMilliseconds} ms"));

    internal static string NameOf(Process? process)
    {
        if (process is null)
            return "test";
        return process.Name is { } name ? $"{process.Pid} ({name})" : process.Pid.ToString();
    }

    internal static string Format(object? message)
    {
        // An object that is no term (local processes may send any) prints as it likes.
        string text = Term.Format(message);
        return text.StartsWith("#<", StringComparison.Ordinal) ? message?.ToString() ?? text : text;
    }

    private static string Format(Envelope envelope)
    {
        if (envelope.IsMessage)
            return Format(Payloads.Unwrap(envelope.Payload, envelope.Bits));
        if (envelope is ExitSignal or DownSignal)
            return envelope.ToString()!;
        return envelope.GetType().Name.Replace("Signal", " signal", StringComparison.Ordinal);
    }

    private static bool TakeSame(List<object> messages, object message)
    {
        int index = messages.FindIndex(other => ReferenceEquals(other, message) || (message is long or Pid && message.Equals(other)));
        if (index < 0)
            return false;
        messages.RemoveAt(index);
        return true;
    }
}
