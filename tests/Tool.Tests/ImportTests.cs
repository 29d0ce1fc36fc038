using CloudScale.Tool.Contracts;
using CloudScale.Tool.Contracts.Erlang;

namespace CloudScale.Tool.Tests;

/// <summary>Declarations of Erlang, one form at a time, and the C# they become.</summary>
public sealed class ImportTests
{
    private string _folder = "";

    [SetUp]
    public void NewFolder() => _folder = Directory.CreateTempSubdirectory("cloudscale-import-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    private string Put(string name, string text)
    {
        string file = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return file;
    }

    private string Import(string text, Preprocessor? preprocessor = null) =>
        Importer.Import([Put("given.hrl", text)], preprocessor ?? new Preprocessor([], null), "Given");

    /// <summary>The lines between the braces of a type, trimmed.</summary>
    private static string[] Body(string text, string type)
    {
        string[] lines = text.Split('\n');
        int start = Array.FindIndex(lines, line => line.EndsWith(type, StringComparison.Ordinal));
        Assert.That(start, Is.GreaterThanOrEqualTo(0), $"{type} is not in\n{text}");
        return [.. lines.Skip(start + 2).TakeWhile(line => line != "}").Select(line => line.Trim())];
    }

    [TestCase("x", "public object X { get; init; } = Atom.Of(\"undefined\");")]
    [TestCase("x = 5", "public object X { get; init; } = 5L;")]
    [TestCase("x = []", "public object X { get; init; } = List.Empty;")]
    [TestCase("x = make()", "public required object X { get; init; }")]
    [TestCase("x :: integer()", "public long? X { get; init; }")]
    [TestCase("x = 16#ff :: byte()", "public long X { get; init; } = 255;")]
    [TestCase("x = -1 :: integer()", "public long X { get; init; } = -1;")]
    [TestCase("x = 1 bsl 4 :: 0..16#FF", "public required long X { get; init; }")]
    [TestCase("x = 1.5e3 :: float()", "public double X { get; init; } = 1500d;")]
    [TestCase("x = false :: boolean()", "public bool X { get; init; } = false;")]
    [TestCase("x = undefined :: pid() | undefined", "public Pid? X { get; init; }")]
    [TestCase("x = 'A b' :: atom()", "public Atom X { get; init; } = Atom.Of(\"A b\");")]
    [TestCase("x = [] :: [pid()]", "public ImmutableArray<Pid> X { get; init; } = [];")]
    [TestCase("x :: {integer(), N :: binary()}", "public (long, Binary)? X { get; init; }")]
    [TestCase("x :: {ok, integer()}", "public Tuple? X { get; init; }")]
    [TestCase("x :: integer() | atom()", "public object X { get; init; } = Atom.Of(\"undefined\");")]
    [TestCase("x :: #other{}", "public Tuple? X { get; init; }")]
    [TestCase("x :: fun((A :: integer()) -> ok)", "public object X { get; init; } = Atom.Of(\"undefined\");")]
    [TestCase("x = #{} :: #{a := integer()}", "public required Map X { get; init; }")]
    [TestCase("x :: <<_:8, _:_*16>>", "public Binary? X { get; init; }")]
    [TestCase("x :: <<_:7>>", "public object X { get; init; } = Atom.Of(\"undefined\");")]
    [TestCase("x :: nonempty_list(integer())", "public ImmutableArray<long>? X { get; init; }")]
    [TestCase("x :: [integer(), ...]", "public ImmutableArray<long>? X { get; init; }")]
    public void Record_Field_IsTheProperty(string field, string property) =>
        Assert.That(Body(Import($"-record(r, {{{field}}})."), "sealed partial record R"), Is.EqualTo(new[] { property }));

    [Test]
    public void Record_StringField_IsACharlist() =>
        Assert.That(
            Body(Import("-record(r, {x = \"a\\\"b\" :: string()})."), "sealed partial record R"),
            Is.EqualTo(new[] { "[TermMember(Text = TermText.Charlist)]", "public string X { get; init; } = \"a\\\"b\";" })
        );

    [Test]
    public void Names_ThatCSharpHasNot_AreChanged()
    {
        string text = Import("-record('my-rec', {r, 'R' = 1, 'my-rec', 'MyRec', '2nd', equals}).\n-record(pid, {a}).");
        Assert.That(text, Does.Contain("[Term(\"my-rec\", Shape = TermShape.Record)]"));
        Assert.That(
            Body(text, "sealed partial record MyRec").Select(line => line.Split(' ')[2]),
            Is.EqualTo(new[] { "R", "R2", "MyRec2", "MyRec3", "N2nd", "Equals2" })
        );
        Assert.That(text, Does.Contain("record Pid2"), "Pid is a type of ours");
    }

    [Test]
    public void Type_OfAtoms_IsAnEnum() =>
        Assert.That(
            Body(Import("-type colour() :: red | dark_blue | 'sea-green'."), "enum Colour"),
            Is.EqualTo(new[] { "Red,", "DarkBlue,", "[TermName(\"sea-green\")] SeaGreen," })
        );

    [Test]
    public void Type_OfTaggedTuples_IsAUnion()
    {
        string text = Import("-type reply(T) :: {ok, T}.\n-type answer() :: stop | {ok, integer()} | {error, atom(), [binary()]}.");
        Assert.That(text, Does.Contain("[TermUnion]\npublic abstract partial record Answer"));
        Assert.That(text, Does.Contain("[Term(\"stop\", Shape = TermShape.Atom)]\n    public sealed partial record Stop : Answer;"));
        Assert.That(text, Does.Contain("public required ImmutableArray<Binary> Item2 { get; init; }"));
        CompiledContracts.Compile([text]);
    }

    [Test]
    public void Type_OfAMap_HasItsKeys() =>
        Assert.That(
            Body(
                Import("-type options() :: #{timeout := integer(), 'Name' => binary(), flags => [atom()]}."),
                "sealed partial record Options"
            ),
            Is.EqualTo(
                new[]
                {
                    "public required long Timeout { get; init; }",
                    "[TermMember(\"Name\", Optional = true)]",
                    "public Binary? Name { get; init; }",
                    "[TermMember(Optional = true)]",
                    "public ImmutableArray<Atom>? Flags { get; init; }",
                }
            )
        );

    [Test]
    public void Spec_WithClausesAndConstraints_GivesItsResult()
    {
        string text = Import("-spec find(K, [V]) -> {found, V} when V :: integer(); (K, none) -> not_found when K :: atom().");
        Assert.That(text, Does.Contain("partial record FindResult").And.Contain("What <c>find/2</c> returns."));
        Assert.That(text, Does.Contain("public required long Value { get; init; }"));
    }

    [Test]
    public void Types_ThatLeadInCircles_EndAsAnyTerm() =>
        Assert.That(
            Body(
                Import("-type tree() :: leaf() | [tree()].\n-type leaf() :: tree().\n-record(r, {x :: tree()})."),
                "sealed partial record R"
            )[0],
            Does.StartWith("public object X")
        );

    [Test]
    public void Preprocessor_MacrosConditionsAndIncludes_Count()
    {
        Put("inc/shared.hrl", "-ifndef(SHARED).\n-define(SHARED, true).\n-define(LIMIT, 7).\n-record(shared, {a}).\n-endif.\n");
        Preprocessor preprocessor = new([Path.Combine(_folder, "inc")], null);
        string text = Import(
            """
            -include("shared.hrl"). -include("shared.hrl"). -include("nowhere.hrl").
            -ifdef(NOT_DEFINED).
            -record(hidden, {a}).
            -else.
            -record(shown, {x = ?LIMIT :: integer(), s :: #shared{}, y = ?MODULE}). % a comment.
            -endif.
            f(X) -> "a string. with dots" ++ [$., $\\, X].
            """,
            preprocessor
        );
        Assert.That(text, Does.Not.Contain("hidden"));
        Assert.That(
            Body(text, "sealed partial record Shown"),
            Is.EqualTo(
                new[] { "public long X { get; init; } = 7;", "public Shared? S { get; init; }", "public required object Y { get; init; }" }
            )
        );
        Assert.That(preprocessor.Missing, Is.EqualTo(new[] { "nowhere.hrl" }));
    }

    [TestCase("-record(r, {a,\n b :: }).", "given.hrl:2: expected a type, found '}'")]
    [TestCase("-record(r, {a b}).", "given.hrl:1: expected ',', found 'b'")]
    [TestCase("-type t() :: 'never closed.", "given.hrl:1: a ' that is never closed")]
    [TestCase("-type t() :: {a,", "expected a type, found the end of the file")]
    public void Source_ThatCannotBeRead_SaysWhere(string text, string error) =>
        Assert.That(() => Import(text), Throws.TypeOf<SourceException>().With.Message.Contains(error));

    [TestCase("FOR1\0\0\0\u0004", "no .beam file")]
    [TestCase("FOR1\0\0\0\u0004BEAM", "holds no abstract code")]
    [TestCase("FOR1\0\0\0\u0004BEAMDbgi\u007f\0\0\0", "longer than the file")]
    [TestCase("FOR1\0\0\0\u0004BEAMDbgi\0\0\0\u0001x\0\0\0", "is no term")]
    public void Beam_ThatCannotBeRead_SaysWhy(string bytes, string error)
    {
        string file = Path.Combine(_folder, "given.beam");
        File.WriteAllBytes(file, System.Text.Encoding.Latin1.GetBytes(bytes));
        Assert.That(
            () => Importer.Import([file], new Preprocessor([], null), "Given"),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains(error)
        );
    }
}
