using System.Diagnostics;
using CloudScale.Perf.Macro.Child;
using CloudScale.Scheduling;

namespace CloudScale.Perf.Macro.Scenarios;

/// <summary>How late timers are, in nanoseconds.</summary>
internal readonly record struct Lateness(int Count, long P50, long P99, long Max);

/// <summary>Many timers with random delays, all set before the first is due; how late does each reach its process? Twin: <c>timer_lateness.erl</c>.</summary>
/// <remarks>Late is what the receiver sees: its own clock when it has the message, less the clock before the timer was set and the delay. An early one fails the run.</remarks>
internal static class TimerLateness
{
    public const string Name = "timer_lateness";

    public static Lateness Measure(ProcessSystem system, ChildArguments arguments)
    {
        var result = new TaskCompletionSource<Lateness>(TaskCreationOptions.RunContinuationsAsynchronously);
        system.Spawn(self => Drive(self, arguments, result));
        return result.Task.GetAwaiter().GetResult();
    }

    private static async ProcessTask Drive(Self self, ChildArguments arguments, TaskCompletionSource<Lateness> result)
    {
        try
        {
            await Rounds(self, arguments.Width, Math.Max(arguments.Count / 10, 1), arguments.WarmUpMs);
            List<long> late = await Rounds(self, arguments.Width, arguments.Count, arguments.TimedMs);
            late.Sort();
            if (late[0] < 0)
                throw new InvalidOperationException(
                    $"{late.Count(each => each < 0)} timers of {late.Count} came early, by up to {-late[0]} ns"
                );
            result.SetResult(new(late.Count, At(late, 50), At(late, 99), late[^1]));
        }
        catch (Exception problem)
        {
            result.SetException(problem);
        }
    }

    private static async ProcessTask<List<long>> Rounds(Self self, int windowMs, int count, int limitMs)
    {
        var late = new List<long>(4 * count); // all at once: a list that grew to millions would have the collector look at every timer
        var random = new Random(count);
        long start = Stopwatch.GetTimestamp();
        do
        {
            // Due between half a window and one and a half from now.
            for (int left = count; left > 0; left--)
            {
                int delayMs = (windowMs / 2) + random.Next(windowMs);
                long due = Stopwatch.GetTimestamp() + (delayMs * (Stopwatch.Frequency / 1_000));
                self.SendAfter(TimeSpan.FromMilliseconds(delayMs), self.Pid, due);
            }

            for (int left = count; left > 0; left--)
            {
                long due = await self.Receive<long>();
                late.Add((Stopwatch.GetTimestamp() - due) * (1_000_000_000 / Stopwatch.Frequency));
            }
        } while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < limitMs);

        return late;
    }

    private static long At(List<long> sorted, int percent) => sorted[Math.Min(sorted.Count * percent / 100, sorted.Count - 1)];
}
