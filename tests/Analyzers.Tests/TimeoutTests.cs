namespace CloudScale.Analyzers.Tests;

[TestFixture]
internal sealed class TimeoutTests
{
    [TestCase("self.Send(\"db\", \"db@far\", Tuple.Of(\"get\", self.Pid)); object got = await {|CSP013:self.Receive()|};")]
    [TestCase("self.Send(\"db\", \"db@far\", new Ask(self.Pid, 1)); int n = 1; Plain got = await {|CSP013:self.Receive<Plain>()|};")]
    [TestCase("Pid me = self.Pid; self.Send(\"db\", \"db@far\", me); switch (await {|CSP013:self.Receive()|}) { case Plain: break; }")]
    [TestCase("self.Send(\"db\", \"db@far\", self.Pid); if (await {|CSP013:self.Receive<bool>(b => b)|}) { }")]
    [TestCase("self.Send(\"db\", \"db@far\", self.Pid); await {|CSP013:self.Receive<bool>(b => b, timeout: null)|};")]
    [TestCase("self.Send(\"db\", \"db@far\", self.Pid); await {|CSP013:self.Receive<bool>(Timeout.InfiniteTimeSpan)|};")]
    public Task Receive_ForAnAnswerFromFar_IsFound(string statements) =>
        Check.Finds(
            Check.Body(statements),
            "This waits for ever if the message to '\"db\"' or its answer is lost: give it a time-out, or monitor the receiver"
        );

    [TestCase("self.Send(\"db\", \"db@far\", self.Pid); await self.Receive<bool>(TimeSpan.FromSeconds(5));")]
    [TestCase("self.Send(\"db\", \"db@far\", self.Pid); await self.Receive<bool>(b => b, TimeSpan.FromSeconds(5));")]
    [TestCase("self.Send(\"db\", \"db@far\", self.Pid); await self.TryReceive(TimeSpan.FromSeconds(5));")]
    [TestCase("self.Send(\"log\", \"log@far\", 1L); await self.Receive();")]
    [TestCase("self.Send(\"db\", self.Pid); await self.Receive();")]
    [TestCase("self.Send(other, self.Pid); await self.Receive();")]
    [TestCase("self.Monitor(\"db\", \"db@far\"); self.Send(\"db\", \"db@far\", self.Pid); await self.Receive();")]
    [TestCase("self.SendAfter(TimeSpan.FromSeconds(1), self.Pid, 1L); self.Send(\"db\", \"db@far\", self.Pid); await self.Receive();")]
    [TestCase("self.Send(\"db\", \"db@far\", self.Pid); while (true) await self.Receive();")]
    [TestCase("self.Send(\"db\", \"db@far\", self.Pid); await self.Yield(); await self.Receive();")]
    [TestCase("if (token.CanBeCanceled) { self.Send(\"db\", \"db@far\", self.Pid); } await self.Receive();")]
    public Task Receive_ThatEndsOrServes_IsNotFound(string statements) => Check.FindsNothing(Check.Body(statements));

    [TestCase("await self.Call(\"db\", 1L, \"db@far\", {|CSP014:Timeout.InfiniteTimeSpan|});")]
    [TestCase("await self.Call(\"db\", 1L, timeout: {|CSP014:Timeout.InfiniteTimeSpan|}, node: \"db@far\");")]
    public Task Call_ForEver_IsFound(string statements) => Check.Finds(Check.Body(statements));

    [TestCase("await self.Call(\"db\", 1L, \"db@far\");")]
    [TestCase("await self.Call(\"db\", 1L, \"db@far\", TimeSpan.FromSeconds(60));")]
    [TestCase("await self.Call(\"db\", 1L, timeout: Timeout.InfiniteTimeSpan);")]
    [TestCase("await self.Call(\"db\", 1L, null, Timeout.InfiniteTimeSpan);")]
    [TestCase("await self.Call(other, 1L, Timeout.InfiniteTimeSpan);")]
    public Task Call_ThatEndsOrIsNear_IsNotFound(string statements) => Check.FindsNothing(Check.Body(statements));
}
