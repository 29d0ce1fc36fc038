using System.Diagnostics;
using CloudScale.Testing;
using CloudScale.Tool.Contracts;
using CloudScale.Tool.Contracts.Erlang;

namespace CloudScale.Tool.Tests;

/// <summary>Declarations made of contracts: as written, and as the compilers of Erlang and Elixir take them.</summary>
public sealed class ExportTests
{
    private const string Source = """
        #nullable enable
        using System.Collections.Generic;
        using System.Collections.Immutable;
        using CloudScale;

        namespace Shop;

        [Term("user", Shape = TermShape.Record)]
        public sealed partial record User([property: TermMember(Text = TermText.Charlist)] string Name, int? Age, Address Home, List<Pid> Friends);

        [Term("address", Shape = TermShape.Record)]
        public sealed partial record Address(string Street, (int, double) Place);

        [Term("ping")]
        public sealed partial record Ping(Pid From, long N);

        [Term(Shape = TermShape.Map)]
        public sealed partial record Settings(bool Verbose, [property: TermMember("Log Level", Optional = true)] Colour? Level, Dictionary<Atom, object> Rest);

        [Term]
        public enum Colour { Red, [TermName("dark blue")] DarkBlue }

        [Term(Shape = TermShape.Keywords)]
        public sealed partial record Options(int Timeout = 5, bool Sync = false);

        [Term("Shop.Order", Shape = TermShape.Struct)]
        public sealed partial record Order(long Id, string? Customer, ImmutableArray<Colour> Colours);

        [TermUnion]
        public abstract partial record Reply
        {
            [Term("ok")]
            public sealed partial record Ok(long Value) : Reply;

            [Term("none", Shape = TermShape.Atom)]
            public sealed partial record None : Reply;
        }
        """;

    private string _folder = "";

