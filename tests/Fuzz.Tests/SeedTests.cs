using CloudScale.Fuzz.Running;

namespace CloudScale.Fuzz.Tests;

/// <summary>Every input that was kept, because it once broke something or because it is what a stranger would try first.</summary>
public sealed class SeedTests
{
    private static readonly string s_directory = Path.Combine(AppContext.BaseDirectory, "Seeds");

    private static IEnumerable<TestCaseData> Seeds() =>
        SeedFile.ReadAll(s_directory).Select(seed => new TestCaseData(seed).SetArgDisplayNames(seed.Name));

    [TestCaseSource(nameof(Seeds))]
    public void Replay_AKeptInput_KeepsEveryPromise(object seed) => Assert.That(() => Program.Replay((SeedFile)seed), Throws.Nothing);

    [Test]
    public void Seeds_EachOne_SaysWhyItIsKept() =>
        Assert.That(
            Directory
                .EnumerateFiles(s_directory, "*.txt")
                .Where(path => !File.ReadLines(path).First().StartsWith("# ", StringComparison.Ordinal)),
            Is.Empty
        );
}
