namespace CloudScale.Analyzers.Tests;

[TestFixture]
internal sealed class ProcessTaskTests
{
    private const string Members = """
        static async ProcessTask Step(Self self) => await self.Yield();
        static async ProcessTask<int> Count(Self self) { await self.Yield(); return 1; }
        static bool Coin() => true;
        sealed class Worker { public ProcessTask Go() => default; }
        """;

    [TestCase("{|CSP011:Step(self)|};")]
    [TestCase("{|CSP011:Count(self)|};")]
    [TestCase("_ = {|CSP011:Count(self)|};")]
    [TestCase("{|CSP011:self.Sleep(TimeSpan.Zero)|};")]
    [TestCase("{|CSP011:self.Yield()|};")]
    [TestCase("{|CSP011:self.Call(other, 1L)|};")]
    [TestCase("var lost = {|CSP011:Step(self)|};")]
    [TestCase("Action run = () => {|CSP011:Step(self)|};")]
    [TestCase("Worker? worker = null; worker?{|CSP011:.Go()|};")]
    public Task Task_NobodyAwaits_IsFound(string statements) => Check.Finds(Check.Body(statements, Members));

    [TestCase("await Step(self);")]
    [TestCase("int n = await Count(self);")]
    [TestCase("_ = await Count(self);")]
    [TestCase("await self.Sleep(TimeSpan.Zero);")]
    [TestCase("ProcessTask step = Step(self); await step;")]
    [TestCase("Func<ProcessTask> later = () => Step(self); await later();")]
    [TestCase("await (Coin() ? Step(self) : default);")]
    [TestCase("ProcessTask step; step = Step(self); await step;")]
    [TestCase("self.Spawn(Step); other.ToString();")]
    [TestCase("self.MakeReference(); self.Monitor(other); self.SendAfter(TimeSpan.Zero, other, 1L); self.Mark();")]
    public Task Task_ThatIsAwaited_IsNotFound(string statements) => Check.FindsNothing(Check.Body(statements, Members));

    [Test]
    public Task Dropped_Message_NamesTheMethod() =>
        Check.Finds(Check.Body("{|CSP011:Step(self)|};", Members), "The result of 'Step' is not awaited");

    [TestCase("await t; await {|CSP012:t|};")]
    [TestCase("await t; if (Coin()) await {|CSP012:t|};")]
    [TestCase("if (Coin()) await t; else await t; await {|CSP012:t|};")]
    [TestCase("while (Coin()) await {|CSP012:t|};")]
    [TestCase("for (int i = 0; i < 2; i++) { await self.Yield(); await {|CSP012:t|}; }")]
    [TestCase("try { await t; await {|CSP012:t|}; } catch (InvalidOperationException) { }")]
    [TestCase("Func<ProcessTask> f = async () => { ProcessTask u = Step(self); await u; await {|CSP012:u|}; }; await f(); await t;")]
    public Task Task_AwaitedTwice_IsFound(string statements) =>
        Check.Finds(Check.Body("ProcessTask t = Step(self);" + statements, Members));

    [TestCase("await t;")]
    [TestCase("if (Coin()) await t; else await t;")]
    [TestCase("if (Coin()) { await t; return; } await t;")]
    [TestCase("switch (Coin()) { case true: await t; break; default: await t; break; }")]
    [TestCase("await t; t = Step(self); await t;")]
    [TestCase("while (Coin()) { await t; t = Step(self); }")]
    [TestCase("await t; while (Coin()) { ProcessTask u = Step(self); await u; }")]
    [TestCase("while (Coin()) { await t; break; }")]
    [TestCase("try { await t; } catch (InvalidOperationException) { await self.Yield(); }")]
    [TestCase("try { await self.Yield(); } finally { await t; }")]
    [TestCase("await t; Renew(out t); await t;", "static void Renew(out ProcessTask t) => t = default;")]
    public Task Task_AwaitedOnceOnEachWay_IsNotFound(string statements, string more = "") =>
        Check.FindsNothing(Check.Body("ProcessTask t = Step(self);" + statements, Members + more));

    [Test]
    public Task OrdinaryTask_AwaitedTwice_IsNotFound() => Check.FindsNothing(Check.Body("Task t = Task.Run(() => 1); await t; await t;"));
}
