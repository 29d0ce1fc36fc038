using System.Globalization;

namespace CloudScale.Perf.Macro.Runner;

/// <summary>What one child process measured.</summary>
/// <param name="Figures">One figure for each <see cref="Reading"/> of the case's measure, in that order and in the table's units.</param>
internal readonly record struct Sample(IReadOnlyList<double> Figures)
{
    /// <summary>A child prints one line that starts with this; what else it prints is for people.</summary>
    public const string Mark = "@result ";

    /// <summary>Reads the result line.</summary>
    /// <remarks>Form: <c>@result operations=N</c> and a <c>name=N</c> for each field that the measure reads; times in nanoseconds.</remarks>
    public static bool TryRead(string output, Measure measure, out Sample sample)
    {
        sample = default;
        string? line = output.Split('\n').LastOrDefault(text => text.StartsWith(Mark, StringComparison.Ordinal));
        if (line is null)
            return false;

        var fields = new Dictionary<string, double>();
        foreach (string pair in line[Mark.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            if (pair.Split('=') is [var name, var text] && double.TryParse(text, CultureInfo.InvariantCulture, out double value))
                fields[name] = value;

        if (!fields.TryGetValue("operations", out double operations) || operations <= 0)
            return false;
        IReadOnlyList<Reading> readings = Reading.Of(measure);
        var figures = new double[readings.Count];
        for (int index = 0; index < figures.Length; index++)
        {
            if (!fields.TryGetValue(readings[index].Field, out double value))
                return false;
            figures[index] = readings[index].Take(value, operations);
        }

        sample = new(figures);
        return true;
    }
}
