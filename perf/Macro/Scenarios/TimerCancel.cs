using System.Diagnostics;

namespace CloudScale.Perf.Macro.Scenarios;

/// <summary>Timers set and cancelled, with the time that was left, beside others that go on waiting. Twin: <c>timer_cancel.erl</c>.</summary>
internal sealed class TimerCancel : PartScenario
{
    private const int Turn = 1_000;
    private static readonly Atom s_due = Atom.Of("due");

    // An operation is one timer set and cancelled; count of them, with width others waiting, which are set before the clock runs.
    public override async ProcessTask<(long Operations, TimeSpan Elapsed)> Timed(Self self, int width, int count)
    {
        int turn = 0;
        var waiting = new ProcessTimer[width];
        for (int index = 0; index < width; index++)
            waiting[index] = self.StartTimer(Far(turn++), self.Pid, s_due);

        long start = Stopwatch.GetTimestamp();
        for (int left = count; left > 0; left -= Turn)
        {
            for (int more = Math.Min(left, Turn); more > 0; more--)
                if (!self.StartTimer(Far(turn++), self.Pid, s_due).Cancel(out _))
                    throw new InvalidOperationException("a timer was due too early");
            await self.Yield();
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        foreach (ProcessTimer timer in waiting)
            timer.Cancel();
        return (count, elapsed);
    }

    // Ten minutes to an hour: none is due while we look, and they spread over the slots of either side's wheel. No random numbers: Erlang's cost more than its timers.
    private static TimeSpan Far(int turn) => TimeSpan.FromMilliseconds(600_000 + (turn * 7_919L % 3_000_000));
}
