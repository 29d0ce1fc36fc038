using System.Globalization;

namespace CloudScale.Fuzz.Running;

/// <summary>An input of which something does not hold, as a file that can be kept among the seeds.</summary>
internal sealed record Finding(string Target, string What, ulong Seed, int Thread, long Index, byte[] Input)
{
    private const int BytesALine = 64;

    /// <summary>Whether it takes too long, rather than breaking something.</summary>
    public bool IsHanging { get; init; }

    /// <summary>What it is in a few lines; a long input is cut.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Target}: {What}\n  seed {Seed}, thread {Thread}, input {Index}, {Input.Length} bytes: {Convert.ToHexString(Input.AsSpan(0, Math.Min(Input.Length, 256)))}{(Input.Length > 256 ? "…" : "")}"
        );

    /// <summary>Writes it where it can be replayed from, and returns the path.</summary>
    public string Save(string directory)
    {
        Directory.CreateDirectory(directory);
        string path = Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{Target}-{Seed}-{Thread}-{Index}.txt"));
        using StreamWriter file = new(path) { NewLine = "\n" };
        foreach (string line in What.Split('\n'))
            file.WriteLine("# " + line.TrimEnd());
        file.WriteLine("target " + Target);
        file.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {Seed} {Thread} {Index}"));
        for (int at = 0; at < Input.Length; at += BytesALine)
            file.WriteLine("hex " + Convert.ToHexString(Input.AsSpan(at, Math.Min(BytesALine, Input.Length - at))));
        return path;
    }
}
