namespace CloudScale.Analyzers.Tests;

[TestFixture]
internal sealed class MessageTests
{
    [TestCase("class M { public int N { get; set; } }", "M.N can be set")]
    [TestCase("class M { public int N; }", "M.N is not readonly")]
    [TestCase("class M { private int _n; public void Add() => _n++; }", "M._n is not readonly")]
    [TestCase("class M { public int N { get; private set; } public void Add() { N += 1; } }", "M.N can be set")]
    [TestCase("record M { public List<int> Lines { get; init; } = []; }", "M.Lines is a List<int>")]
    [TestCase("record M() { private readonly List<int> _lines = []; public int Count => _lines.Count; }", "M._lines is a List<int>")]
    [TestCase("class M { public readonly int[] Ns = []; }", "M.Ns is an array")]
    [TestCase("class M { public IDictionary<string, int> Map { get; init; } = null!; }", "M.Map is an IDictionary<string, int>")]
    [TestCase("class M { public ConcurrentQueue<int> Queue { get; } = new(); }", "M.Queue is a ConcurrentQueue<int>")]
    [TestCase("class M { public Action Then { get; init; } = null!; }", "M.Then is a delegate, which holds its variables")]
    [TestCase("class M { public Task Task { get; init; } = null!; }", "M.Task is a Task")]
    [TestCase("class M { public event Action? Done; public void Raise() => Done?.Invoke(); }", "M.Done is an event")]
    [TestCase("class M { public StringBuilder Text { get; init; } = new(); }", "M.Text is a StringBuilder")]
    [TestCase("class M { public Memory<byte> Bytes { get; init; } }", "M.Bytes is a Memory<byte>")]
    [TestCase("class M : Base { } class Base { public int N { get; set; } }", "M.N can be set")]
    [TestCase("record M { public Part Part { get; init; } = null!; } class Part { public int N { get; set; } }", "M.Part.N can be set")]
    [TestCase(
        "record M { public ImmutableArray<Part> Parts { get; init; } } class Part { public int N { get; set; } }",
        "M.Parts[].N can be set"
    )]
    [TestCase(
        "record M { public IReadOnlyList<Part>? Parts { get; init; } } class Part { public int[] Ns { get; init; } = []; }",
        "M.Parts[].Ns is an array"
    )]
    [TestCase("record M { public (int, List<int>) Pair { get; init; } }", "M.Pair.Item2 is a List<int>")]
    [TestCase("record M { public Part? Part { get; init; } } record struct Part { public List<int> Ns; }", "M.Part.Ns is a List<int>")]
    [TestCase("record M { public M? Next { get; init; } public int N { get; set; } }", "M.N can be set")]
    [TestCase("struct M { public List<int> Ns; }", "M.Ns is a List<int>")]
    public Task Message_OfATypeThatCanChange_IsFound(string type, string how) =>
        Check.Finds(
            Check.Body("self.Send(other, {|CSP001:new M()|});", types: type),
            $"The message 'M' is shared with its receiver and can change: {how}"
        );

    [Test]
    public Task Message_ToATypedPid_IsLookedAtAsWell() =>
        Check.Finds(
            Check.Body("self.Send((Pid<M>)other, {|CSP001:new M()|});", types: "class M { public int N { get; set; } }"),
            "The message 'M' is shared with its receiver and can change: M.N can be set"
        );

    [TestCase("record M(int N, string Text);")]
    [TestCase(
        "record M { public required int N { get; init; } public M() { } [System.Diagnostics.CodeAnalysis.SetsRequiredMembers] public M(int n) => N = n; }"
    )]
    [TestCase("class M { private readonly int _n; public int N => _n; }")]
    [TestCase("class M { private int _n; public M() { _n = 1; } public int N => _n; }")]
    [TestCase("class M { public int N { get; private set; } public static M Of(int n) => new M { N = n }; }")]
    [TestCase("class M { private string? _text; public string Text => _text ??= \"a\"; }")]
    [TestCase("class M { public static int Count { get; set; } public const int Max = 1; }")]
    [TestCase("class M { public int N { get => 1; set { } } }")]
    [TestCase("record M { public ImmutableArray<int> Ns { get; init; } public ImmutableDictionary<string, int>? Map { get; init; } }")]
    [TestCase("record M { public IReadOnlyList<string>? Ns { get; init; } public IEnumerable<int>? Es { get; init; } }")]
    [TestCase(
        "record M { public ReadOnlyMemory<byte> Bytes { get; init; } public Guid Id { get; init; } public DateTime At { get; init; } public Uri? Uri { get; init; } }"
    )]
    [TestCase(
        "record M { public Pid From { get; init; } public Reference Ref { get; init; } public Atom? Name { get; init; } public Tuple? T { get; init; } public Map? Map { get; init; } }"
    )]
    [TestCase("record M { public object? Any { get; init; } public IDisposable? It { get; init; } }")]
    [TestCase("record M { public Func<Self, ProcessTask>? Body { get; init; } }")]
    [TestCase("record M { public M? Next { get; init; } public ImmutableList<M>? All { get; init; } }")]
    [TestCase("record M { public DayOfWeek Day { get; init; } public int? N { get; init; } public (int, string) Pair { get; init; } }")]
    [TestCase("record struct M(int X, int Y) { public int Z; }")]
    [TestCase("struct M { public int N { get; set; } }")]
    [TestCase("record M { public Exception? Error { get; init; } public CancellationToken Token { get; init; } }")]
    public Task Message_OfATypeThatCannotChange_IsNotFound(string type) =>
        Check.FindsNothing(Check.Body("M made = default!; self.Send(other, made); self.Send(other, Tuple.Of(\"m\", made));", types: type));

