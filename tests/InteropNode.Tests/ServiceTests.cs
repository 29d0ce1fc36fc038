namespace CloudScale.InteropNode.Tests;

/// <summary>The page, service by service. What each check does is in <c>erlang/</c>, under its name.</summary>
[Category("OtpNode")]
public sealed class ServiceTests : PageFixture
{
    [TestCase("echo")]
    [TestCase("terms")]
    [TestCase("sink")]
    [TestCase("sink_flood")]
    [TestCase("etf")]
    [TestCase("etf_fuzz")]
    [TestCase("spawner")]
    [TestCase("agent_apply")]
    [TestCase("agent_inbox")]
    [TestCase("agent_send")]
    [TestCase("agent_flood")]
    [TestCase("agent_pause_exit")]
    public Task PlainService_DoesAsThePageSays(string check) => Check("plain", check);

    [TestCase("gs_calls")]
    [TestCase("gs_time")]
    [TestCase("gs_ends")]
    [TestCase("gs_global")]
    [TestCase("sm")]
    [TestCase("ge")]
    [TestCase("sys")]
    [TestCase("sys_states")]
    [TestCase("killed")]
    [TestCase("crash_storm")]
    public Task Server_DoesAsThePageSays(string check) => Check("servers", check);

    [TestCase("sup")]
    [TestCase("sup_children")]
    [TestCase("dyn_sup")]
    [TestCase("sup_killed")]
    public Task Supervisor_DoesAsThePageSays(string check) => Check("supervisors", check);

    [TestCase("conformance")]
    [TestCase("agent_by_spawn")]
    [TestCase("wait")]
    [TestCase("start_gs")]
    [TestCase("worker")]
    [TestCase("io")]
    [TestCase("erlang_asks")]
    [TestCase("erlang_acts")]
    [TestCase("nodes")]
    public Task Function_DoesAsThePageSays(string check) => Check("functions", check);

    [TestCase("global")]
    [TestCase("locks")]
    [TestCase("pg")]
    public Task Cluster_DoesAsThePageSays(string check) => Check("cluster", check);

    [Test]
    public async Task User_PrintsWhatProcessesOfOtherNodesWrite()
    {
        await Check("functions", "user");
        await Eventually.TrueAsync(() => Sample.Output.Count >= 8, "all lines are printed");
        Assert.That(
            Sample.Output,
            Is.EqualTo((string[])[$"READY {SampleName}", "{a,\"b\"} [98] str 日本 ü [1] 42 x ", " ~", "put", "binary", "", "latin1", "12"])
        );
    }
}
