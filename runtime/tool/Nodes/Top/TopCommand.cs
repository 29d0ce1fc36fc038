using System.CommandLine;
using Spectre.Console;

namespace CloudScale.Tool.Nodes.Top;

/// <summary><c>cloudscale top</c>: the busiest, largest and slowest processes of a node.</summary>
internal static class TopCommand
{
    private const int LinesOfHead = 9;

    public static Command Create(ToolConsole console)
    {
        Command command = new("top", "Shows the processes of a node by reductions, memory or mailbox. Keys: r, m, b sort; q leaves.");
        PeerOptions options = new(command);
        Option<bool> once = new("--once") { Description = "Prints one sample and ends: reductions are those since each process began." };
        Option<double> interval = new("--interval", "-i") { Description = "Seconds between two samples.", DefaultValueFactory = _ => 2 };
        Option<int?> lines = new("--lines", "-l") { Description = "Processes to show; as many as the screen holds by default." };
        Option<int?> count = new("--count") { Description = "Ends after as many samples." };
        Option<TopOrder> sort = new("--sort", "-s") { Description = "What to sort by." };
        foreach (Option option in (Option[])[once, interval, lines, count, sort])
            command.Options.Add(option);
        command.SetPeerAction(
            console,
            options,
            async (result, peer, cancellationToken) =>
            {
                int shown =
                    result.GetValue(lines) ?? (console.IsInteractive ? Math.Max(console.Output.Profile.Height - LinesOfHead, 5) : 20);
                TopOrder order = result.GetValue(sort);
                TopCollector collector = new(peer);
                if (result.GetValue(once))
                {
                    console.Output.Write(TopView.Of(peer.Name.Name, await collector.TakeAsync(), null, order, shown));
                    return NodeCommand.Ok;
                }

                TimeSpan pause = TimeSpan.FromSeconds(Math.Clamp(result.GetValue(interval), 0.1, 3600));
                Screen screen = new(console, peer.Name.Name, collector, pause, shown, result.GetValue(count) ?? int.MaxValue)
                {
                    Order = order,
                };
                await screen.RunAsync(cancellationToken);
                return NodeCommand.Ok;
            }
        );
        return command;
    }

    /// <summary>Samples that follow each other: on one screen where there is a terminal, one below the other where there is none.</summary>
    private sealed class Screen(ToolConsole console, string node, TopCollector collector, TimeSpan pause, int lines, int count)
    {
        private static readonly TimeSpan s_keyPause = TimeSpan.FromMilliseconds(100);

        public TopOrder Order { get; set; }

        public async Task RunAsync(CancellationToken cancellationToken)
        {
            TopSample now = await collector.TakeAsync();
            TopSample? earlier = null;
            if (!console.IsInteractive)
            {
                for (int i = 1; ; i++)
                {
                    console.Output.Write(TopView.Of(node, now, earlier, Order, lines));
                    if (i >= count)
                        return;
                    await Task.Delay(pause, cancellationToken);
                    (earlier, now) = (now, await collector.TakeAsync());
                }
            }

            await console
                .Output.Live(TopView.Of(node, now, earlier, Order, lines))
                .AutoClear(false)
                .StartAsync(async live =>
                {
                    for (int i = 1; i < count && await WaitAsync(live, now, earlier, cancellationToken); i++)
                    {
                        (earlier, now) = (now, await collector.TakeAsync());
                        live.UpdateTarget(TopView.Of(node, now, earlier, Order, lines));
                    }
                });
        }

        /// <summary>Waits for the next sample and heeds keys meanwhile; false to leave.</summary>
        private async Task<bool> WaitAsync(LiveDisplayContext live, TopSample now, TopSample? earlier, CancellationToken cancellationToken)
        {
            long end = Environment.TickCount64 + (long)pause.TotalMilliseconds;
            while (Environment.TickCount64 < end)
            {
                while (Console.KeyAvailable)
                {
                    switch (char.ToLowerInvariant(Console.ReadKey(intercept: true).KeyChar))
                    {
                        case 'q':
                            return false;
                        case 'r':
                            Order = TopOrder.Reductions;
                            break;
                        case 'm':
                            Order = TopOrder.Memory;
                            break;
                        case 'b':
                            Order = TopOrder.Mailbox;
                            break;
                    }

                    live.UpdateTarget(TopView.Of(node, now, earlier, Order, lines));
                }

                await Task.Delay(s_keyPause, cancellationToken);
            }

            return true;
        }
    }
}
