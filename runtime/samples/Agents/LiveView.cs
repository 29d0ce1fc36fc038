using System.Diagnostics;
using System.Globalization;
using CloudScale.Scheduling;
using Spectre.Console;

namespace CloudScale.Samples.Agents;

/// <summary>What happens, twice a second: a table on a terminal, a line elsewhere.</summary>
internal sealed class LiveView(Node node, AgentDirectory directory, IPeer peer, Func<Report> report)
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(500);
    private const int PeriodsALine = 4;

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private long _lastMessages;
    private TimeSpan _lastTime;
    private double _messagesPerSecond;
    private double _peak;

    /// <summary>Shows until the time is over, a key is pressed, or the peer has ended.</summary>
    internal async Task RunAsync(TimeSpan? duration, CancellationToken cancellation)
    {
        _lastMessages = node.Processes.Statistics.MessagesSent;
        if (Console.IsOutputRedirected)
        {
            await RunLinesAsync(duration, cancellation);
            return;
        }

        await AnsiConsole
            .Live(Render())
            .StartAsync(async context =>
            {
                while (!IsOver(duration, cancellation))
                {
                    await Wait(cancellation);
                    Sample();
                    context.UpdateTarget(Render());
                }
            });
    }

    /// <summary>The totals, for the end.</summary>
    internal string Summary()
    {
        SchedulerStatistics statistics = node.Processes.Statistics;
        Report done = report();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {node.Processes.ProcessCount:N0} processes, {statistics.Spawned:N0} spawned, {statistics.MessagesSent:N0} local messages (peak {_peak:N0}/s) in {_clock.Elapsed.TotalSeconds:F0} s
            {Measurements.ResidentBytes() / 1048576.0:N0} MB resident; {GC.CollectionCount(
                0
            )} collections, {GC.GetTotalPauseDuration().TotalMilliseconds:N0} ms paused in all
            {peer.Description}: {done.Pings:N0} pings, {done.Lookups:N0} look-ups, {done.Answers:N0} answers, {done.Links:N0} links and {done.Downs:N0} monitors fired,
            {done.Kills:N0} agents killed, {done.Restarts:N0} seen restarted, {done.Failures:N0} failures
            """
        );
    }

    private async Task RunLinesAsync(TimeSpan? duration, CancellationToken cancellation)
    {
        for (int period = 1; !IsOver(duration, cancellation); period++)
        {
            await Wait(cancellation);
            if (period % PeriodsALine != 0)
                continue;
            Sample();
            Report done = report();
            SchedulerStatistics statistics = node.Processes.Statistics;
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{_clock.Elapsed.TotalSeconds, 4:F0} s  {node.Processes.ProcessCount:N0} processes  {_messagesPerSecond:N0} messages/s  run queues {statistics.RunQueueLength}  {Measurements.ResidentBytes() / 1048576.0:N0} MB  {node.Nodes.Count} connected  {done.Answers:N0} answers  {done.Kills:N0} killed  {directory.Restarts:N0} restarted"
                )
            );
        }
    }

    private bool IsOver(TimeSpan? duration, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested || peer.Fault is not null)
            return true;
        if (duration is { } limit)
            return _clock.Elapsed >= limit;
        return !Console.IsInputRedirected && Console.KeyAvailable;
    }

    private static async Task Wait(CancellationToken cancellation) =>
        await Task.Delay(s_period, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // IsOver looks at the token

    private void Sample()
    {
        long messages = node.Processes.Statistics.MessagesSent;
        TimeSpan now = _clock.Elapsed;
        _messagesPerSecond = (messages - _lastMessages) / (now - _lastTime).TotalSeconds;
        _peak = Math.Max(_peak, _messagesPerSecond);
        (_lastMessages, _lastTime) = (messages, now);
    }

    private Table Render()
    {
        SchedulerStatistics statistics = node.Processes.Statistics;
        Report done = report();
        Table table = new Table().Border(TableBorder.Rounded).Title($"[bold]{Markup.Escape(node.Name.Name)}[/]").HideHeaders();
        table.AddColumn("what");
        table.AddColumn(new TableColumn("figure").RightAligned());
        void Row(string what, FormattableString figure) => table.AddRow(what, Markup.Escape(figure.ToString(CultureInfo.InvariantCulture)));
        Row("processes", $"{node.Processes.ProcessCount:N0}");
        Row("local messages/s", $"{_messagesPerSecond:N0}");
        Row("run queues", $"{statistics.RunQueueLength:N0}");
        Row("scheduler threads", $"{statistics.Threads:N0}");
        Row("resident memory", $"{Measurements.ResidentBytes() / 1048576.0:N0} MB");
        Row("connections", $"{string.Join(", ", node.Nodes.Select(other => other.Name.Name))}");
        Row("pings", $"{done.Pings:N0}");
        Row("agents looked up", $"{done.Lookups:N0}");
        Row("answers", $"{done.Answers:N0}");
        Row("links, monitors fired", $"{done.Links:N0}, {done.Downs:N0}");
        Row("killed, seen restarted", $"{done.Kills:N0}, {done.Restarts:N0}");
        Row("failures", $"{done.Failures:N0}");
        table.Caption($"{_clock.Elapsed.TotalSeconds:F0} s; a key ends it");
        return table;
    }
}
