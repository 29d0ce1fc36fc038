using System.Globalization;

namespace CloudScale.Perf.Macro.Runner;

/// <summary>What one child process measured.</summary>
/// <param name="Value">Nanoseconds or milliseconds an operation, or bytes a process by the virtual machine's own count.</param>
/// <param name="Resident">Bytes a process by the operating system's count; zero for timed cases.</param>
internal readonly record struct Sample(double Value, double Resident)
{
    /// <summary>A child prints one line that starts with this; what else it prints is for people.</summary>
    public const string Mark = "@result ";

    /// <summary>Reads the result line.</summary>
    /// <remarks>Form: <c>@result operations=N nanoseconds=N</c> or <c>@result operations=N heap=N resident=N</c>.</remarks>
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
        if (measure == Measure.Bytes)
        {
            if (!fields.TryGetValue("heap", out double heap) || !fields.TryGetValue("resident", out double resident))
                return false;
            sample = new(heap / operations, resident / operations);
            return true;
        }

        if (!fields.TryGetValue("nanoseconds", out double nanoseconds))
            return false;
        sample = new(nanoseconds / operations / (measure == Measure.Milliseconds ? 1_000_000 : 1), 0);
        return true;
    }
}
