using Microsoft.CodeAnalysis;

namespace CloudScale.Contracts.Tests;

/// <summary>What the generator refuses: by an id, at the place, in words that say what to do.</summary>
[TestFixture]
internal sealed class DiagnosticTests
{
    [TestCase(
        "CST001",
        "[Term] public record P(int X);",
        "'P' needs the modifier 'partial' here, so that its reader and writer can be added",
        "P"
    )]
    [TestCase(
        "CST001",
        "public class Outer { [Term] public partial record P(int X); }",
        "'Outer' needs the modifier 'partial' here, so that its reader and writer can be added",
        "Outer"
    )]
    [TestCase(
        "CST002",
        "[Term] public partial record P(System.Threading.Thread T);",
        "'T' has the type 'System.Threading.Thread', which stands for no term: mark it with [Term], or hold the term as an object",
        "T"
    )]
    [TestCase(
        "CST002",
        "[Term] public partial record P(char T);",
        "'T' has the type 'char', which stands for no term: mark it with [Term], or hold the term as an object",
        "T"
    )]
    [TestCase(
        "CST002",
        "[Term] public partial record P(DayOfWeek Day);",
        "'Day' has the type 'System.DayOfWeek', which stands for no term: mark the enum with [Term], and its members are atoms",
        "Day"
    )]
    [TestCase(
        "CST002",
        "[Term] public partial record P(Dictionary<int?, int> D);",
        "'D' has the type 'System.Collections.Generic.Dictionary<int?, int>', which stands for no term: a key cannot be null",
        "D"
    )]
    [TestCase(
        "CST002",
        "[Term] public partial record P<T>(T Item);",
        "'Item' has the type 'T', which stands for no term: it needs the constraint 'where T : ITermContract<T>'",
        "Item"
    )]
    [TestCase(
        "CST002",
        "[Term] public partial record P([property: TermMember(Time = TermTime.Calendar)] TimeSpan D);",
        "'D' has the type 'System.TimeSpan', which stands for no term: a duration has no calendar",
        "D"
    )]
    [TestCase(
        "CST003",
        "[Term] public partial class P { public P(int x) { } }",
        "'P' has no constructor all of whose parameters have a public property of their name",
        "P"
    )]
    [TestCase(
        "CST003",
        "[Term] public abstract partial record P(int X);",
        "'P' has no constructor all of whose parameters have a public property of their name",
        "P"
    )]
    [TestCase(
        "CST004",
        "[Term(Shape = TermShape.Map)] public partial record P(int X, [property: TermMember(\"x\")] int Y);",
        "'X' and 'Y' are both 'x' in the term",
        "Y"
    )]
    [TestCase("CST004", "[Term] public enum E { A, [TermName(\"a\")] B }", "'A' and 'B' are both 'a' in the term", "B")]
    [TestCase(
        "CST005",
        "[Term] public partial record P([property: TermMember(Position = 3)] int X, int Y);",
        "'X' cannot stand at position 3: there are 2 members",
        "X"
    )]
    [TestCase(
        "CST005",
        "[Term] public partial record P([property: TermMember(Position = 1)] int X, [property: TermMember(Position = 1)] int Y);",
        "'Y' cannot stand at position 1: 'X' is there",
        "Y"
    )]
    [TestCase("CST006", "[Term(\"\")] public partial record P(int X);", "'' is no name for 'P': it is empty", "P")]
    [TestCase(
        "CST006",
        "[Term(Shape = TermShape.Map, Keys = TermKeys.Charlist)] public partial record P([property: TermMember(\"€\")] int X);",
        "'€' is no name for 'X': a key that is a list of characters has none beyond U+00FF",
        "X"
    )]
    [TestCase(
        "CST007",
        "[Term(Shape = TermShape.Record)] public partial record P(int X);",
        "'P' cannot have this shape: it needs a tag",
        "P"
    )]
    [TestCase(
        "CST007",
        "[Term(\"p\", Shape = TermShape.Map)] public partial record P(int X);",
        "'P' cannot have this shape: maps and keyword lists have no tag",
        "P"
    )]
    [TestCase(
        "CST007",
        "[Term(\"p\", Shape = TermShape.Atom)] public partial record P(int X);",
        "'P' cannot have this shape: an atom has no members",
        "P"
    )]
    [TestCase(
        "CST007",
        "[Term(Keys = TermKeys.Binary)] public partial record P(int X);",
        "'P' cannot have this shape: only maps have keys of another kind",
        "P"
    )]
    [TestCase(
        "CST008",
        "[TermUnion] public partial record U { [Term(\"a\")] public partial record A : U; }",
        "'U' cannot be a union: it is not abstract, so a value might be none of its cases",
        "U"
    )]
    [TestCase(
        "CST006",
        "[TermUnion(Key = \"t\")] public abstract partial record U { [Term(\"a\", Shape = TermShape.Map)] public partial record A([property: TermMember(\"t\")] int X) : U; }",
        "'t' is no name for 'X': it is the key of the tag",
        "X"
    )]
    [TestCase(
        "CST008",
        "[TermUnion(Key = \"t\")] public abstract partial record U { [Term(\"a\")] public partial record A : U; }",
        "'U' cannot be a union: it has a key, 't', and no maps with a tag",
        "U"
    )]
    [TestCase(
        "CST008",
        "[TermUnion(Key = \"t\")] public abstract partial record U { [Term(\"a\", Shape = TermShape.Map)] public partial record A : U; [Term(\"b\", Shape = TermShape.Map, Keys = TermKeys.Binary)] public partial record B : U; }",
        "'U' cannot be a union: the keys of its maps are of several kinds",
        "U"
    )]
    [TestCase(
        "CST008",
        "[TermUnion] public abstract partial record U;",
        "'U' cannot be a union: it has no cases: nest types in it that derive from it and have [Term]",
        "U"
    )]
    [TestCase(
        "CST008",
        "[TermUnion] public abstract partial record U { [Term(\"a\")] public partial record A : U; [Term(\"a\")] public partial record B : U; }",
        "'U' cannot be a union: two cases are {a}",
        "B"
    )]
    [TestCase(
        "CST008",
        "[TermUnion] public abstract partial record U { [Term] public partial record A(int X) : U; }",
        "'U' cannot be a union: its case A has no tag to be told by",
        "A"
    )]
    [TestCase(
        "CST008",
        "[TermUnion(typeof(A))] public abstract partial record U; [Term(\"a\")] public partial record A;",
        "'U' cannot be a union: its case A does not derive from it",
        "A"
    )]
    [TestCase(
        "CST009",
        "[Term] public partial record P([property: TermMember(Optional = true)] int X);",
        "'X' cannot have Optional: an element of a tuple cannot be absent",
        "X"
    )]
    [TestCase(
        "CST009",
        "[Term] public partial record P([property: TermMember(Text = TermText.Atom)] int X);",
        "'X' cannot have Text: it holds no string",
        "X"
    )]
    [TestCase(
        "CST009",
        "[Term] public partial record P([property: TermMember(Null = TermNull.Nil)] int X);",
        "'X' cannot have Null: it cannot be null",
        "X"
    )]
    [TestCase(
        "CST009",
        "[Term(Shape = TermShape.Map)] public partial record P([property: TermMember(Position = 1)] int X);",
        "'X' cannot have Position: it is found by its name",
        "X"
    )]
    [TestCase(
        "CST010",
        "[Term, Flags] public enum E { A, B }",
        "'E' cannot be atoms: flags are several at once; a list of another enum says that",
        "E"
    )]
    [TestCase("CST010", "[Term] public enum E { }", "'E' cannot be atoms: it has no members", "E")]
    [TestCase(
        "CST011",
        """
            [CloudScale.ErlangModule] public partial class M { [CloudScale.ErlangFunction] public static void F<T>() { } }
            namespace CloudScale { public sealed class ErlangModuleAttribute : System.Attribute; public sealed class ErlangFunctionAttribute : System.Attribute; }
            """,
        "'F' cannot be exported: it has type parameters",
        "F"
    )]
    public void Contract_ThatCannotBe_IsRefusedAtItsPlace(string id, string source, string message, string place)
    {
        GeneratorRunResult result = GeneratorHarness.Run(source);

        Diagnostic diagnostic = result.Diagnostics.Single();
        Assert.That(diagnostic.Id, Is.EqualTo(id));
        Assert.That(diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture), Is.EqualTo(message));
        Assert.That(source.Substring(diagnostic.Location.SourceSpan.Start, diagnostic.Location.SourceSpan.Length), Is.EqualTo(place));
    }

    [Test]
    public void Diagnostics_OfTheGenerator_AllHaveALineOnTheirPage()
    {
        string page = File.ReadAllText(Path.Combine(SnapshotTests.FindRoot(), "serialization", "Generators", "README.md"));
        IEnumerable<DiagnosticDescriptor> descriptors = typeof(Serialization.Generators.Diagnostics)
            .GetFields()
            .Select(field => field.GetValue(null))
            .OfType<DiagnosticDescriptor>();
        Assert.That(
            descriptors.Select(descriptor => descriptor.Id).Where(id => !page.Contains($"| {id} |", StringComparison.Ordinal)),
            Is.Empty
        );
    }

    [TestCase("UserId", "user_id")]
    [TestCase("N", "n")]
    [TestCase("HTTPPort", "http_port")]
    [TestCase("X2", "x2")]
    [TestCase("already_snake", "already_snake")]
    [TestCase("Größe", "größe")]
    public void Name_InCSharp_IsSnakeCaseInTheTerm(string name, string expected) =>
        Assert.That(Serialization.Generators.Parsing.Names.ToSnakeCase(name), Is.EqualTo(expected));
}
