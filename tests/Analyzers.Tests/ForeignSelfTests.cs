namespace CloudScale.Analyzers.Tests;

[TestFixture]
internal sealed class ForeignSelfTests
{
    private const string Members = """
        static event Action? Ticked;
        static void Use(Self self) { }
        static void Keep(Action action) { }
        """;

    [TestCase("await Task.Run(() => {|CSP009:self|}.Send(other, 1L));")]
    [TestCase("await Task.Run(async () => { await Task.Yield(); {|CSP009:self|}.Send(other, 1L); });")]
    [TestCase("await Task.Run(() => { Action deeper = () => Use({|CSP009:self|}); deeper(); });")]
    [TestCase("new Thread(() => {|CSP009:self|}.Send(other, 1L)).Start();")]
    [TestCase("ThreadPool.QueueUserWorkItem(_ => {|CSP009:self|}.Send(other, 1L));")]
    [TestCase("using var timer = new Timer(_ => {|CSP009:self|}.Send(other, 1L));")]
    [TestCase("await Task.Run(() => 1).ContinueWith(t => {|CSP009:self|}.Send(other, t.Result));")]
    [TestCase("token.Register(() => {|CSP009:self|}.Send(other, 1L));")]
    [TestCase("self.Blocking(() => Parallel.For(0, 9, i => {|CSP009:self|}.Send(other, i)));")]
    [TestCase("self.Blocking(() => Parallel.Invoke(() => {|CSP009:self|}.Send(other, 1L), () => { }));")]
    [TestCase("Ticked += () => {|CSP009:self|}.Send(other, 1L);")]
    [TestCase("void Local() => {|CSP009:self|}.Send(other, 1L); await Task.Run(Local);")]
    [TestCase("self.Spawn(async mine => { await mine.Yield(); {|CSP009:self|}.Send(other, 1L); });")]
    [TestCase("self.SpawnLink(async mine => { await {|CSP009:self|}.Yield(); });")]
    [TestCase("Self copy = self; await Task.Run(() => Use({|CSP009:copy|}));")]
    [TestCase("CancellationToken gone = await Task.Run(() => {|CSP009:self|}.ExitToken);")]
    [TestCase("self.Send(other, {|CSP009:self|});")]
    [TestCase("self.Send(other, Tuple.Of((Atom)\"hello\", {|CSP009:self|}));")]
    public Task Self_InOtherHands_IsFound(string statements) => Check.Finds(Check.Body(statements, Members));

    [TestCase("await Task.Run(() => self.Pid);")]
    [TestCase("await Task.Run(() => self.System.Send(other, 1L));")]
    [TestCase("await Task.Run(() => nameof(self));")]
    [TestCase("Pid me = self.Pid; await Task.Run(() => me);")]
    [TestCase("self.Blocking(() => Use(self));")]
    [TestCase("await self.Receive<long>(n => n > self.MessageQueueLength);")]
    [TestCase("foreach (long n in new[] { 1L }.Select(n => { self.Send(other, n); return n; })) { }")]
    [TestCase("self.Spawn(async self => { await self.Yield(); });")]
    [TestCase("self.Spawn(async mine => { await mine.Yield(); mine.Send(self.Pid, 1L); });")]
    [TestCase("await self.Hibernate(async later => { await self.Yield(); });")]
    [TestCase("async ProcessTask Inner() => await self.Yield(); await Inner();")]
    [TestCase("void Local() => self.Send(other, 1L); Local();")]
    [TestCase("Keep(() => self.Send(other, 1L));")]
    [TestCase(
        "await Task.Run(() => { ProcessSystem node = self.System; node.Spawn(async self => { self.Send(other, 1L); await self.Yield(); }); });"
    )]
    [TestCase("self.Send(other, self.Pid);")]
    public Task Self_InItsOwnHands_IsNotFound(string statements) => Check.FindsNothing(Check.Body(statements, Members));

    [Test]
    public Task Messages_SayWhoseHands() =>
        Check.Finds(
            Check.Body(
                "await Task.Run(() => Use({|CSP009:self|})); self.Spawn(async mine => { await {|CSP009:self|}.Yield(); }); Ticked += () => Use({|CSP009:self|}); self.Send(other, {|CSP009:self|});",
                Members
            ),
            "'self' is used in what 'Task.Run' runs, where it is not valid; hand out its Pid instead",
            "'self' is used in the body of another process, where it is not valid; hand out its Pid instead",
            "'self' is used in a handler of 'Ticked', where it is not valid; hand out its Pid instead",
            "'self' is sent to another process, where it is not valid; hand out its Pid instead"
        );

    [TestCase("static Self {|CSP009:s_self|};")]
    [TestCase("static Self {|CSP009:Last|} { get; set; }")]
    [TestCase("sealed class Session { public readonly Self {|CSP010:Self|}; }")]
    [TestCase("sealed class Session(Self self) { private readonly Self {|CSP010:_self|} = self; public Pid Pid => _self.Pid; }")]
    [TestCase("sealed record Order(Self {|CSP010:From|});")]
    public Task Self_InAField_IsFound(string member) => Check.Finds(Check.Body("", member));

    [TestCase(
        "sealed class Lean : ProcessHandler { private Self _self; protected override ProcessTask OnStart(Self self) { _self = self; return default; } protected override ProcessTask OnMessage(Self self, Message m) { _self.BumpReductions(1); return default; } }"
    )]
    [TestCase("ref struct Frame { public Self Self; }")]
    [TestCase("sealed class Session(Pid pid) { private readonly Pid _pid = pid; public Pid Pid => _pid; }")]
    public Task Self_InAHandlerOrFrame_IsNotFound(string member) => Check.FindsNothing(Check.Body("", member));
}
