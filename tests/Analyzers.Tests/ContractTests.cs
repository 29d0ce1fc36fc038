namespace CloudScale.Analyzers.Tests;

[TestFixture]
internal sealed class ContractTests
{
    [TearDown]
    public void SwitchOff() => Check.SwitchedOn = null;

    [TestCase("self.Send(\"db\", \"db@far\", {|CSP003:new Plain(1)|});")]
    [TestCase("self.Send(\"db\", \"db@far\", Tuple.Of(\"get\", {|CSP003:new Plain(1)|}));")]
    [TestCase("await self.Call(\"db\", {|CSP003:new Plain(1)|}, \"db@far\");")]
    [TestCase("self.Send(\"db\", \"db@far\", {|CSP003:DateTime.Now|});")]
    [TestCase("self.Send(\"db\", \"db@far\", {|CSP003:1m|});")]
    [TestCase("self.Send(\"db\", \"db@far\", {|CSP003:'x'|});")]
    [TestCase("self.Send(\"db\", \"db@far\", {|CSP003:(1, 2)|});")]
    [TestCase("self.Send(\"db\", \"db@far\", {|CSP003:new[] { 1 }|});")]
    [TestCase("self.Send(\"db\", \"db@far\", {|CSP003:DayOfWeek.Monday|});")]
    [TestCase("self.Send(\"db\", \"db@far\", {|CSP003:new { N = 1 }|});")]
    public Task Message_ToANodeWithoutAForm_IsFound(string statements) => Check.Finds(Check.Body(statements));

    [TestCase("self.Send(\"db\", \"db@far\", new Ask(self.Pid, 1));")]
    [TestCase("self.Send(\"db\", \"db@far\", new Own());")]
    [TestCase("self.Send(\"db\", \"db@far\", (Command)new Command.Stop());")]
    [TestCase("self.Send(\"db\", \"db@far\", Tuple.Of(\"get\", 1, 2L, 3.0, \"text\", true, self.Pid, (byte)1, 1.5f));")]
    [TestCase("self.Send(\"db\", \"db@far\", new byte[] { 1 }); self.Send(\"db\", \"db@far\", default(ReadOnlyMemory<byte>));")]
    [TestCase("self.Send(\"db\", \"db@far\", System.Numerics.BigInteger.One);")]
    [TestCase("object any = new Plain(1); self.Send(\"db\", \"db@far\", any);")]
    [TestCase("IFormattable any = 1; self.Send(\"db\", \"db@far\", any);")]
    [TestCase("self.Send(other, new Plain(1)); self.Send(\"db\", new Plain(1)); self.System.Send(other, new Plain(1));")]
    [TestCase("await self.Call(\"db\", new Plain(1)); await self.Call(\"db\", new Plain(1), null); await self.Call(other, new Plain(1));")]
    [TestCase("self.Send(\"db\", \"db@far\", Colour.Red);")]
    [TestCase("Generic(self, 1); static void Generic<T>(Self me, T value) where T : notnull => me.Send(\"db\", \"db@far\", value);")]
    public Task Message_WithAFormOrForThisNode_IsNotFound(string statements) => Check.FindsNothing(Check.Body(statements, types: Types));

    [Test]
    public Task Message_NamesTheType() =>
        Check.Finds(
            Check.Body("self.Send(\"db\", \"db@far\", {|CSP003:new Plain(1)|});"),
            "'Plain' stands for no term, so it cannot go to another node"
        );

    [Test]
    public Task LocalMessage_WhereTheRuleIsOn_IsFound()
    {
        Check.SwitchedOn = "CSP004";
        return Check.Finds(
            Check.Body(
                "self.Send(other, {|CSP004:new Plain(1)|}); self.Send(other, new Ask(other, 1)); self.Send(\"db\", \"db@far\", {|CSP003:new Plain(1)|});"
            ),
            "'Plain' stands for no term: the message can reach processes of this node only",
            "'Plain' stands for no term, so it cannot go to another node"
        );
    }

    private const string Types = """
        public sealed class Own : ITermConvertible { public object ToTerm() => 1L; }
        [TermUnion] public abstract partial record Command { [Term("stop")] public sealed partial record Stop : Command; }
        [Term] public enum Colour { Red }
        """;
}
