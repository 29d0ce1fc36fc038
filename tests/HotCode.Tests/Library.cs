using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace CloudScale.HotCode.Tests;

/// <summary>Versions of a library of behaviours, compiled when a test asks for them.</summary>
internal static class Library
{
    public const string Name = "Shop";
    public const string Counter = "Shop.Counter";
    public const string Door = "Shop.Door";
    public const string Tree = "Shop.Tree";
    public const string Journal = "Shop.Journal";
    public const string Till = "Shop.Till";

    private static readonly ImmutableArray<MetadataReference> s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path =>
                Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal)
                || Path.GetFileName(path).StartsWith("CloudScale.", StringComparison.Ordinal)
            )
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private const string Usings = """
        global using System; global using System.Threading.Tasks; global using CloudScale;
        global using Tuple = CloudScale.Tuple; global using List = CloudScale.List;
        """;

    /// <summary>The first version: its state is a number; a door that is locked or not; a supervisor with two counters.</summary>
    public static CodeImage First { get; } =
        Compile(
            "1.0.0.0",
            """
            namespace Shop;
            public sealed class Counter : GenServer
            {
                private long _count;
                protected override ProcessTask<Next> HandleCall(object request, From from) => request switch
                {
                    Atom { Name: "version" } => Reply("one"),
                    Atom { Name: "slow" } => Slow(),
                    _ => Reply(++_count),
                };
                private async ProcessTask<Next> Slow() { await Self.Sleep(TimeSpan.FromSeconds(30)); return Reply(0L); }
                protected override object GetState() => _count;
            }
            public sealed class Door : GenStateMachine<Atom>
            {
                protected override ProcessTask<Transition<Atom>> Init() => NextState("locked").WithStateTimeout(TimeSpan.FromMinutes(1), "unlock");
                protected override ProcessTask<Transition<Atom>> HandleEvent(StateEvent e) => e.Type switch
                {
                    StateEventType.StateTimeout => NextState("open"),
                    StateEventType.Call => KeepState.Reply(e.From, Tuple.Of("one", State)),
                    _ => KeepState.Postpone(),
                };
                protected override object GetData() => 5L;
            }
            public sealed class Tree : Supervisor
            {
                protected override ProcessTask<SupervisorInit> Init() => OneForOne(
                    new ChildSpec("a", () => new Counter()), new ChildSpec("b", () => new Counter()));
            }
            public sealed class Journal : GenEventHandler
            {
                private long _count;
                protected override ProcessTask<HandlerNext> HandleEvent(object happened) { _count++; return HandlerNext.Ok; }
                protected override ProcessTask<HandlerNext> HandleCall(object request) => HandlerNext.Reply(Tuple.Of("one", _count));
                protected override object GetState() => _count;
            }
            public sealed class Till(CloudScale.HotCode.Tests.IDrawer drawer) : GenServer
            {
                private long _count;
                protected override ProcessTask<Next> HandleCall(object request, From from) => request switch
                {
                    Atom { Name: "version" } => Reply(Tuple.Of("one", drawer.Number)),
                    Atom { Name: "crash" } => throw new InvalidOperationException("as asked"),
                    _ => Reply(++_count),
                };
                protected override object GetState() => _count;
            }
            """
        );

    /// <summary>The second version: its state is a pair, and it knows how one becomes the other.</summary>
    public static CodeImage Second { get; } = Compile("2.0.0.0", SecondSource(""));

    /// <summary>A second version whose migration fails for a counter that stands at a multiple of three.</summary>
    public static CodeImage Failing { get; } =
        Compile("2.0.0.1", SecondSource("""if (count % 3 == 0) throw ErlangException.Error((Atom)"no_multiples_of_three");"""));

    /// <summary>A third version that has no counter.</summary>
    public static CodeImage Without { get; } = Compile("3.0.0.0", "namespace Shop; public sealed class Other : GenServer;");

    /// <summary>A third version that can take no state.</summary>
    public static CodeImage Stateless { get; } = Compile("3.0.0.1", "namespace Shop; public sealed class Counter : GenServer;");

    private static string SecondSource(string check) =>
        $$"""
            namespace Shop;
            public sealed class Counter : GenServer
            {
                private long _count;
                private string _from = "nowhere";
                protected override ProcessTask<Next> HandleCall(object request, From from) => request switch
                {
                    Atom { Name: "version" } => Reply("two"),
                    Atom { Name: "from" } => Reply(_from),
                    _ => Reply(++_count),
                };
                protected override ProcessTask<object> MigrateState(object state, object oldVersion, object extra)
                {
                    long count = (long)state;
                    {{check}}
                    return new(Tuple.Of(count, $"{oldVersion} {extra}"));
                }
                protected override object GetState() => Tuple.Of(_count, _from);
                protected override void SetState(object state) => (_count, _from) = ((long)((Tuple)state)[0], (string)((Tuple)state)[1]);
            }
            public sealed class Door : GenStateMachine<Atom>
            {
                private object _data = 0L;
                protected override ProcessTask<Transition<Atom>> Init() => NextState("locked");
                protected override ProcessTask<Transition<Atom>> HandleEvent(StateEvent e) => e.Type switch
                {
                    StateEventType.StateTimeout => NextState("open"),
                    StateEventType.Call => KeepState.Reply(e.From, Tuple.Of("two", State, _data)),
                    StateEventType.Cast when State.Name == "open" => Later(e.Content),
                    _ => KeepState.Postpone(),
                };
                private Transition<Atom> Later(object content) { _data = content; return KeepState; }
                protected override object GetData() => _data;
                protected override void SetData(object data) => _data = data;
            }
            public sealed class Tree : Supervisor
            {
                protected override ProcessTask<SupervisorInit> Init() => OneForAll(
                    new ChildSpec("a", () => new Counter()), new ChildSpec("b", () => new Counter()), new ChildSpec("c", () => new Counter()));
            }
            public sealed class Journal : GenEventHandler
            {
                private long _count;
                private string _from = "nowhere";
                protected override ProcessTask<HandlerNext> HandleEvent(object happened) { _count++; return HandlerNext.Ok; }
                protected override ProcessTask<HandlerNext> HandleCall(object request) => HandlerNext.Reply(Tuple.Of("two", _count, _from));
                protected override ProcessTask<object> MigrateState(object state, object oldVersion, object extra)
                {
                    long count = (long)state;
                    {{check}}
                    return new(Tuple.Of(count, $"{oldVersion} {extra}"));
                }
                protected override object GetState() => Tuple.Of(_count, _from);
                protected override void SetState(object state) => (_count, _from) = ((long)((Tuple)state)[0], (string)((Tuple)state)[1]);
            }
            public sealed class Till(CloudScale.HotCode.Tests.IDrawer drawer) : GenServer
            {
                private long _count;
                protected override ProcessTask<Next> HandleCall(object request, From from) => request switch
                {
                    Atom { Name: "version" } => Reply(Tuple.Of("two", drawer.Number)),
                    Atom { Name: "crash" } => throw new InvalidOperationException("as asked"),
                    _ => Reply(++_count),
                };
                protected override object GetState() => _count;
                protected override void SetState(object state) => _count = (long)state;
            }
            """;

    private static CodeImage Compile(string version, string source)
    {
        CSharpParseOptions parse = new(LanguageVersion.CSharp14);
        CSharpCompilation compilation = CSharpCompilation.Create(
            Name,
            ((string[])[Usings, $"[assembly: System.Reflection.AssemblyVersion(\"{version}\")]", source]).Select(text =>
                CSharpSyntaxTree.ParseText(text, parse)
            ),
            s_references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release)
        );
        using MemoryStream image = new();
        Microsoft.CodeAnalysis.Emit.EmitResult result = compilation.Emit(image);
        return result.Success ? new CodeImage(image.ToArray()) : throw new InvalidOperationException(string.Join("\n", result.Diagnostics));
    }
}
