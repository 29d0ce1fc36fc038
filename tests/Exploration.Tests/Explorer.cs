using System.Diagnostics;
using CloudScale.Scheduling;

namespace CloudScale.Exploration.Tests;

/// <summary>A small play of a few threads whose every order must end well.</summary>
/// <param name="Name">Names it on the command line and in the file of seeds.</param>
/// <param name="Play">Sets up, runs and checks one schedule.</param>
/// <param name="Finds">The planted bugs that it must find.</param>
internal sealed record Scenario(string Name, Action<Schedule> Play, params Mutation[] Finds)
{
    public override string ToString() => Name;
}

/// <summary>What a number of schedules came to.</summary>
/// <param name="Schedules">How many were run.</param>
/// <param name="Steps">How many points they passed.</param>
/// <param name="FailedSeed">The seed of the one that failed, with which the search ended; null if all went well.</param>
/// <param name="Report">What failed, and its last steps.</param>
internal sealed record Outcome(int Schedules, long Steps, ulong? FailedSeed, string Report);

/// <summary>Runs a scenario under many seeds.</summary>
internal static class Explorer
{
    private const int TraceLines = 80;

    static Explorer()
    {
        // An assertion of the core that does not hold is a failure of the schedule, not of the program.
        System.Diagnostics.Trace.Listeners.Clear();
        System.Diagnostics.Trace.Listeners.Add(new ThrowingListener());
    }

    internal static Outcome Explore(Scenario scenario, ulong firstSeed, int schedules)
    {
        long steps = 0;
        for (int i = 0; i < schedules; i++)
        {
            ulong seed = firstSeed + (ulong)i;
            if (Run(scenario, seed, traced: false, ref steps, out _) is null)
                continue;
            Exception? again = Run(scenario, seed, traced: true, ref steps, out IReadOnlyList<string> trace);
            string report = $"""
                {scenario.Name}, seed {seed}: {again?.Message
                    ?? "failed once, and not again with the same seed: something in it does not follow from the seed"}
                again: ./build.sh explore -- --scenario {scenario.Name} --seed {seed}
                the last steps:
                {string.Join('\n', trace.Skip(trace.Count - TraceLines))}
                {again?.InnerException}
                """;
            return new Outcome(i + 1, steps, seed, report);
        }

        return new Outcome(schedules, steps, null, "");
    }

    private static Exception? Run(Scenario scenario, ulong seed, bool traced, ref long steps, out IReadOnlyList<string> trace)
    {
        using Schedule schedule = new(seed, traced);
        trace = schedule.Trace;
        try
        {
            scenario.Play(schedule);
            schedule.Stop();
            return null;
        }
        catch (ScheduleFailedException failure)
        {
            return failure;
        }
        finally
        {
            steps += schedule.Steps;
        }
    }

    private sealed class ThrowingListener : TraceListener
    {
        public override void Write(string? message) { }

        public override void WriteLine(string? message) { }

        public override void Fail(string? message) => Fail(message, null);

        public override void Fail(string? message, string? detailMessage) => Schedule.FailCurrent($"assertion: {message} {detailMessage}");
    }
}
