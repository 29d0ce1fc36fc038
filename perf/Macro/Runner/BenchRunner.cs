namespace CloudScale.Perf.Macro.Runner;

/// <summary>Runs the cases on both sides in turns, one process at a time, and shows the table.</summary>
internal sealed class BenchRunner(BenchOptions options)
{
    private readonly string _root = FindRoot();

    public async Task<int> Run()
    {
        if (options.List)
        {
            foreach (Case item in options.Cases)
                Console.WriteLine($"{item.Name, -20} {item.Scenario}({item.Width}, {item.Count:#,0}), figure per {item.Operation}");
            return 0;
        }

        var ours = new OurSide();
        BeamSide? beam = null;
        if (options.WithBeam)
        {
            (beam, string problem) = await BeamSide.Prepare(_root);
            if (beam is null)
                Console.WriteLine($"bench: no Erlang to compare with ({problem.Trim()}); measuring ours alone");
        }

        Side[] sides = beam is null ? [ours] : [ours, beam];
        var outcomes = new List<Outcome>();
        bool failed = false;
        foreach (Case item in options.Cases)
        {
            var outcome = new Outcome(item, new Figures(), new Figures());
            try
            {
                await Measure(outcome, ours, beam);
                Console.Write(Clear());
                Console.WriteLine($"{item.Name}: {Table.Summarize(outcome)}");
                outcomes.Add(outcome);
            }
            catch (BenchException problem)
            {
                Console.Error.WriteLine($"bench: {problem.Message}");
                failed = true;
            }
        }

        Console.WriteLine();
        Console.WriteLine(Table.Format(outcomes));
        Console.WriteLine(Report.Describe(options, sides));
        Console.WriteLine();
        Console.WriteLine($"written to {Path.GetRelativePath(_root, Report.Write(_root, options, sides, outcomes))} and .json");
        return failed ? 1 : 0;
    }

    // Ours, BEAM, ours, BEAM …: what disturbs the machine for a minute disturbs both.
    private async Task Measure(Outcome outcome, OurSide ours, BeamSide? beam)
    {
        // More schedulers change nothing about what an idle process weighs.
        IEnumerable<int> counts = outcome.Case switch
        {
            { Schedulers: > 0 and var needed } => [needed],
            { Measure: Macro.Measure.Bytes } => options.Schedulers.Take(1),
            _ => options.Schedulers,
        };
        for (int run = 1; run <= options.Runs; run++)
            foreach (int schedulers in counts)
            {
                Progress($"{outcome.Case.Name}: run {run} of {options.Runs}, {schedulers} scheduler{(schedulers == 1 ? "" : "s")}");
                outcome.Ours.Add(schedulers, await ours.Run(outcome.Case, schedulers, options));
                if (beam is not null)
                    outcome.Beam.Add(schedulers, await beam.Run(outcome.Case, schedulers, options));
            }
    }

    private static void Progress(string text)
    {
        if (!Console.IsOutputRedirected)
            Console.Write(Clear() + text);
    }

    private static string Clear() => Console.IsOutputRedirected ? "" : "\r\u001b[K";

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "CloudScale.Runtime.sln")))
                return folder.FullName;
        throw new InvalidOperationException(
            $"no CloudScale.Runtime.sln above {AppContext.BaseDirectory}: the runner needs the Erlang twins beside it"
        );
    }
}
