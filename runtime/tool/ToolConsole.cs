using Spectre.Console;

namespace CloudScale.Tool;

/// <summary>Where a command reads and writes.</summary>
internal sealed class ToolConsole
{
    private const int WidthOfNoTerminal = 160;

    /// <summary>The terminal.</summary>
    public static ToolConsole Terminal() =>
        Console.IsOutputRedirected
            ? Of(Console.Out, Console.Error, Console.In) // no colours and no wrapping for other programs
            : new ToolConsole
            {
                Output = AnsiConsole.Console,
                Error = Console.Error,
                Input = Console.In,
                IsInteractive = !Console.IsInputRedirected,
            };

    /// <summary>A console that writes plain text.</summary>
    public static ToolConsole Of(TextWriter output, TextWriter error, TextReader input)
    {
        IAnsiConsole console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.No,
                ColorSystem = ColorSystemSupport.NoColors,
                Interactive = InteractionSupport.No,
                Out = new AnsiConsoleOutput(output),
            }
        );
        console.Profile.Width = WidthOfNoTerminal;
        return new ToolConsole
        {
            Output = console,
            Error = error,
            Input = input,
        };
    }

    /// <summary>Results: text, tables and trees.</summary>
    public required IAnsiConsole Output { get; init; }

    /// <summary>What went wrong.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>What somebody types, where there is no terminal.</summary>
    public required TextReader Input { get; init; }

    /// <summary>Whether a person sits at both ends.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>Writes a line as it is, unwrapped: results are for other programs, too.</summary>
    public void WriteLine(string text) => Output.Profile.Out.Writer.WriteLine(text);
}
