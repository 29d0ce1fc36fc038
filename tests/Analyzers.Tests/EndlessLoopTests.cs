namespace CloudScale.Analyzers.Tests;

[TestFixture]
internal sealed class EndlessLoopTests
{
    private const string Members = "static volatile bool s_done; static int s_n; static void Step() { } static bool Next() => true;";

    [TestCase("{|CSP008:while|} (true) Step();")]
    [TestCase("{|CSP008:for|} (;;) { Step(); }")]
    [TestCase("{|CSP008:for|} (int i = 0; true; i++) self.Send(other, i);")]
    [TestCase("{|CSP008:do|} { s_n++; } while (true);")]
    [TestCase("{|CSP008:while|} (true) { foreach (int i in new[] { 1 }) { if (i > 0) break; } }")]
    [TestCase("{|CSP008:while|} (true) { switch (s_n) { case 1: break; default: continue; } }")]
    [TestCase("{|CSP008:while|} (true) { Func<ProcessTask> later = async () => await self.Yield(); }")]
    [TestCase("{|CSP008:while|} (!s_done) { }")]
    [TestCase("{|CSP008:while|} (!Volatile.Read(ref s_done2)) Thread.SpinWait(20);", "static bool s_done2;")]
    public Task Loop_WithoutEndOrAwait_IsFound(string statements, string more = "") =>
        Check.Finds(
            Check.Body(statements, Members + more),
            "This loop has no end and no await, so the process never gives its scheduler back"
        );

    [TestCase("while (true) await self.Receive();")]
    [TestCase("for (;;) { Step(); await self.Yield(); }")]
    [TestCase("while (true) { if (Next()) break; }")]
    [TestCase("while (true) { if (Next()) return; }")]
    [TestCase("while (true) { if (!Next()) throw new InvalidOperationException(); }")]
    [TestCase("while (true) { self.Exit(1L); }")]
    [TestCase("while (true) { if (Next()) goto end; } end: Step();")]
    [TestCase("while (Next()) { }")]
    [TestCase("while (Next()) Step();")]
    [TestCase("while (!s_done) Step();")]
    [TestCase("while (s_n < 10) s_n++;")]
    [TestCase("for (int i = 0; i < 10; i++) { }")]
    [TestCase("for (int i = 0; i < 3; i++) while (true) { if (Next()) { await self.Yield(); } }")]
    [TestCase(
        "while (true) { await foreach (int i in Many()) { } }",
        "static async IAsyncEnumerable<int> Many() { await Task.Yield(); yield return 1; }"
    )]
    [TestCase("await Task.Run(() => { while (true) Step(); });")]
    [TestCase("var thread = new Thread(() => { while (true) Step(); });")]
    public Task Loop_ThatEndsOrAwaits_IsNotFound(string statements, string more = "") =>
        Check.FindsNothing(Check.Body(statements, Members + more));

    [Test]
    public Task Loop_OutsideOfABody_IsNotFound() => Check.FindsNothing(Check.Body("", "static void Main() { while (true) { } }"));

    [Test]
    public Task Loop_LeftByContinueOfTheOuter_IsNotFound() =>
        Check.FindsNothing(Check.Body("foreach (int i in new[] { 1, 2 }) { while (true) { if (Next()) goto next; } next: ; }", Members));
}
