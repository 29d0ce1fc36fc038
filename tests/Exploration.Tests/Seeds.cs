using System.Globalization;

namespace CloudScale.Exploration.Tests;

/// <summary>The seeds that once failed: one a line, <c>scenario seed</c>, in <c>seeds.txt</c> beside the tests.</summary>
internal static class Seeds
{
    internal static IEnumerable<ulong> Of(string scenario) =>
        from line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "seeds.txt"))
        let words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        where words.Length >= 2 && words[0] == scenario
        select ulong.Parse(words[1], CultureInfo.InvariantCulture);
}
