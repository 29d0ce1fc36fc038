using System.Globalization;
using System.Text;

namespace CloudScale.Perf.Macro.Runner;

/// <summary>The outcomes as a table that reads the same in a terminal and in Markdown.</summary>
internal static class Table
{
    private static readonly string[] s_head = ["scenario", "figure", "ours", "min–max", "on", "BEAM", "min–max", "on", "ratio"];

    public static string Format(IEnumerable<Outcome> outcomes)
    {
        List<string[]> rows = [s_head, .. outcomes.SelectMany(Rows)];
        int[] widths = [.. s_head.Select((_, column) => rows.Max(row => row[column].Length))];
        var text = new StringBuilder();
        for (int index = 0; index < rows.Count; index++)
        {
            text.AppendLine("| " + string.Join(" | ", rows[index].Select((cell, column) => Pad(cell, column, widths[column]))) + " |");
            if (index == 0)
                text.AppendLine("|" + string.Join('|', widths.Select((width, column) => Rule(column, width + 2))) + "|");
        }

        return text.ToString();
    }

    /// <summary>One line for those who watch it grow.</summary>
    public static string Summarize(Outcome outcome) =>
        string.Join("; ", Rows(outcome).Select(row => $"{row[1]}: ours {row[2]}, BEAM {row[5]}, ratio {row[8]}"));

    private static IEnumerable<string[]> Rows(Outcome outcome)
    {
        string operation = outcome.Case.Operation;
        if (outcome.Case.Measure != Measure.Bytes)
        {
            string unit = outcome.Case.Measure == Measure.Milliseconds ? "ms" : "ns";
            yield return Row(outcome, $"{unit} a {operation}", figures => figures.Value);
            yield break;
        }

        yield return Row(outcome, $"bytes a {operation}, heap", figures => figures.Value);
        yield return Row(outcome, $"bytes a {operation}, resident", figures => figures.Resident);
    }

    private static string[] Row(Outcome outcome, string figure, Func<Figures, Spread> of)
    {
        string ratio = outcome.Ours.Any && outcome.Beam.Any ? Number(of(outcome.Beam).Median / of(outcome.Ours).Median) + "×" : "–";
        return [outcome.Case.Name, figure, .. Cells(outcome.Ours, of), .. Cells(outcome.Beam, of), ratio];
    }

    private static string[] Cells(Figures figures, Func<Figures, Spread> of)
    {
        if (!figures.Any)
            return ["–", "–", "–"];
        Spread spread = of(figures);
        return [Number(spread.Median), $"{Number(spread.Min)}–{Number(spread.Max)}", figures.Best.ToString(CultureInfo.InvariantCulture)];
    }

    // Three digits say all that such a measurement can.
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

    private static string Pad(string cell, int column, int width) => column < 2 ? cell.PadRight(width) : cell.PadLeft(width);

    private static string Rule(int column, int width) => column < 2 ? new string('-', width) : new string('-', width - 1) + ":";
}
