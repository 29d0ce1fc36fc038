using System.Globalization;
using CloudScale.Fuzz.Otp;
using CloudScale.Fuzz.Running;

namespace CloudScale.Fuzz;

/// <summary>Random wrong inputs for all that reads bytes from others, for as long as asked.</summary>
internal static class Program
{
    private const string Findings = "artifacts/fuzz";

    private const string Help = """
        Usage: ./build.sh fuzz [-- options]
          --for TIME        how long: 90s, 30m, 8h (default 30m)
          --seed N          repeats the choices of an earlier run
          --threads N       default 2
          --target NAME     this target alone; may be given more than once
          --otp CASES       instead: so many inputs to our reader and to a real Erlang, which must agree
          --replay FILE     checks the input of one file, as kept in tests/Fuzz/Seeds
        """;

    private static int Main(string[] args)
    {
        TimeSpan duration = TimeSpan.FromMinutes(30);
        ulong seed = (ulong)Environment.TickCount64;
        int threads = 2;
        long otpCases = 0;
        List<string> only = [];
        List<string> replays = [];
        for (int index = 0; index < args.Length; index += 2)
        {
            string value = index + 1 < args.Length ? args[index + 1] : "";
            bool understood = args[index] switch
            {
                "--for" => TryDuration(value, out duration),
                "--seed" => ulong.TryParse(value, CultureInfo.InvariantCulture, out seed),
                "--threads" => int.TryParse(value, CultureInfo.InvariantCulture, out threads) && threads > 0,
                "--otp" => long.TryParse(value, CultureInfo.InvariantCulture, out otpCases) && otpCases > 0,
                "--target" => Add(only, value, Targets.Names.Contains(value)),
                "--replay" => Add(replays, value, File.Exists(value)),
                _ => false,
            };
            if (!understood)
            {
                Console.Error.WriteLine(Help);
                Console.Error.WriteLine("targets: " + string.Join(", ", Targets.Names));
                return args[index] is "--help" or "-h" ? 0 : 2;
            }
        }

        if (replays.Count > 0)
        {
            foreach (string path in replays)
                Replay(SeedFile.Read(path));
            return 0;
        }

        if (otpCases > 0 && ErlangPeer.Absent is { } reason)
        {
            Console.Error.WriteLine(reason);
            return 1;
        }

        IReadOnlyList<Finding> findings =
            otpCases > 0
                ? new Differential(seed, Console.WriteLine).Run(otpCases, duration)
                : new FuzzRun(seed, threads, () => Targets.Make(only), Console.WriteLine).Run(duration);
        foreach (Finding finding in findings)
        {
            Console.WriteLine($"BROKEN: {finding}\n  kept in {finding.Save(Findings)}");
            // An input that hangs would hang here, too.
            if (Targets.Make([finding.Target]).FirstOrDefault() is not { } target || finding.IsHanging)
                continue;
            Finding reduced = Reducer.Reduce(target, finding);
            if (reduced.Input.Length < finding.Input.Length)
                Console.WriteLine($"  cut down to {reduced.Input.Length} bytes in {reduced.Save(Path.Combine(Findings, "reduced"))}");
        }

        Console.WriteLine($"seed {seed}: {(findings.Count == 0 ? "all held" : $"{findings.Count} found")}");
        return findings.Count == 0 ? 0 : 1;
    }

    /// <summary>Checks one kept input; throws what does not hold.</summary>
    public static void Replay(SeedFile seed)
    {
        Target[] targets = [.. Targets.Make([seed.Target])];
        if (targets.Length != 1)
            throw new InvalidDataException($"{seed.Name}: no target '{seed.Target}'");
        // The choices that a check makes by itself, several times over; once where that takes its time.
        for (ulong choices = 0; choices < (seed.Input.Length < 100_000 ? 8u : 1u); choices++)
            targets[0].Check(seed.Input, new Rng(choices));
    }

    private static bool Add(List<string> list, string value, bool isKnown)
    {
        list.Add(value);
        return isKnown;
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
