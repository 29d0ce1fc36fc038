using System.Globalization;
using CloudScale.Perf.Pressure;

namespace CloudScale.Soak;

/// <summary>A random mix of everything a process can do, for as long as asked, with what must hold checked all the while.</summary>
internal static class Program
{
    private const string Help = """
        Usage: ./build.sh soak [-- options]
          --for TIME        how long: 90s, 30m, 8h (default 30m)
          --seed N          repeats the choices of an earlier run; threads still interleave as they like
          --schedulers N    scheduler threads (default 4)
          --only ROLE       this part of the mix alone; may be given more than once
        """;

    private static async Task<int> Main(string[] args)
    {
        TimeSpan duration = TimeSpan.FromMinutes(30);
        int seed = Environment.TickCount & int.MaxValue;
        int schedulers = 4;
        List<string> only = [];
        for (int index = 0; index < args.Length; index += 2)
        {
            string value = index + 1 < args.Length ? args[index + 1] : "";
            bool understood = args[index] switch
            {
                "--for" => TryDuration(value, out duration),
                "--seed" => int.TryParse(value, CultureInfo.InvariantCulture, out seed),
                "--schedulers" => int.TryParse(value, CultureInfo.InvariantCulture, out schedulers) && schedulers > 0,
                "--only" => Add(only, value),
                _ => false,
            };
            if (!understood)
            {
                Console.Error.WriteLine(Help);
                return args[index] is "--help" or "-h" ? 0 : 2;
            }
        }

        var findings = new Findings();
        await new SoakRun(findings, seed, schedulers, Console.WriteLine) { Only = only }.Run(duration);
        foreach (Figure figure in findings.Figures)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{figure.Name, -32} {figure.Value:#,0.###} {figure.Unit}"));
        foreach (string promise in findings.Broken)
            Console.WriteLine($"BROKEN: {promise}");
        Console.WriteLine($"seed {seed}: {(findings.Broken.Count == 0 ? "all held" : $"{findings.Broken.Count} promises broken")}");
        return findings.Broken.Count == 0 ? 0 : 1;
    }

    private static bool Add(List<string> roles, string role)
    {
        roles.Add(role);
        return SoakRun.Roles.Contains(role);
    }

    private static bool TryDuration(string text, out TimeSpan duration)
    {
        duration = default;
        if (text.Length < 2 || !double.TryParse(text[..^1], CultureInfo.InvariantCulture, out double number) || number <= 0)
            return false;
        TimeSpan? read = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(number),
            'm' => TimeSpan.FromMinutes(number),
            'h' => TimeSpan.FromHours(number),
            _ => null,
        };
        duration = read ?? default;
        return read is not null;
    }
}
