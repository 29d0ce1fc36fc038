using System.CommandLine;
using CloudScale.Samples.InteropNode;

Option<string> name = new("--name") { Description = "Name of the node, NAME@HOST; a short name if HOST has no dot.", Required = true };
Option<string> cookie = new("--cookie") { Description = "Cookie of the cluster.", Required = true };
Option<int> tickTime = new("--net-ticktime")
{
    Description = "Seconds after which a silent node is taken for lost.",
    DefaultValueFactory = _ => 60,
};
Option<bool> hidden = new("--hidden") { Description = "A hidden node: not told to others, and no part of what the visible ones share." };
tickTime.Validators.Add(result =>
{
    if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, out int seconds) && seconds > 0))
        result.AddError($"--net-ticktime: '{text}' is no number of seconds.");
});

RootCommand command = new("A node that Erlang, Elixir, C and Java nodes can talk to.") { name, cookie, tickTime, hidden };
command.SetAction(arguments =>
    SampleNode.RunAsync(
        new NodeOptions
        {
            Name = arguments.GetValue(name),
            Cookie = arguments.GetValue(cookie),
            Hidden = arguments.GetValue(hidden),
            TickTime = TimeSpan.FromSeconds(arguments.GetValue(tickTime)),
        }
    )
);

// SIGTERM is the node's own to obey: it stops in order, however long that takes.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
