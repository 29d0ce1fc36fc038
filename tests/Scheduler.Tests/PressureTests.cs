using CloudScale.Perf.Pressure;

namespace CloudScale.Scheduler.Tests;

/// <summary>The short forms of the programs behind <c>./build.sh pressure</c>: what must hold at any size, in seconds.</summary>
[NonParallelizable]
[Category("Stress")]
public sealed class PressureTests
{
    [TestCaseSource(typeof(PressureProgram), nameof(PressureProgram.Short))]
    [CancelAfter(120_000)]
    public async Task Program_ShortForm_KeepsItsPromises(object program)
    {
        Findings findings = new() { OnFigure = figure => TestContext.Out.WriteLine($"{figure.Name}: {figure.Value:#,0.00} {figure.Unit}") };
        await ((PressureProgram)program).Run(findings);
        Assert.That(findings.Broken, Is.Empty);
        Assert.That(findings.Figures, Is.Not.Empty);
    }
}