    [SetUp]
    public void NewFolder() => _folder = Directory.CreateTempSubdirectory("cloudscale-export-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    private string Export(Dialect dialect)
    {
        string file = Path.Combine(_folder, "Shop.dll");
        File.WriteAllBytes(file, CompiledContracts.Emit([Source]));
        return DeclarationFile.Write(ContractReader.Read(file), "Shop.dll", dialect, "Shop.Types");
    }

    [Test]
    public void Export_ForErlang_SaysWhatTheContractsAre() =>
        Assert.That(
            Export(Dialect.Erlang),
            Is.EqualTo(
                """
                %% Made by 'cloudscale contracts export' from Shop.dll.
                -record(address, {
                    street :: binary(),
                    place :: {integer(), float()}
                }).
                -record(user, {
                    name :: string(),
                    age :: integer() | undefined,
                    home :: #address{},
                    friends :: [pid()]
                }).
                -type colour() :: red | 'dark blue'.
                -type options() :: [{timeout, integer()} | {sync, boolean()}].
                -type order() :: #{'__struct__' := 'Elixir.Shop.Order', id := integer(), customer := binary() | nil, colours := [colour()]}.
                -type ping() :: {ping, pid(), integer()}.
                -type reply() :: reply_ok() | reply_none().
                -type reply_none() :: none.
                -type reply_ok() :: {ok, integer()}.
                -type settings() :: #{verbose := boolean(), 'Log Level' => colour() | undefined, rest := #{atom() => term()}}.

                """
            )
        );

    [Test]
    public void Export_ForElixir_SaysWhatTheContractsAre() =>
        Assert.That(
            Export(Dialect.Elixir),
            Is.EqualTo(
                """
                # Made by 'cloudscale contracts export' from Shop.dll.

                defmodule Shop.Order do
                  defstruct [:id, :customer, :colours]

                  @type t :: %__MODULE__{id: integer(), customer: String.t() | nil, colours: [Shop.Types.colour()]}
                end

                defmodule Shop.Types do
                  @type address :: {:address, String.t(), {integer(), float()}}
                  @type colour :: :red | :"dark blue"
                  @type options :: [{:timeout, integer()} | {:sync, boolean()}]
                  @type ping :: {:ping, pid(), integer()}
                  @type reply :: reply_ok() | reply_none()
                  @type reply_none :: :none
                  @type reply_ok :: {:ok, integer()}
                  @type settings :: %{:verbose => boolean(), optional(:"Log Level") => colour() | :undefined, :rest => %{atom() => term()}}
                  @type user :: {:user, charlist(), integer() | :undefined, address(), [pid()]}
                end

                """
            )
        );

    [TestCase(
        "Elixir",
        "%{:type => :circle, :radius => float()}",
        "{:invoice, DateTime.t(), NaiveDateTime.t(), [Date.t()], Time.t() | :undefined, Decimal.t(), pid()}"
    )]
    [TestCase("Erlang", "#{type := circle, radius := float()}", "{invoice, map(), map(), [map()], map() | undefined, map(), pid()}")]
    public void Export_OfStructsOfElixirTypedPidsAndMapsWithATag_SaysWhatTheyAre(string dialect, string circle, string invoice)
    {
        const string More = """
            #nullable enable
            using CloudScale;

            namespace Shop;

            [TermUnion(Key = "type")]
            public abstract partial record Figure
            {
                [Term("circle", Shape = TermShape.Map)]
                public sealed partial record Circle(double Radius) : Figure;
            }

            [Term("invoice")]
            public sealed partial record Invoice(
                [property: TermMember(Time = TermTime.Elixir)] DateTimeOffset At,
                [property: TermMember(Time = TermTime.Elixir)] DateTime Local,
                [property: TermMember(Time = TermTime.Elixir)] DateOnly[] Days,
                [property: TermMember(Time = TermTime.Elixir)] TimeOnly? Time,
                [property: TermMember(Decimal = TermDecimal.Elixir)] decimal Total,
                Pid<Figure> To
            );
            """;
        string file = Path.Combine(_folder, "More.dll");
        File.WriteAllBytes(file, CompiledContracts.Emit([More]));
        string text = DeclarationFile.Write(ContractReader.Read(file), "More.dll", Enum.Parse<Dialect>(dialect), "Shop.Types");
        Assert.That(text, Does.Contain(circle).And.Contain(invoice));
    }

    [Test]
    [Category("OtpNode")]
    public async Task Export_ForErlang_CompilesAndComesBackAsTheSameContracts()
    {
        OtpInstallation.Require();
        string header = Path.Combine(_folder, "shop.hrl");
        await File.WriteAllTextAsync(header, Export(Dialect.Erlang));
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "shop.erl"),
            """
            -module(shop).
            -export([user/0, f/1]).
            -export_type([colour/0, options/0, order/0, ping/0, reply/0, settings/0]).
            -include("shop.hrl").
            -spec f(ping()) -> reply() | settings().
            f({ping, _, N}) -> {ok, N}.
            user() -> #user{name = "x", home = #address{}}.
            """
        );
        await Compile("erlc", "-Werror", "-o", _folder, Path.Combine(_folder, "shop.erl"));
        string back = Importer.Import([header], new Preprocessor([], null), "Back");
        CompiledContracts.Compile([back]);
        Assert.That(back, Does.Contain("public long? Age").And.Contain("enum Colour").And.Contain("public Address? Home"));
    }

    [Test]
    [Category("OtpNode")]
    public async Task Export_ForElixir_Compiles()
    {
        if (OtpInstallation.Find("elixirc") is null)
            Assert.Ignore("No Elixir on the path: elixirc is needed.");
        string file = Path.Combine(_folder, "shop.ex");
        await File.WriteAllTextAsync(file, Export(Dialect.Elixir));
        await Compile("elixirc", "--warnings-as-errors", "-o", _folder, file);
    }

    [Test]
    public void Export_OfNoAssembly_SaysSo()
    {
        string file = Path.Combine(_folder, "no.dll");
        File.WriteAllText(file, "no assembly");
        Assert.That(() => ContractReader.Read(file), Throws.TypeOf<InvalidDataException>().With.Message.Contains("no.dll cannot be read"));
    }

    private static async Task Compile(string program, params string[] arguments)
    {
        using Process process = OtpInstallation.Start(program, OtpInstallation.FreePort(), arguments);
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.That(process.ExitCode, Is.Zero, output + await errors);
    }
}
