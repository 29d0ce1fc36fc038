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

    private static IEnumerable<string> ProductPages() => Repository.ProductFolders.SelectMany(folder => Repository.Files(folder, "*.md"));

    [GeneratedRegex(@"\]\((?!https?:|#)([^)#]+)")]
    private static partial Regex RelativeLink();
}
