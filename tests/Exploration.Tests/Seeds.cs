using System.Globalization;

namespace CloudScale.Exploration.Tests;

/// <summary>The seeds that once failed: one a line, <c>scenario seed</c>, in <c>seeds.txt</c> beside the tests.</summary>
internal static class Seeds
{
    internal static IEnumerable<string> Names => Read().Select(entry => entry.Scenario);

    internal static IEnumerable<ulong> Of(string scenario) => Read().Where(entry => entry.Scenario == scenario).Select(entry => entry.Seed);

    private static IEnumerable<(string Scenario, ulong Seed)> Read() =>
        from line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "seeds.txt"))
        where !line.StartsWith('#') && !string.IsNullOrWhiteSpace(line)
        let words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        select (words[0], ulong.Parse(words[1], CultureInfo.InvariantCulture));
}
