using System.Diagnostics;
using System.Globalization;

namespace CloudScale.Perf.Pressure;

/// <summary>Runs each program in a process of its own, because the collector takes its settings from the environment, and shows the figures side by side.</summary>
internal static class Runner
{
    public const string ChildRole = "--child";
    public const string FigureMark = "@figure ";
    public const string BrokenMark = "@broken ";

    public static async Task<int> Run(IReadOnlyList<PressureProgram> programs, bool defaults, bool sweep)
    {
        bool failed = false;
        foreach (PressureProgram program in programs)
        {
            IReadOnlyList<GcSettings> settings =
                defaults ? [GcSettings.Default]
                : !program.IsAboutTheCollector ? [GcSettings.Recommended]
                : sweep ? GcSettings.Tried
                : [GcSettings.Recommended, GcSettings.Default];
            Console.WriteLine($"{program.Name}: {program.What}");
            List<Outcome> outcomes = [];
            foreach (GcSettings each in settings)
            {
                Outcome outcome = await RunChild(program, each);
                outcomes.Add(outcome);
                foreach (string line in outcome.Complaints)
                    Console.WriteLine($"  BROKEN ({each.Name}): {line}");
                failed |= outcome.Failed;
            }

            Print(outcomes);
        }

        Console.WriteLine(
            $"recommended: {string.Join(' ', GcSettings.Recommended.Variables.Select(variable => $"{variable.Name}={variable.Value}"))}; "
                + $".NET {Environment.Version}, {Environment.ProcessorCount} cores"
        );
        return failed ? 1 : 0;
    }

    private static async Task<Outcome> RunChild(PressureProgram program, GcSettings settings)
    {
        string self = Environment.ProcessPath ?? throw new InvalidOperationException("the path of this program is not known");
        var start = new ProcessStartInfo(self) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(self) == "dotnet")
            start.ArgumentList.Add(typeof(Runner).Assembly.Location);
        start.ArgumentList.Add(ChildRole);
        start.ArgumentList.Add(program.Name);
        settings.Apply(start.Environment);
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("cannot start this program again");
        Task<string> error = process.StandardError.ReadToEndAsync();
        List<Figure> figures = [];
        List<string> complaints = [];
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(BrokenMark, StringComparison.Ordinal))
                complaints.Add(line[BrokenMark.Length..]);
            else if (
                line.StartsWith(FigureMark, StringComparison.Ordinal)
                && line[FigureMark.Length..].Split('|') is [var name, var value, var unit]
            )
                figures.Add(new(name, double.Parse(value, CultureInfo.InvariantCulture), unit));
        }

        await process.WaitForExitAsync();
        if (process.ExitCode != 0 && complaints.Count == 0)
            complaints.Add($"exit code {process.ExitCode}: {await error}");
        return new(settings, figures, complaints, process.ExitCode != 0);
    }

    // Figures are rows, settings columns; with many settings the other way round would not be narrower.
    private static void Print(List<Outcome> outcomes)
    {
        List<Figure> rows = [.. outcomes.SelectMany(outcome => outcome.Figures).DistinctBy(figure => figure.Name)];
        if (rows.Count == 0)
            return;
        int first = rows.Max(figure => figure.Name.Length + figure.Unit.Length + 2);
        Console.WriteLine("  " + "".PadRight(first) + string.Concat(outcomes.Select(outcome => $"  {outcome.Settings.Name}")));
        foreach (Figure row in rows)
        {
            string label = row.Unit.Length > 0 ? $"{row.Name}, {row.Unit}" : row.Name;
            Console.WriteLine("  " + label.PadRight(first) + string.Concat(outcomes.Select(outcome => "  " + Cell(outcome, row.Name))));
        }

        Console.WriteLine();
    }

    private static string Cell(Outcome outcome, string name)
    {
        int width = outcome.Settings.Name.Length;
        foreach (Figure figure in outcome.Figures)
            if (figure.Name == name)
                return Number(figure.Value).PadLeft(width);
        return "–".PadLeft(width);
    }

    private static string Number(double value) =>
        value.ToString(
            value switch
            {
                < 10 => "0.00",
                < 100 => "0.0",
                _ => "#,0",
            },
            CultureInfo.InvariantCulture
        );

    private sealed record Outcome(GcSettings Settings, IReadOnlyList<Figure> Figures, IReadOnlyList<string> Complaints, bool Failed);
}
