using System.Diagnostics;
using System.Globalization;

namespace CloudScale.Fuzz.Running;

/// <summary>Some threads that check random inputs for as long as asked, and a look at each of them once a second.</summary>
internal sealed class FuzzRun(ulong seed, int threads, Func<IEnumerable<Target>> makeTargets, Action<string> say)
{
    /// <summary>How much processor time one input may take. The longest are millions of bytes, and a second is plenty.</summary>
    public TimeSpan TimePerInput { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How many inputs all threads have checked.</summary>
    public long Inputs { get; private set; }

    /// <summary>Runs, and gives what was found.</summary>
    public IReadOnlyList<Finding> Run(TimeSpan duration)
    {
        say(string.Create(CultureInfo.InvariantCulture, $"seed {seed}, {threads} threads, {duration}"));
        Worker[] workers = [.. Enumerable.Range(0, threads).Select(number => new Worker(seed, number, makeTargets()))];
        long start = Stopwatch.GetTimestamp();
        foreach (Worker worker in workers)
            worker.Start();

        List<Finding> findings = [];
        double nextWord = 10;
        while (Stopwatch.GetElapsedTime(start) < duration && workers.All(worker => worker.Finding is null) && findings.Count == 0)
        {
            Thread.Sleep(duration < TimeSpan.FromSeconds(5) ? 20 : 500);
            findings.AddRange(workers.Select(Hanging).OfType<Finding>());
            double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (elapsed < nextWord)
                continue;
            nextWord = elapsed < 100 ? nextWord + 10 : nextWord + 60;
            long count = workers.Sum(worker => worker.Count);
            say(
                string.Create(CultureInfo.InvariantCulture, $"{elapsed, 6:0} s  {count, 13:#,0} inputs  {count / elapsed, 8:#,0} a second")
            );
        }

        foreach (Worker worker in workers)
            worker.Stop();
        foreach (Worker worker in workers)
        {
            // One that hangs is left behind: it is a background thread, and its input is reported.
            while (findings.All(known => known.Thread != worker.Number) && !worker.TryJoin(TimeSpan.FromMilliseconds(50)))
            {
                if (Hanging(worker) is { } hanging)
                    findings.Add(hanging);
            }

            if (worker.Finding is { } finding)
                findings.Add(finding);
        }

        Inputs = workers.Sum(worker => worker.Count);
        Report(workers, Stopwatch.GetElapsedTime(start));
        return findings;
    }

    /// <summary>All threads use the processor alike: this one's part is what the program has used by their number.</summary>
    private Finding? Hanging(Worker worker) => worker.Hanging(TimePerInput, Environment.CpuUsage.TotalTime / threads);

    private void Report(Worker[] workers, TimeSpan elapsed)
    {
        say(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Inputs:#,0} inputs in {elapsed.TotalSeconds:0} s, {Inputs / elapsed.TotalSeconds:#,0} a second"
            )
        );
        foreach (IGrouping<string, Target> same in workers.SelectMany(worker => worker.Targets).GroupBy(target => target.Name))
        {
            IEnumerable<string> outcomes = same.SelectMany(target => target.Outcomes)
                .GroupBy(outcome => outcome.Key, outcome => outcome.Value)
                .Select(outcome => string.Create(CultureInfo.InvariantCulture, $"{outcome.Key} {outcome.Sum():#,0}"));
            say(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{same.Key}: {string.Join(", ", outcomes)}; at most {same.Max(target => target.WorstRatio):0.0} bytes a byte beyond what is free"
                )
            );
        }
    }
}
