using System.Text.RegularExpressions;

namespace CloudScale.Architecture.Tests;

/// <summary>What the documents say must be so.</summary>
[TestFixture]
internal sealed partial class DocumentTests
{
    /// <summary>The program of the README is a sample that the solution builds.</summary>
    [Test]
    public void Readme_Program_IsTheHelloSample()
    {
        string readme = File.ReadAllText(Repository.PathOf("README.md"));
        string program = File.ReadAllText(Repository.PathOf("runtime", "samples", "Hello", "Program.cs"));
        Assert.That(readme, Does.Contain($"```csharp\n{program.Trim()}\n```"));
    }

    [Test]
    public void Documents_RelativeLinks_LeadSomewhere()
    {
        List<string> broken = [];
        foreach (string document in Directory.EnumerateFiles(Repository.Root, "*.md").Concat(ProductPages()))
        {
            foreach (Match link in RelativeLink().Matches(File.ReadAllText(document)))
            {
                string target = Path.Combine(Path.GetDirectoryName(document)!, link.Groups[1].Value);
                if (!File.Exists(target) && !Directory.Exists(target))
                    broken.Add($"{Repository.Name(document)}: {link.Groups[1].Value}");
            }
        }

        Assert.That(broken, Is.Empty, "links to files that do not exist");
    }

    /// <summary>A table that names a test as the proof of a row must name one that exists.</summary>
    [Test]
    public void Documents_TestsTheyName_Exist()
    {
        Dictionary<string, string> sources = Repository
            .Files("tests", "*.cs")
            .GroupBy(file => Path.GetFileNameWithoutExtension(file).Split('.')[0])
            .ToDictionary(group => group.Key, group => string.Concat(group.Select(File.ReadAllText)));
        List<string> missing = [];
        int named = 0;
        foreach (string document in ProductPages())
        {
            foreach (Match proof in NamedTest().Matches(File.ReadAllText(document)))
            {
                named++;
                string name = proof.Groups[2].Value;
                bool exists =
                    sources.TryGetValue(proof.Groups[1].Value, out string? source)
                    && (name.EndsWith('*') ? source.Contains($" {name[..^1]}") : source.Contains($" {name}("));
                if (!exists)
                    missing.Add($"{Repository.Name(document)}: {proof.Value}");
            }
        }

        Assert.That(named, Is.GreaterThan(30), "the pattern finds the names");
        Assert.That(missing, Is.Empty, "tests that do not exist");
    }

    private static IEnumerable<string> ProductPages() => Repository.ProductFolders.SelectMany(folder => Repository.Files(folder, "*.md"));

    [GeneratedRegex(@"`(\w+(?:Tests|Contract))\.(\w+[*]?)…?`")]
    private static partial Regex NamedTest();

    [GeneratedRegex(@"\]\((?!https?:|#)([^)#]+)")]
    private static partial Regex RelativeLink();
}
