namespace CloudScale.Rdma.Tests;

/// <summary>The short form of what <c>./build.sh rdma-endurance -- SECONDS</c> does for as long as one likes.</summary>
[Category("Rdma"), Category("Stress"), NonParallelizable, CancelAfter(120_000)]
public sealed class EnduranceTests
{
    [Test]
    public async Task Connections_ComeAndGoWhileThingsFail_LoseNothingAndLeaveNothing()
    {
        FakeDevice.UseFakeOnly();
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        TestContext.Out.WriteLine(await new Endurance(seed, TimeSpan.FromSeconds(8), atLeastConnections: 300).RunAsync());
    }
}
