using System.CommandLine;
using CloudScale.Tool.Contracts;
using CloudScale.Tool.Nodes;
using CloudScale.Tool.Nodes.Shell;
using CloudScale.Tool.Nodes.Top;

namespace CloudScale.Tool;

/// <summary>The command with all its subcommands.</summary>
internal static class ToolProgram
{
    /// <summary>Runs a command line.</summary>
    /// <returns>The exit code: 0, or 1 for what failed.</returns>
    public static Task<int> RunAsync(string[] arguments, ToolConsole console, CancellationToken cancellationToken = default)
    {
        RootCommand root = new("Tools for CloudScale and Erlang nodes.")
        {
            StartCommand.Create(console),
            PingCommand.Create(console),
            CallCommand.Create(console),
            ShellCommand.Create(console),
            TopCommand.Create(console),
            TreeCommand.Create(console),
            TraceCommand.Create(console),
            EpmdCommand.Names(console),
            EpmdCommand.Create(console),
            CookieCommand.Create(console),
            ContractsCommand.Create(),
        };
        return root.Parse(arguments).InvokeAsync(cancellationToken: cancellationToken);
    }
}
