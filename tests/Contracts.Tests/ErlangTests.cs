using System.Diagnostics;
using CloudScale.Contracts.Samples;

namespace CloudScale.Contracts.Tests;

/// <summary>What a real Erlang makes of the terms of contracts.</summary>
[TestFixture, Category("OtpNode")]
internal sealed class ErlangTests
{
    private static readonly Lazy<Dictionary<string, (string Verdict, byte[] Theirs)>> s_judged = new(Judge);

    private static IEnumerable<Sample> Samples => SampleValues.All;

    [TestCaseSource(nameof(Samples))]
    public void Contract_Written_IsByteForByteWhatErlangWrites(Sample sample)
    {
        (string verdict, byte[] theirs) = Judged(sample);
        Assert.That(verdict, Is.EqualTo("same"), $"{Convert.ToHexString(sample.Encode())} and {Convert.ToHexString(theirs)}");
    }

    [TestCaseSource(nameof(Samples))]
    public void Contract_FromBytesOfErlang_IsRead(Sample sample)
    {
        byte[] theirs = Judged(sample).Theirs;
        Assert.That(sample.Again(theirs, out string? error), Is.EqualTo(sample.Encode()), error);
    }

    private static (string Verdict, byte[] Theirs) Judged(Sample sample)
    {
        if (
            !(Environment.GetEnvironmentVariable("PATH") ?? "")
                .Split(Path.PathSeparator)
                .Any(folder => File.Exists(Path.Combine(folder, "escript")))
        )
            Assert.Ignore("No Erlang: escript is not on the path.");
        return s_judged.Value[sample.Name];
    }

    private static Dictionary<string, (string Verdict, byte[] Theirs)> Judge()
    {
        Sample[] samples = [.. SampleValues.All];
        string directory = Directory.CreateTempSubdirectory("cloudscale-contracts-").FullName;
        try
        {
            string input = Path.Combine(directory, "in");
            string output = Path.Combine(directory, "out");
            File.WriteAllLines(input, samples.Select(sample => $"{sample.Erlang}\t{Convert.ToBase64String(sample.Encode())}"));
            string script = Path.Combine(TestContext.CurrentContext.TestDirectory, "Erlang", "contracts.erl");
            using Process process = Process.Start(
                new ProcessStartInfo("escript", [script, input, output]) { RedirectStandardError = true, RedirectStandardOutput = true }
            )!;
            Task<string> said = process.StandardOutput.ReadToEndAsync();
            Task<string> error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(TimeSpan.FromSeconds(60)))
            {
                process.Kill(entireProcessTree: true);
                throw new TimeoutException("contracts.erl did not end in 60 s.");
            }

            if (process.ExitCode != 0)
                throw new InvalidOperationException(said.Result + error.Result);
            string[] lines = File.ReadAllLines(output);
            return samples.Zip(lines).ToDictionary(pair => pair.First.Name, pair => Parse(pair.Second));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static (string Verdict, byte[] Theirs) Parse(string line)
    {
        string[] parts = line.Split('\t');
        return (parts[0], Convert.FromBase64String(parts[1]));
    }
}
