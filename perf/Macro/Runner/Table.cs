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

    private static IEnumerable<string[]> Rows(Outcome outcome) =>
        Reading.Of(outcome.Case.Measure).Select((reading, index) => Row(outcome, reading.Label(outcome.Case.Operation), index));

    private static string[] Row(Outcome outcome, string label, int figure)
    {
        string ratio =
            outcome.Ours.Any && outcome.Beam.Any ? Number(outcome.Beam.Of(figure).Median / outcome.Ours.Of(figure).Median) + "×" : "–";
        return [outcome.Case.Name, label, .. Cells(outcome.Ours, figure), .. Cells(outcome.Beam, figure), ratio];
    }

    private static string[] Cells(Figures figures, int figure)
    {
        if (!figures.Any)
            return ["–", "–", "–"];
        Spread spread = figures.Of(figure);
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
