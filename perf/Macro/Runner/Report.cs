using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace CloudScale.Perf.Macro.Runner;

/// <summary>Keeps what was measured, with what a reader needs to judge it, in <c>artifacts/perf</c>.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };

    /// <summary>Writes the Markdown and the JSON form; returns the path of the first.</summary>
    public static string Write(string root, BenchOptions options, IReadOnlyList<Side> sides, IReadOnlyList<Outcome> outcomes)
    {
        string folder = Path.Combine(root, "artifacts", "perf");
        Directory.CreateDirectory(folder);
        DateTimeOffset now = TimeProvider.System.GetLocalNow();
        string name = Path.Combine(folder, now.ToString("yyyy-MM-dd-HHmmss", CultureInfo.InvariantCulture));
        File.WriteAllText(
            name + ".md",
            $"""
            # Measured {now:yyyy-MM-dd HH:mm}

            {Table.Format(outcomes)}
            {Describe(options, sides)}

            """
        );
        var content = new
        {
            date = now,
            machine = Machine(),
            sides = sides.ToDictionary(side => side.Name, side => side.Settings),
            runs = options.Runs,
            warmUpMs = options.WarmUpMs,
            timedMs = options.TimedMs,
            cases = outcomes.Select(outcome => new
            {
                outcome.Case.Name,
                outcome.Case.Width,
                outcome.Case.Count,
                measure = outcome.Case.Measure.ToString(),
                ours = outcome.Ours.Samples,
                beam = outcome.Beam.Samples,
            }),
        };
        File.WriteAllText(name + ".json", JsonSerializer.Serialize(content, s_json));
        return name + ".md";
    }

    public static string Describe(BenchOptions options, IReadOnlyList<Side> sides)
    {
        IEnumerable<string> lines =
        [
            "Median of "
                + $"{options.Runs} runs each, taken in turns in fresh processes; {options.WarmUpMs} ms of warm-up and at least {options.TimedMs} ms timed in each; "
                + $"'on' is the number of schedulers, the better of {string.Join(" and ", options.Schedulers)} for each side.",
            Machine(),
            .. sides.Select(side => $"{side.Name}: {side.Settings}"),
        ];
        return string.Join('\n', lines.Select(line => "- " + line));
    }

    private static string Machine() => $"{Processor()}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}";

    private static string Processor()
    {
        const string Info = "/proc/cpuinfo";
        string? line = File.Exists(Info)
            ? File.ReadLines(Info).FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line is null
            ? RuntimeInformation.ProcessArchitecture.ToString()
            : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
