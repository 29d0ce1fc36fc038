using System.Globalization;

namespace CloudScale.Perf.Pressure;

/// <summary>One program, two roles: the runner starts itself again as a child that runs one program under given settings.</summary>
internal static class Program
{
    private const string Help = """
        Usage: ./build.sh pressure [-- options]
          --only NAME    run this program; may be given more than once
          --default-gc   under the collector's defaults instead of the settings we recommend
          --sweep        those about the collector under every setting that was tried
          --list         name the programs
        """;

    private static async Task<int> Main(string[] args)
    {
        if (args is [Runner.ChildRole, var name])
            return await RunChild(PressureProgram.Full.First(program => program.Name == name));

        List<string> only = [];
        bool defaults = false;
        bool sweep = false;
        for (int index = 0; index < args.Length; index++)
        {
            switch (args[index])
            {
                case "--only" when index + 1 < args.Length:
                    only.Add(args[++index]);
                    break;
                case "--default-gc":
                    defaults = true;
                    break;
                case "--sweep":
                    sweep = true;
                    break;
                case "--list":
                    foreach (PressureProgram program in PressureProgram.Full)
                        Console.WriteLine($"{program.Name, -12} {program.What}");
                    return 0;
                default:
                    Console.Error.WriteLine(Help);
                    return args[index] is "--help" or "-h" ? 0 : 2;
            }
        }

        if (only.Except(PressureProgram.Full.Select(program => program.Name)).ToList() is { Count: > 0 } unknown)
        {
            Console.Error.WriteLine($"pressure: no program {string.Join(", ", unknown)}; --list names them");
            return 2;
        }

        return await Runner.Run(
            [.. PressureProgram.Full.Where(program => only.Count == 0 || only.Contains(program.Name))],
            defaults,
            sweep
        );
    }

    private static async Task<int> RunChild(PressureProgram program)
    {
        var findings = new Findings
        {
            OnFigure = figure =>
                Console.WriteLine(
                    string.Create(CultureInfo.InvariantCulture, $"{Runner.FigureMark}{figure.Name}|{figure.Value:R}|{figure.Unit}")
                ),
        };
        await program.Run(findings);
        foreach (string promise in findings.Broken)
            Console.WriteLine(Runner.BrokenMark + promise.ReplaceLineEndings(" "));
        return findings.Broken.Count == 0 ? 0 : 1;
    }
}
