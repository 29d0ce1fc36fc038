using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace CloudScale.Contracts.Tests;

/// <summary>What the generator does again after an edit: as little as possible, or every key typed in an editor costs time.</summary>
[TestFixture]
internal sealed class IncrementalTests
{
    private const string First = """
        namespace Shop;
        [Term("ping")] public sealed partial record Ping(Pid From, int N);
        [Term] public enum Colour { Red, Green }
        [TermUnion] public abstract partial record Command
        {
            [Term("stop", Shape = TermShape.Atom)] public sealed partial record Stop : Command;
        }
        """;

    private const string Second = """
        namespace Shop;
        [Term("order")] public sealed partial record Order(long Id, Colour Colour, List<Line> Lines);
        [Term("line")] public sealed partial record Line(string Article);
        """;

    private static readonly string[] s_steps = ["Contracts", "Enums", "Unions", "Registry"];

    [Test]
    public void Edit_OfOtherCode_LeavesEveryStepAsItWas()
    {
        CSharpCompilation before = GeneratorHarness.Compile(First, Second, "class Other { }");
        GeneratorDriver driver = GeneratorHarness.Driver().RunGenerators(before);
        SyntaxTree other = before.SyntaxTrees.Last();
        Compilation after = before.ReplaceSyntaxTree(other, GeneratorHarness.Parse("class Other { int X => 1; }"));

        GeneratorRunResult result = driver.RunGenerators(after).GetRunResult().Results.Single();

        foreach (string step in s_steps)
            Assert.That(
                Reasons(result, step),
                Is.Not.Empty.And.All.AnyOf(IncrementalStepRunReason.Cached, IncrementalStepRunReason.Unchanged),
                step
            );
        Assert.That(Outputs(result), Is.Not.Empty.And.All.EqualTo(IncrementalStepRunReason.Cached));
    }

    [Test]
    public void Edit_AboveAContractInItsFile_WritesNothingAnew()
    {
        CSharpCompilation before = GeneratorHarness.Compile(First, Second);
        GeneratorDriver driver = GeneratorHarness.Driver().RunGenerators(before);
        Compilation after = before.ReplaceSyntaxTree(before.SyntaxTrees.Last(), GeneratorHarness.Parse("// a comment\n" + Second));

        GeneratorRunResult result = driver.RunGenerators(after).GetRunResult().Results.Single();

        Assert.That(Outputs(result), Is.Not.Empty.And.All.EqualTo(IncrementalStepRunReason.Cached));
    }

    [Test]
    public void Edit_OfOneContract_WritesOnlyThatOneAnew()
    {
        CSharpCompilation before = GeneratorHarness.Compile(First, Second);
        GeneratorDriver driver = GeneratorHarness.Driver().RunGenerators(before);
        string edited = Second.Replace("string Article", "string Article, int Count", StringComparison.Ordinal);
        Compilation after = before.ReplaceSyntaxTree(before.SyntaxTrees.Last(), GeneratorHarness.Parse(edited));

        GeneratorRunResult result = driver.RunGenerators(after).GetRunResult().Results.Single();

        Assert.That(
            Reasons(result, "Contracts").Count(reason => reason == IncrementalStepRunReason.Modified),
            Is.EqualTo(2),
            "Line, and Order, whose lines are longer now"
        );
        Assert.That(Reasons(result, "Enums"), Is.All.AnyOf(IncrementalStepRunReason.Cached, IncrementalStepRunReason.Unchanged));
        Assert.That(Reasons(result, "Unions"), Is.All.AnyOf(IncrementalStepRunReason.Cached, IncrementalStepRunReason.Unchanged));
        Assert.That(
            Outputs(result).Count(reason => reason == IncrementalStepRunReason.Modified),
            Is.EqualTo(3),
            "both, and the registry, which has arities"
        );
    }

    [Test]
    public void Edit_OfANameOfAMember_WritesOnlyThatContractAnew()
    {
        CSharpCompilation before = GeneratorHarness.Compile(First, Second);
        GeneratorDriver driver = GeneratorHarness.Driver().RunGenerators(before);
        string edited = Second.Replace("string Article", "string Name", StringComparison.Ordinal);
        Compilation after = before.ReplaceSyntaxTree(before.SyntaxTrees.Last(), GeneratorHarness.Parse(edited));

        GeneratorRunResult result = driver.RunGenerators(after).GetRunResult().Results.Single();

        Assert.That(Reasons(result, "Contracts").Count(reason => reason == IncrementalStepRunReason.Modified), Is.EqualTo(1));
        Assert.That(Outputs(result).Count(reason => reason == IncrementalStepRunReason.Modified), Is.EqualTo(1));
    }

    private static IEnumerable<IncrementalStepRunReason> Reasons(GeneratorRunResult result, string step) =>
        result.TrackedSteps[step].SelectMany(run => run.Outputs).Select(output => output.Reason);

    private static IEnumerable<IncrementalStepRunReason> Outputs(GeneratorRunResult result) =>
        result.TrackedOutputSteps.SelectMany(step => step.Value).SelectMany(run => run.Outputs).Select(output => output.Reason);
}
