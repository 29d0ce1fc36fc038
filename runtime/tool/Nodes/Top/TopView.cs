using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace CloudScale.Tool.Nodes.Top;

/// <summary>What a list of processes is sorted by.</summary>
internal enum TopOrder
{
    Reductions,
    Memory,
    Mailbox,
}

/// <summary>A sample as a screen.</summary>
internal static class TopView
{
    /// <summary>Makes the screen; reductions are those since the earlier sample, or in all if there is none.</summary>
    public static IRenderable Of(string node, TopSample now, TopSample? earlier, TopOrder order, int lines)
    {
        Dictionary<Pid, long> before = earlier?.Processes.ToDictionary(process => process.Pid, process => process.Reductions) ?? [];
        (TopProcess Process, long Reductions)[] rows =
        [
            .. now.Processes.Select(process => (process, process.Reductions - before.GetValueOrDefault(process.Pid))),
        ];
        Table table = new Table().Border(TableBorder.Simple).Expand();
        table.AddColumn(new TableColumn("pid").NoWrap());
        table.AddColumn(new TableColumn("name or start"));
        table.AddColumn(Numbers(earlier is null ? "reductions" : "reds", order == TopOrder.Reductions));
        table.AddColumn(Numbers("memory", order == TopOrder.Memory));
        table.AddColumn(Numbers("mailbox", order == TopOrder.Mailbox));
        table.AddColumn(new TableColumn("now at"));
        IEnumerable<(TopProcess Process, long Reductions)> sorted = rows.OrderByDescending(row =>
                order switch
                {
                    TopOrder.Memory => row.Process.MemoryBytes,
                    TopOrder.Mailbox => row.Process.Queued,
                    _ => row.Reductions,
                }
            )
            .ThenByDescending(row => row.Process.Reductions);
        foreach ((TopProcess process, long reductions) in sorted.Take(lines))
            table.AddRow(
                $"<0.{process.Pid.Id}.{process.Pid.Serial}>",
                Markup.Escape(process.Name),
                Count(reductions),
                Bytes(process.MemoryBytes),
                Count(process.Queued),
                Markup.Escape(process.Current)
            );
        return new Rows(Lines(node, now, earlier).Append(table));
    }

    private static TableColumn Numbers(string title, bool isChosen) =>
        new TableColumn(isChosen ? $"[bold]{title}[/]" : title).RightAligned().NoWrap();

    private static IEnumerable<IRenderable> Lines(string node, TopSample now, TopSample? earlier)
    {
        yield return new Markup(
            $"[bold]{Markup.Escape(node)}[/]  processes {Count(now.Processes.Count)}  run queue {Count(now.RunQueue)}  "
                + string.Join(
                    "  ",
                    now.Memory.Where(entry => entry.Value > 0).Select(entry => $"{Markup.Escape(entry.Key)} {Bytes(entry.Value)}")
                )
        );
        if (earlier is not null && now.LoadsSince(earlier) is { Count: > 0 } loads)
            yield return new Markup("schedulers  " + string.Join("  ", loads.Select((load, i) => $"{i + 1}: {Percent(load)}")));
        else
            yield return new Markup(
                now.Schedulers.Count > 0 ? $"schedulers  {Count(now.Schedulers.Count)}" : "schedulers  not measured yet"
            );
        yield return new Markup("connections " + (now.Connections.Count == 0 ? "none" : Markup.Escape(string.Join(' ', now.Connections))));
    }

    private static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Percent(double part) => part.ToString("0 %", CultureInfo.InvariantCulture);

    private static string Bytes(long bytes) =>
        bytes switch
        {
            < 10_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
            < 10_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000.0:0.#} kB"),
            < 10_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000_000.0:0.#} MB"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000_000_000.0:0.#} GB"),
        };
}
