using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace CloudScale.Perf.Macro.Runner;

/// <summary>What the user asked the runner for.</summary>
internal sealed record BenchOptions
{
    public const string Help = """
        Usage: ./build.sh bench [-- options]
          --only TEXT         run the cases whose name starts with TEXT; may be given more than once
          --runs N            runs of each case on each side and scheduler count (default 5)
          --schedulers LIST   scheduler counts to try, comma-separated (default 1,2); each side counts with its better one
          --warmup MS         warm-up inside each process before the timed part (default 3000)
          --timed MS          the timed part lasts at least this long (default 1000)
          --ours              leave the BEAM out
          --list              name the cases
        """;

    public IReadOnlyList<string> Only { get; init; } = [];

    public int Runs { get; init; } = 5;

    public IReadOnlyList<int> Schedulers { get; init; } = [1, 2];

    public int WarmUpMs { get; init; } = 3_000;

    public int TimedMs { get; init; } = 1_000;

    public bool WithBeam { get; init; } = true;

    public bool List { get; init; }

    public IReadOnlyList<Case> Cases =>
        [
            .. Suite.Cases.Where(item =>
                Only.Count == 0 || Only.Any(start => item.Name.StartsWith(start, StringComparison.OrdinalIgnoreCase))
            ),
        ];

    /// <summary>Reads the command line.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="options">The options, if the answer is true.</param>
    /// <param name="problem">What is wrong with the arguments; null with a false answer if the user asked for help.</param>
    /// <returns>Whether there is something to run.</returns>
    public static bool TryParse(string[] args, [NotNullWhen(true)] out BenchOptions? options, out string? problem)
    {
        options = null;
        problem = null;
        var read = new BenchOptions();
        for (int index = 0; index < args.Length; index++)
        {
            string name = args[index];
            if (name is "--help" or "-h")
                return false;
            if (name is "--ours" or "--list")
            {
                read = name == "--ours" ? read with { WithBeam = false } : read with { List = true };
                continue;
            }

            if (++index == args.Length)
            {
                problem = $"{name} needs a value, or is not known";
                return false;
            }

            if (Set(read, name, args[index]) is not { } next)
            {
                problem = $"{name} {args[index]} is not understood";
                return false;
            }

            read = next;
        }

        if (read.Cases.Count == 0)
        {
            problem =
                $"no case starts with {string.Join(" or ", read.Only)}; known: {string.Join(", ", Suite.Cases.Select(item => item.Name))}";
            return false;
        }

        options = read;
        return true;
    }

    private static BenchOptions? Set(BenchOptions options, string name, string value) =>
        name switch
        {
            "--only" => options with { Only = [.. options.Only, value] },
            "--runs" when Positive(value) is { } runs => options with { Runs = runs },
            "--warmup" when Positive(value) is { } milliseconds => options with { WarmUpMs = milliseconds },
            "--timed" when Positive(value) is { } milliseconds => options with { TimedMs = milliseconds },
            "--schedulers" when value.Split(',').Select(Positive).ToArray() is var counts && counts.All(count => count is not null) =>
                options with
                {
                    Schedulers = [.. counts.Select(count => count!.Value)],
                },
            _ => null,
        };

    private static int? Positive(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0 ? value : null;
}
