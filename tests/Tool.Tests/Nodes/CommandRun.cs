namespace CloudScale.Tool.Tests.Nodes;

/// <summary>A command line as it ran: its exit code, and what it wrote.</summary>
internal sealed class CommandRun : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly CancellationTokenSource _cancel = new();
    private readonly Task<int> _run;

    private CommandRun(string[] arguments, string input)
    {
        ToolConsole console = ToolConsole.Of(TextWriter.Synchronized(_output), TextWriter.Synchronized(_error), new StringReader(input));
        _run = Task.Run(() => ToolProgram.RunAsync(arguments, console, _cancel.Token));
    }

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public bool HasEnded => _run.IsCompleted;

    public string Error => _error.ToString();

    /// <summary>Starts a command that goes on until it is told to end.</summary>
    public static CommandRun Start(params string[] arguments) => new(arguments, "");

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string input, params string[] arguments)
    {
        using CommandRun run = new(arguments, input);
        int exitCode = await run.EndAsync();
        return (exitCode, run.Output, run.Error);
    }

    /// <summary>Ctrl-C.</summary>
    public void Cancel() => _cancel.Cancel();

    public void Dispose()
    {
        _cancel.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    public Task<int> EndAsync() => _run.WaitAsync(Eventually.Patience);
}
