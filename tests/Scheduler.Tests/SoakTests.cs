using CloudScale.Perf.Pressure;
using CloudScale.Soak;

namespace CloudScale.Scheduler.Tests;

/// <summary>A minute of what <c>./build.sh soak</c> does for half an hour.</summary>
[NonParallelizable]
[Category("Stress")]
public sealed class SoakTests
{
    [Test]
    [CancelAfter(300_000)]
    public async Task EverythingAProcessCanDo_ForAMinute_LosesAndLeavesNothing()
    {
        Findings findings = new() { OnFigure = figure => TestContext.Out.WriteLine($"{figure.Name}: {figure.Value:#,0.##} {figure.Unit}") };
        int seed = TestContext.CurrentContext.Random.Next();
        await new SoakRun(findings, seed, schedulers: 4, TestContext.Out.WriteLine).Run(TimeSpan.FromSeconds(60));
        Assert.That(findings.Broken, Is.Empty, $"seed {seed}");
    }
}
