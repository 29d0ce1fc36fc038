using CloudScale.Fuzz.Otp;
using CloudScale.Fuzz.Running;

namespace CloudScale.Fuzz.Tests;

/// <summary>Some seconds of what <c>./build.sh fuzzotp</c> does with a million inputs: a real Erlang judges them as well.</summary>
[NonParallelizable]
public sealed class DifferentialTests
{
    [Test]
    [Category("OtpNode")]
    [CancelAfter(120_000)]
    public void RandomTerms_OursAndErlangs_AgreeButForWhatIsListed()
    {
        if (ErlangPeer.Absent is { } reason)
            Assert.Ignore(reason);
        ulong seed = TestContext.CurrentContext.Random.NextULong();
        Differential differential = new(seed, TestContext.Out.WriteLine);
        IReadOnlyList<Finding> findings = differential.Run(100_000, atMost: TimeSpan.FromSeconds(5));
        Assert.That(findings, Is.Empty, $"seed {seed}");
        Assert.That(differential.Cases, Is.GreaterThan(1000));
    }

    [Test]
    public void Disagreements_EachOne_IsExplainedInTheReadme()
    {
        string readme = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "README.md"));
        Assert.That(Disagreements.All, Is.Not.Empty);
        Assert.That(
            Disagreements.All.Where(known => !readme.Contains($"| {known.Name} | {known.Reason} |", StringComparison.Ordinal)),
            Is.Empty
        );
    }
}
