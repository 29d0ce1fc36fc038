using System.Diagnostics;

namespace CloudScale.Testing;

/// <summary>What is explored, and for how long.</summary>
public sealed record ExploreOptions
{
    /// <summary>Schedules to try; 1,000 by default.</summary>
    public int Schedules { get; init; } = 1_000;

    /// <summary>Ends the exploration early, by the real clock; never by default.</summary>
    public TimeSpan AtMost { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>The seed that all seeds follow from; another one each time by default.</summary>
    public ulong? Seed { get; init; }

    /// <summary>How schedules are chosen; by default every other at random, and the rest by priorities of depths 2 to 4.</summary>
    public ExplorationStrategy? Strategy { get; init; }

    /// <summary>The rest of the set-up. Its seed and strategy are not used.</summary>
    public TestOptions System { get; init; } = new();
}

/// <summary>What an exploration came to that found no failure.</summary>
/// <param name="Schedules">Schedules tried.</param>
/// <param name="Steps">Steps of all of them.</param>
/// <param name="Seed">The seed that all seeds followed from.</param>
public sealed record ExploreResult(int Schedules, long Steps, ulong Seed);

/// <summary>Runs a test under many schedules, and explains the one that fails.</summary>
public static class Explore
{
    /// <summary>Runs a test under many schedules.</summary>
    /// <param name="scenario">The test: it spawns, sends, expects and drives. Called once a schedule, each time with a fresh system; what it keeps outside of it must be reset by itself.</param>
    /// <param name="options">How many schedules, and how chosen.</param>
    /// <exception cref="TestFailureException">
    /// A schedule failed: the scenario threw, a process crashed, an invariant did not hold. The message has the name of the schedule, what every process waited for, and the last steps.
    /// </exception>
    public static ExploreResult Run(Action<TestSystem> scenario, ExploreOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        options ??= new ExploreOptions();
        ulong seed = options.Seed ?? (ulong)Random.Shared.NextInt64();
        SeededRandom seeds = new(seed);
        long began = Stopwatch.GetTimestamp();
        long steps = 0;
        int longest = 1;
        int schedules = 0;
        TestOptions plain = options.System with { TraceLines = 0 };
        while (schedules < options.Schedules)
        {
            if (options.AtMost != Timeout.InfiniteTimeSpan && Stopwatch.GetElapsedTime(began) > options.AtMost)
                break;
            ExplorationStrategy strategy = options.Strategy ?? Pick(schedules, longest);
            TestOptions one = plain with { Strategy = strategy, Seed = seeds.Next() };
            if (Try(scenario, one, out int taken) is { } failure)
                throw Explain(scenario, options.System with { Strategy = one.Strategy, Seed = one.Seed }, failure, schedules);
            schedules++;
            steps += taken;
            longest = Math.Max(longest, taken);
        }

        return new ExploreResult(schedules, steps, seed);
    }

    /// <summary>Runs an async test under many schedules; its continuations are steps like any other.</summary>
    /// <inheritdoc cref="Run(Action{TestSystem}, ExploreOptions?)"/>
    public static ExploreResult Run(Func<TestSystem, Task> scenario, ExploreOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        return Run(system => system.Run(() => scenario(system)), options);
    }

    /// <summary>Runs a test under the one schedule that a failure named.</summary>
    /// <param name="schedule">For example <c>pct:3:120/1f4</c>.</param>
    /// <param name="scenario">The test.</param>
    /// <param name="options">As it was explored with; the schedule decides seed and strategy.</param>
    /// <exception cref="FormatException">This names no schedule.</exception>
    /// <exception cref="TestFailureException">It failed again.</exception>
    public static void Replay(string schedule, Action<TestSystem> scenario, ExploreOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        (ExplorationStrategy strategy, ulong seed) = ScheduleName.Parse(schedule);
        TestOptions one = (options?.System ?? new TestOptions()) with { Strategy = strategy, Seed = seed };
        if (Try(scenario, one, out _) is { } failure)
            throw failure;
    }

    /// <inheritdoc cref="Replay(string, Action{TestSystem}, ExploreOptions?)"/>
    public static void Replay(string schedule, Func<TestSystem, Task> scenario, ExploreOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        Replay(schedule, system => system.Run(() => scenario(system)), options);
    }

    private static ExplorationStrategy Pick(int schedule, int longest) =>
        schedule % 2 == 0 ? ExplorationStrategy.RandomWalk : ExplorationStrategy.Pct(2 + (schedule / 2 % 3), longest);

    /// <summary>Runs one schedule. A failure of the scenario's own comes back in one that explains it.</summary>
    private static TestFailureException? Try(Action<TestSystem> scenario, TestOptions options, out int steps)
    {
        using TestSystem system = new(options);
        try
        {
            scenario(system);
            return null;
        }
        catch (TestFailureException failure)
        {
            return failure;
        }
        catch (Exception exception)
        {
            return system.Failed(exception.Message, exception);
        }
        finally
        {
            steps = system.Steps;
        }
    }

    /// <summary>Runs the failed schedule again, now with words for its steps: those would have made all others slow.</summary>
    private static TestFailureException Explain(Action<TestSystem> scenario, TestOptions options, TestFailureException first, int passed)
    {
        string name = ScheduleName.Format(options.Strategy, options.Seed);
        TestFailureException? again = Try(scenario, options, out _);
        string what = again is null
            ? $"{first.Message}\nThe same schedule did not fail a second time: something in the test does not follow from the seed (another thread, the real clock, a random number, state kept between schedules)."
            : again.Message;
        return new TestFailureException(
            $"After {passed} schedules that passed: {what}\nagain: Explore.Replay(\"{name}\", …)",
            (again ?? first).InnerException ?? again
        )
        {
            Schedule = name,
        };
    }
}
