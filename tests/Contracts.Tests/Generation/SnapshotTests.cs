using Microsoft.CodeAnalysis;

namespace CloudScale.Contracts.Tests;

/// <summary>The code generated for every feature is a checked-in file, so that a change of the generator is a diff somebody reads.</summary>
[TestFixture, Category("Snapshots")]
internal sealed class SnapshotTests
{
    private const string AcceptVariable = "CLOUDSCALE_ACCEPT_SNAPSHOTS";

    private static readonly string s_folder = Path.Combine(FindRoot(), "tests", "Contracts.Tests");
    private static readonly Lazy<Dictionary<string, string>> s_generated = new(Generate);

    private static IEnumerable<string> Names => s_generated.Value.Keys;

    [TestCaseSource(nameof(Names))]
    public void Contract_GeneratedCode_IsTheAcceptedOne(string name)
    {
        string path = PathOf(name);
        string actual = s_generated.Value[name];
        if (Environment.GetEnvironmentVariable(AcceptVariable) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
            return;
        }

        string accepted = File.Exists(path) ? File.ReadAllText(path) : "";
        Assert.That(
            actual,
            Is.EqualTo(accepted),
            $"If it is meant: ./build.sh acceptsnapshots, and commit tests/Contracts.Tests/Snapshots/{Path.GetFileName(path)}."
        );
    }

    [Test]
    public void Snapshots_OnDisk_AreAllOfContractsThatExist() =>
        Assert.That(
            Directory.EnumerateFiles(Path.Combine(s_folder, "Snapshots")).Select(Path.GetFileName),
            Is.EquivalentTo(Names.Select(name => Path.GetFileName(PathOf(name))))
        );

    // Text, not C#: the compiler and the formatter leave it alone.
    private static string PathOf(string name) => Path.Combine(s_folder, "Snapshots", name + ".txt");

    private static Dictionary<string, string> Generate()
    {
        IEnumerable<string> sources = Directory
            .EnumerateFiles(Path.Combine(s_folder, "Samples"), "*.cs")
            .Order(StringComparer.Ordinal)
            .Select(File.ReadAllText);
        GeneratorRunResult result = GeneratorHarness.Run(sources);
        Assert.That(result.Diagnostics, Is.Empty);
        return result.GeneratedSources.ToDictionary(source => source.HintName, source => source.SourceText.ToString());
    }

    internal static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "CloudScale.Runtime.sln")))
                return folder.FullName;
        throw new InvalidOperationException(
            $"No CloudScale.Runtime.sln above {AppContext.BaseDirectory}: these tests read the sources they were built from."
        );
    }
}
