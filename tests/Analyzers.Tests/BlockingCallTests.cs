namespace CloudScale.Analyzers.Tests;

[TestFixture]
internal sealed class BlockingCallTests
{
    [TestCase("{|CSP005:Thread.Sleep|}(5);")]
    [TestCase("{|CSP005:Task.Run(() => 1).Wait|}();")]
    [TestCase("_ = {|CSP005:Task.Run(() => 1).Result|};")]
    [TestCase("{|CSP005:Task.Run(() => 1).GetAwaiter().GetResult|}();")]
    [TestCase("{|CSP005:Task.Run(() => 1).ConfigureAwait(false).GetAwaiter().GetResult|}();")]
    [TestCase("_ = {|CSP005:new ValueTask<int>(1).Result|};")]
    [TestCase("Task<int> task = Task.Run(() => 1); int early = {|CSP005:task.Result|}; await task;")]
    [TestCase("using var mutex = new Mutex(); {|CSP005:mutex.WaitOne|}();")]
    [TestCase("using var slim = new SemaphoreSlim(0); {|CSP005:slim.Wait|}(100);")]
    [TestCase("{|CSP005:Console.ReadLine|}();")]
    [TestCase("string text = {|CSP005:File.ReadAllText|}(\"a\");")]
    [TestCase("using FileStream file = File.OpenRead(\"a\"); {|CSP005:file.ReadByte|}(); {|CSP005:file.CopyTo|}(Stream.Null);")]
    [TestCase("using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp); {|CSP005:socket.Receive|}(new byte[4]);")]
    [TestCase("using var http = new HttpClient(); {|CSP005:http.Send|}(new HttpRequestMessage());")]
    [TestCase("{|CSP005:Parallel.For|}(0, 9, _ => { });")]
    [TestCase("foreach (int i in {|CSP005:new BlockingCollection<int>().GetConsumingEnumerable|}()) { }")]
    public Task Call_ThatBlocks_IsFound(string statements) => Check.Finds(Check.Body(statements));

    [TestCase("await self.Sleep(TimeSpan.FromSeconds(1));")]
    [TestCase("self.Blocking(() => Thread.Sleep(5));")]
    [TestCase("int n = self.Blocking(() => Task.Run(() => 1).Result);")]
    [TestCase("self.Blocking(() => { string all = File.ReadAllText(\"a\"); });")]
    [TestCase("await Task.Run(() => Thread.Sleep(5));")]
    [TestCase("Task<int> a = Task.Run(() => 1); await Task.WhenAll(a); int n = a.Result;")]
    [TestCase("Task<int> a = Task.Run(() => 1); await a; int n = a.GetAwaiter().GetResult();")]
    [TestCase("Task<int> a = Task.Run(() => 1); if (a.IsCompleted) { int n = a.Result; }")]
    [TestCase("using var slim = new SemaphoreSlim(0); bool has = slim.Wait(0); bool had = slim.Wait(TimeSpan.Zero);")]
    [TestCase("using var memory = new MemoryStream(); memory.ReadByte(); Stream any = memory; any.Flush();")]
    [TestCase("string all = await File.ReadAllTextAsync(\"a\", token); bool has = File.Exists(\"a\");")]
    [TestCase("string name = nameof(Task<int>.Result);")]
    [TestCase("lock (s_gate) { s_count++; }", "static readonly object s_gate = new(); static int s_count;")]
    [TestCase("var wrapped = new Wrapped(); int n = wrapped.Result;", "sealed class Wrapped { public int Result => 1; }")]
    public Task Call_ThatDoesNotBlock_IsNotFound(string statements, string members = "") =>
        Check.FindsNothing(Check.Body(statements, members));

    [Test]
    public Task Call_OutsideOfABody_IsNotFound() =>
        Check.FindsNothing(
            Check.Body(
                "",
                "public static void Main() { Thread.Sleep(1); Console.ReadLine(); } static async Task Other() { Thread.Sleep(1); await Task.Yield(); }"
            )
        );

    [TestCase("static void Helper(Self self) => {|CSP005:Thread.Sleep|}(1);")]
    [TestCase("static ProcessTask Helper() { {|CSP005:Thread.Sleep|}(1); return default; }")]
    [TestCase("static async ProcessTask<int> Helper() { {|CSP005:Thread.Sleep|}(1); return 1; }")]
    [TestCase("static Pid Start(ProcessSystem node) => node.Spawn(async self => { {|CSP005:Thread.Sleep|}(1); });")]
    [TestCase(
        "sealed class Lean : ProcessHandler { protected override ProcessTask OnMessage(Self self, Message m) { {|CSP005:Thread.Sleep|}(1); return default; } }"
    )]
    [TestCase(
        "static void Outer() { ProcessTask Local(Self self) { {|CSP005:Thread.Sleep|}(1); return default; } Func<Self, ProcessTask> f = Local; }"
    )]
    public Task Body_OfEveryForm_IsLookedAt(string members) => Check.Finds(Check.Body("", members));

    [Test]
    public Task Message_NamesTheCallAndTheWayOut() =>
        Check.Finds(
            Check.Body("{|CSP005:Thread.Sleep|}(5); {|CSP005:Task.Run(() => 1).Wait|}();"),
            "'Thread.Sleep' blocks the scheduler that runs this process: use its own Sleep",
            "'Task.Wait' blocks the scheduler that runs this process: await instead, or wrap it in Blocking"
        );

    [TestCase("await {|CSP007:Task.Delay(5)|};")]
    [TestCase("await {|CSP007:Task.Delay(TimeSpan.FromSeconds(1))|};")]
    public Task Delay_InABody_IsFound(string statements) => Check.Finds(Check.Body(statements));

    [TestCase("await Task.Delay(5, token);")]
    [TestCase("await Task.Run(async () => await Task.Delay(5));")]
    [TestCase("await Task.WhenAny(Task.Delay(5), Task.Run(() => 1));")]
    public Task Delay_ThatSleepCannotReplace_IsNotFound(string statements) => Check.FindsNothing(Check.Body(statements));

    private const string Gate = "static readonly object s_gate = new(); static readonly ReaderWriterLockSlim s_slim = new();";

    [TestCase("{|CSP006:Monitor.Enter|}(s_gate); await self.Yield(); Monitor.Exit(s_gate);")]
    [TestCase("{|CSP006:s_slim.EnterReadLock|}(); try { await self.Yield(); } finally { s_slim.ExitReadLock(); }")]
    public Task Lock_AcrossAnAwait_IsFound(string statements) => Check.Finds(Check.Body(statements, Gate));

    [TestCase("Monitor.Enter(s_gate); Monitor.Exit(s_gate); await self.Yield();")]
    [TestCase("s_slim.EnterWriteLock(); try { } finally { s_slim.ExitWriteLock(); } await self.Yield();")]
    public Task Lock_GivenBackBefore_IsNotFound(string statements) => Check.FindsNothing(Check.Body(statements, Gate));
}
