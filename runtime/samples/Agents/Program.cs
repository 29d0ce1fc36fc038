using System.CommandLine;
using CloudScale.Samples.Agents;

Option<int> processes = new("--processes")
{
    Description = "Lightweight processes to start, three for each agent.",
    DefaultValueFactory = _ => 1_000_000,
};
Option<string?> duration = new("--for") { Description = "How long to run, for example 30s or 2m; without it, until a key is pressed." };
Option<bool> idle = new("--idle")
{
    Description = "No peer and no traffic: measures bytes a process and the processor time of an idle node.",
};
Option<bool> noErlang = new("--no-erlang") { Description = "Uses a second CloudScale node as the peer even if Erlang is installed." };
Option<string> name = new("--name") { Description = "Name of the node.", DefaultValueFactory = _ => "agents@127.0.0.1" };
Option<string> cookie = new("--cookie") { Description = "Cookie of the cluster.", DefaultValueFactory = _ => "cloudscale-sample" };

RootCommand command = new("A node with a million processes beside a real Erlang node that works with them.")
{
    processes,
    duration,
    idle,
    noErlang,
    name,
    cookie,
};
command.SetAction(
    async (arguments, cancellation) =>
    {
        TimeSpan? limit = null;
        if (arguments.GetValue(duration) is { } text)
        {
            limit = Durations.TryParse(text, out TimeSpan parsed) ? parsed : null;
            if (limit is null)
            {
                await Console.Error.WriteLineAsync($"--for: '{text}' is no duration. Write 30s, 2m or 1h.");
                return 2;
            }
        }

        return await Sample.RunAsync(
            new SampleOptions
            {
                Agents = Math.Max(1, arguments.GetValue(processes) / 3),
                Duration = limit,
                Idle = arguments.GetValue(idle),
                UseErlang = !arguments.GetValue(noErlang),
                Name = arguments.GetValue(name)!,
                Cookie = arguments.GetValue(cookie)!,
            },
            cancellation
        );
    }
);
return await command.Parse(args).InvokeAsync();
