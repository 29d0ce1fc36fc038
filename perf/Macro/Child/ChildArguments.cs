using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace CloudScale.Perf.Macro.Child;

/// <summary>What the runner tells a child to do.</summary>
internal sealed record ChildArguments(string Scenario, int Width, int Count, int Schedulers, int WarmUpMs, int TimedMs)
{
    private const string Role = "--scenario";

    public string[] Format() =>
        [
            Role,
            Scenario,
            "--width",
            Text(Width),
            "--count",
            Text(Count),
            "--schedulers",
            Text(Schedulers),
            "--warmup",
            Text(WarmUpMs),
            "--timed",
            Text(TimedMs),
        ];

    public static bool TryParse(string[] args, [NotNullWhen(true)] out ChildArguments? arguments)
    {
        arguments = null;
        if (args is not [Role, var scenario, ..])
            return false;

        var numbers = new Dictionary<string, int>
        {
            ["--width"] = 1,
            ["--count"] = 1_000_000,
            ["--schedulers"] = 1,
            ["--warmup"] = 1_000,
            ["--timed"] = 1_000,
        };
        for (int index = 2; index + 1 < args.Length; index += 2)
            numbers[args[index]] = int.Parse(args[index + 1], CultureInfo.InvariantCulture);
        arguments = new(scenario, numbers["--width"], numbers["--count"], numbers["--schedulers"], numbers["--warmup"], numbers["--timed"]);
        return true;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
