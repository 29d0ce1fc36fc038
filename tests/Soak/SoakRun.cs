using System.Diagnostics;
using System.Globalization;
using CloudScale.Perf.Pressure;
using CloudScale.Scheduling;
using CloudScale.Soak.Roles;

namespace CloudScale.Soak;

/// <summary>The whole of a soak: all roles, the crowd and the host's threads, until the time is up; then everybody ends, and nothing may be left.</summary>
internal sealed class SoakRun(Findings findings, int seed, int schedulers, Action<string> say)
{
    private const int CrowdSize = 300;
    private static readonly Role[] s_roles =
    [
        new Monitors(),
        new Links(),
        new Streams(),
        new Names(),
        new Timers(),
        new Timeouts(),
        new Foreign(),
        new Blocking(),
        new Unwinding(),
        new Calls(),
        new Handlers(),
        new Tables(),
        new Aliases(),
        new Limits(),
        new Tools(),
    ];

    /// <summary>The names of all parts of the mix.</summary>
    public static IEnumerable<string> Roles => s_roles.Select(role => role.Name);

    /// <summary>The parts that take part; none for all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>Runs it.</summary>
    public async Task Run(TimeSpan duration)
    {
        say($"seed {seed}, {schedulers} schedulers, {duration}");
        ProcessSystem system = findings.NewSystem(schedulers);
        World world = new(findings, system, seed, CrowdSize);
        TaskCompletionSource kept = new(TaskCreationOptions.RunContinuationsAsynchronously);
        system.Spawn(self => Crowd.Keep(self, world, world.NewRandom(0), kept), new SpawnOptions { TrapExit = true });
        List<Task> lives = [kept.Task];
        int place = 1;
        foreach (Role role in s_roles.Where(role => Only.Count == 0 || Only.Contains(role.Name)))
            for (int instance = 0; instance < role.Instances; instance++)
                lives.Add(Start(system, world, role, place++));
        HostThreads threads = new(world);

        await Watch(duration, world);

        world.Stop();
        await threads.Finish();
        Task all = Task.WhenAll(lives);
        bool ended = await Task.WhenAny(all, Task.Delay(TimeSpan.FromSeconds(120))) == all;
        findings.Check(
            ended,
            $"{lives.Count(life => !life.IsCompleted)} of {lives.Count} lives did not end: something they wait for was lost"
        );
        foreach ((string role, long count) in world.Episodes)
        {
            findings.Add($"episodes of {role}", count, "");
            findings.Check(count > 0, $"{role} never came to the end of an episode");
        }

        findings.Add("processes spawned", system.Statistics.Spawned, "");
        findings.Add("messages sent", system.Statistics.MessagesSent, "");
        if (ended)
            await NothingIsLeft(system, world);
        await findings.Stop(system);
    }

    private static Task Start(ProcessSystem system, World world, Role role, int place)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        system.Spawn(
            async self =>
            {
                try
                {
                    await role.Live(self, world, world.NewRandom(place));
                }
                finally
                {
                    done.SetResult(); // a crash is in the findings by the log
                }
            },
            new SpawnOptions { TrapExit = true }
        );
        return done.Task;
    }

    // Looks at the heap all the while, and says now and then how it goes.
    private async Task Watch(TimeSpan duration, World world)
    {
        HeapSlope heap = new();
        TimeSpan step = TimeSpan.FromSeconds(Math.Clamp(duration.TotalSeconds / 100, 0.25, 10));
        long start = Stopwatch.GetTimestamp();
        double nextWord = 10;
        while (Stopwatch.GetElapsedTime(start) is var elapsed && elapsed < duration && findings.Broken.Count == 0)
        {
            await Task.Delay(step < duration - elapsed ? step : duration - elapsed);
            heap.Take(Stopwatch.GetElapsedTime(start).TotalSeconds);
            if (elapsed.TotalSeconds < nextWord)
                continue;
            nextWord += 10;
            say(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{elapsed.TotalSeconds, 6:0} s  {world.System.ProcessCount, 6} processes  {heap.LastBytes / 1e6, 6:0.0} MB  {world.Episodes.Sum(role => role.Count), 10:#,0} episodes"
                )
            );
        }

        heap.Report(findings, duration.TotalSeconds / 5);
    }

    private async Task NothingIsLeft(ProcessSystem system, World world)
    {
        // What others had started for a moment ends by itself.
        for (int tries = 0; tries < 500 && (system.ProcessCount > 0 || world.Resources > 0); tries++)
            await Task.Delay(10);
        findings.Check(system.ProcessCount == 0, $"{system.ProcessCount} processes are left when all have ended");
        findings.Check(world.Resources == 0, $"{world.Resources} resources were never given back");
        findings.Check(system.RegisteredNames.Count == 0, $"{system.RegisteredNames.Count} names are left when all have ended");
        findings.Check(system.Ets.All().Count == 0, $"{system.Ets.All().Count} tables are left when all have ended");
    }
}