    [TestCase("self.Send(other, {|CSP001:m|});")]
    [TestCase("self.Send(\"name\", {|CSP001:m|});")]
    [TestCase("self.Send(other, Tuple.Of(\"m\", {|CSP001:m|}));")]
    [TestCase("self.Send(other, Tuple.Of(\"m\", List.Of({|CSP001:m|}, 1L)));")]
    [TestCase("self.Send(self.MakeReference(), {|CSP001:m|});")]
    [TestCase("await self.Call(other, {|CSP001:m|});")]
    [TestCase("await self.SendAsync(other, {|CSP001:m|});")]
    [TestCase("self.Reply(Tuple.Of(other, 1L), {|CSP001:m|});")]
    [TestCase("self.SendAfter(TimeSpan.Zero, other, {|CSP001:m|});")]
    [TestCase("self.StartTimer(TimeSpan.Zero, other, {|CSP001:m|});")]
    [TestCase("self.Exit(other, {|CSP001:m|});")]
    [TestCase("self.System.Send(other, {|CSP001:m|});")]
    [TestCase("self.System.SendAfter(TimeSpan.Zero, other, {|CSP001:m|});")]
    public Task Message_OverEveryWay_IsLookedAt(string statements) =>
        Check.Finds(Check.Body("M m = new(); " + statements, types: "class M { public int N { get; set; } }"));

    [TestCase("byte[] bytes = [1]; self.Send(other, {|CSP001:bytes|}); bytes[0] = 2;")]
    [TestCase("List<int> list = []; for (int i = 0; i < 3; i++) { list.Add(i); self.Send(other, {|CSP001:list|}); }")]
    [TestCase("self.Send(other, {|CSP001:s_bytes|});")]
    [TestCase("Push(self, other, s_bytes); static void Push(Self me, Pid to, byte[] bytes) => me.Send(to, {|CSP001:bytes|});")]
    [TestCase("int n = 1; self.Send(other, {|CSP001:(Func<int>)(() => n)|});")]
    [TestCase("self.Send(other, {|CSP001:Task.Run(() => 1)|});")]
    public Task Collection_ThatTheSenderKeeps_IsFound(string statements) =>
        Check.Finds(Check.Body(statements, "static readonly byte[] s_bytes = [1];"));

    [TestCase("self.Send(other, new byte[] { 1 });")]
    [TestCase("self.Send(other, s_bytes.ToArray());")]
    [TestCase("self.Send(other, new List<int> { 1 });")]
    [TestCase("byte[] bytes = [1]; bytes[0] = 2; self.Send(other, bytes);")]
    [TestCase("for (int i = 0; i < 3; i++) { byte[] bytes = [1]; bytes[0] = (byte)i; self.Send(other, bytes); }")]
    [TestCase("self.Send(other, (Func<Self, ProcessTask>)(async me => { await me.Yield(); }));")]
    public Task Collection_ThatTheReceiverOwns_IsNotFound(string statements) =>
        Check.FindsNothing(Check.Body(statements, "static readonly byte[] s_bytes = [1];"));

    [Test]
    public Task SendOfAnotherType_IsNotFound() =>
        Check.FindsNothing(
            Check.Body(
                "new Box().Send(new M());",
                "sealed class Box { public void Send(object message) { } }",
                "class M { public int N { get; set; } }"
            )
        );

    [TestCase(
        "[Term] partial class M { public int {|CSP002:N|} { get; set; } }",
        "The contract 'M' can change when it is shared as a message: M.N can be set"
    )]
    [TestCase(
        "[Term] partial record M(List<int> {|CSP002:Ns|}, string Text);",
        "The contract 'M' can change when it is shared as a message: M.Ns is a List<int>"
    )]
    public Task Contract_ThatCanChange_IsAHint(string type, string message) => Check.Finds(Check.Body("", types: type), message);

    [TestCase("[Term] partial record M(ImmutableArray<int> Ns, string Text);")]
    [TestCase("[Term] partial record struct M(int X, int Y);")]
    [TestCase("[Term] enum M { A }")]
    [TestCase("class M { public int N { get; set; } }")]
    public Task Contract_ThatCannotChange_IsNotFound(string type) => Check.FindsNothing(Check.Body("", types: type));
}
