using System.Diagnostics;
using CloudScale.Perf.Macro.Runner;
using CloudScale.Perf.Macro.Scenarios;
using CloudScale.Scheduling;

namespace CloudScale.Perf.Macro.Child;

/// <summary>Runs one scenario, warmed up and then timed, and prints one line for the runner.</summary>
/// <remarks>The twin of <c>perf/erlang/bench.erl</c>: same order, same counts, same rules of the clock.</remarks>
internal static class ChildProgram
{
    public static int Run(ChildArguments arguments)
    {
        // Not disposed: the end of this program ends it, and to stop a million processes in order is not what is measured.
        var system = new ProcessSystem(new ProcessSystemOptions { Schedulers = arguments.Schedulers, Logger = new CrashPrinter() });
        if (IdleScenario.Find(arguments.Scenario) is { } idle)
        {
            (long heap, long resident) = idle.Measure(system, arguments.Count);
            Console.WriteLine($"{Sample.Mark}operations={arguments.Count} heap={heap} resident={resident}");
            return 0;
        }

        if (arguments.Scenario == TimerLateness.Name)
        {
            Lateness late = TimerLateness.Measure(system, arguments);
            Console.WriteLine($"{Sample.Mark}operations={late.Count} p50={late.P50} p99={late.P99} max={late.Max}");
            return 0;
        }

        if (Scenario.Find(arguments.Scenario) is not { } scenario)
        {
            Console.Error.WriteLine($"no scenario '{arguments.Scenario}'");
            return 2;
        }

        var result = new TaskCompletionSource<(long Operations, long Nanoseconds)>(TaskCreationOptions.RunContinuationsAsynchronously);
        system.Spawn(self => Drive(self, scenario, arguments, result));
        (long operations, long nanoseconds) = result.Task.GetAwaiter().GetResult();
        Console.WriteLine($"{Sample.Mark}operations={operations} nanoseconds={nanoseconds}");
        return 0;
    }

    private static async ProcessTask Drive(
        Self self,
        Scenario scenario,
        ChildArguments arguments,
        TaskCompletionSource<(long Operations, long Nanoseconds)> result
    )
    {
        try
        {
            // A tenth of the size warms the same code: some seconds of it take every method to its last tier (one second left a supervisor at two thirds of its speed).
            await Repeat(self, scenario, arguments.Width, Math.Max(arguments.Count / 10, 1), arguments.WarmUpMs);
            result.SetResult(await Repeat(self, scenario, arguments.Width, arguments.Count, arguments.TimedMs));
        }
        catch (Exception problem)
        {
            result.SetException(problem);
        }
    }

    private static async ProcessTask<(long Operations, long Nanoseconds)> Repeat(
        Self self,
        Scenario scenario,
        int width,
        int count,
        int limitMs
    )
    {
        long operations = 0;
        TimeSpan timed = TimeSpan.Zero;
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < limitMs)
        {
            (long done, TimeSpan elapsed) = await scenario.Timed(self, width, count);
            operations += done;
            timed += elapsed;
        }

        return (operations, (long)timed.TotalNanoseconds);
    }
}
