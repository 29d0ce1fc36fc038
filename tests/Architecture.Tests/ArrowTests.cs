using System.Reflection;
using System.Xml.Linq;

namespace CloudScale.Architecture.Tests;

/// <summary>Which part of the house may see which: an arrow is a project reference, and a new one is a decision, not an accident.</summary>
[TestFixture]
internal sealed class ArrowTests
{
    /// <summary>Every arrow between product projects. To draw a new one, argue for it in the commit that adds it here.</summary>
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["CloudScale.Serialization"] = [],
        ["CloudScale.Serialization.Generators"] = [],
        ["CloudScale.Serialization.CodeFixes"] = [],
        ["CloudScale.Scheduler"] = ["CloudScale.Serialization"],
        ["CloudScale.Interop"] = ["CloudScale.Serialization"],
        // What users test with: it drives the schedulers, so it sees their internals.
        ["CloudScale.Testing"] = ["CloudScale.Scheduler", "CloudScale.Serialization"],
        ["CloudScale.Runtime"] = ["CloudScale.Scheduler", "CloudScale.Interop"],
    };

    /// <summary>Product assemblies that see the internals of another: each is a decision too.</summary>
    private static readonly Dictionary<string, string[]> s_friends = new()
    {
        ["CloudScale.Serialization"] = ["CloudScale.Scheduler"], // tables classify and build terms as the codecs do
        ["CloudScale.Scheduler"] = ["CloudScale.Testing"], // drives the schedulers
        ["CloudScale.Interop"] = ["CloudScale.Fuzz"], // a test that is a program: reads control messages of strangers
    };

    /// <summary>Build-time only: these may be referenced as analyzers by whoever has contracts or processes.</summary>
    private static readonly string[] s_buildTime = ["CloudScale.Serialization.Generators", "CloudScale.Serialization.CodeFixes"];

    [Test]
    public void ProductProjects_References_AreTheDrawnArrows()
    {
        Dictionary<string, string[]> actual = ProductReferences();
        var wrong = new List<string>();
        foreach ((string project, string[] targets) in actual)
        {
            if (!s_allowed.TryGetValue(project, out string[]? allowed))
                wrong.Add($"{project} is not a part of the house");
            else
                wrong.AddRange(targets.Except(s_buildTime).Except(allowed).Select(target => $"{project} → {target}"));
        }

        Assert.That(wrong, Is.Empty, "new arrows between product projects");
        Assert.That(actual.Keys, Is.SupersetOf(Repository.ProductAssemblies), "every product project was read");
    }

    [TestCase("CloudScale.Scheduler", "CloudScale.Interop")]
    [TestCase("CloudScale.Interop", "CloudScale.Scheduler")]
    [TestCase("CloudScale.Serialization", "CloudScale.Scheduler")]
    [TestCase("CloudScale.Serialization", "CloudScale.Interop")]
    public void Project_OverAnyPath_NeverSees(string project, string hidden)
    {
        Dictionary<string, string[]> references = ProductReferences();
        var seen = new HashSet<string>();
        var open = new Queue<string>([project]);
        while (open.TryDequeue(out string? current))
            if (seen.Add(current))
                foreach (string next in references.GetValueOrDefault(current, []))
                    open.Enqueue(next);

        Assert.That(seen, Does.Not.Contain(hidden), $"{project} sees {string.Join(", ", seen)}");
    }

    [TestCaseSource(typeof(Repository), nameof(Repository.ProductAssemblies))]
    public void Assembly_AsCompiled_ReferencesOnlyItsArrows(string name)
    {
        IEnumerable<string> ours = Assembly
            .Load(name)
            .GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(reference => reference.StartsWith("CloudScale.", StringComparison.Ordinal));

        // An arrow may be followed further: runtime uses the terms through scheduler and interop.
        Assert.That(ours, Is.SubsetOf(Closure(name)));
    }

    [Test]
    public void ProductProjects_InternalsVisibleTo_NamesTestsAndMeasurementsOnly()
    {
        foreach (string name in Repository.ProductAssemblies)
        {
            IEnumerable<string> friends = Assembly
                .Load(name)
                .GetCustomAttributes<System.Runtime.CompilerServices.InternalsVisibleToAttribute>()
                .Select(attribute => attribute.AssemblyName);
            Assert.That(
                friends.Except(s_friends.GetValueOrDefault(name, [])),
                Has.All.EndsWith(".Tests").Or.StartsWith("CloudScale.Perf."),
                $"{name} opens its internals to a product assembly: make it public, or move it"
            );
        }
    }

    private static HashSet<string> Closure(string project)
    {
        var closure = new HashSet<string>();
        foreach (string target in s_allowed[project])
        {
            closure.Add(target);
            closure.UnionWith(Closure(target));
        }

        return closure;
    }

    // Samples and tools stand on the product as a user would, so only projects marked IsProduct (and what runs at build time) are read.
    private static Dictionary<string, string[]> ProductReferences() =>
        Repository
            .ProductFolders.SelectMany(folder => Repository.Files(folder, "*.csproj"))
            .Select(path => (Path: path, Xml: XDocument.Load(path)))
            .Where(project =>
                project.Xml.Descendants("IsProduct").Any(element => element.Value == "true")
                || s_buildTime.Contains(Path.GetFileNameWithoutExtension(project.Path))
            )
            .ToDictionary(
                project => Path.GetFileNameWithoutExtension(project.Path),
                project =>
                    project
                        .Xml.Descendants("ProjectReference")
                        .Select(element => Path.GetFileNameWithoutExtension(element.Attribute("Include")!.Value))
                        .ToArray()
            );
}
