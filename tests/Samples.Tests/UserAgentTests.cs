using CloudScale.Samples.UserAgents;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CloudScale.Samples.Tests;

/// <summary>An agent for each user: asleep, awake, and after a fault.</summary>
public sealed class UserAgentTests
{
    private string _folder = null!;
    private IHost _host = null!;
    private AgentHome _home = null!;
    private Node _node = null!;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("cloudscale-agents-").FullName;

    [TearDown]
    public async Task Stop()
    {
        await _host.StopAsync();
        _host.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync(TimeSpan idle)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddUserAgents(_folder);
        builder.Services.Configure<AgentOptions>(agents => agents.IdleTime = idle);
        _host = builder.Build();
        await _host.StartAsync();
        _home = _host.Services.GetRequiredService<AgentHome>();
        _node = _host.Services.GetRequiredService<NodeHandle>().Node;
    }

    private static Tuple Push(string text) => Tuple.Of((Atom)"push", text);

    private Task<object> CallAsync(string user, object request) => _home.CallAsync(user, request).WaitAsync(Eventually.Patience);

    [Test]
    public async Task Agent_IsThreeProcesses_ActivatedByTheFirstMessage()
    {
        await StartAsync(TimeSpan.FromHours(1));
        Newcomers newcomers = new(_node.Processes);
        Assert.That(await CallAsync("ada", Push("one")), Is.EqualTo(1L));
        await Eventually.TrueAsync(() => newcomers.Count == 3, "three more, and the caller is gone");
        Assert.That(await CallAsync("ada", Push("two")), Is.EqualTo(2L));
        Assert.That(await CallAsync("bob", (Atom)"fetch"), Is.EqualTo(List.Empty));
        Assert.That(((List)await CallAsync("ada", (Atom)"fetch")).Cast<string>(), Is.EqualTo((string[])["one", "two"]));
        Assert.That(_home.Count, Is.EqualTo(2));
    }

    [Test]
    public async Task Agent_Idle_SleepsInTheStore_AndComesBackWithItsState()
    {
        await StartAsync(TimeSpan.FromMilliseconds(50));
        Newcomers newcomers = new(_node.Processes);
        await CallAsync("ada/../ë", Push("kept"));
        await Eventually.TrueAsync(() => _home.Count == 0 && newcomers.Count == 0, "all three have gone to sleep");
        Assert.That(Directory.GetFiles(_folder, "*.json", SearchOption.AllDirectories), Has.Length.EqualTo(1));
        Assert.That(((List)await CallAsync("ada/../ë", (Atom)"fetch")).Cast<string>(), Is.EqualTo((string[])["kept"]));
        Assert.That(await CallAsync("ada/../ë", (Atom)"count"), Is.EqualTo(1L));
    }

    [Test]
    public async Task Agent_Fault_EndsTheThree_AndTheNextMessageBeginsFromWhatWasSaved()
    {
        await StartAsync(TimeSpan.FromHours(1));
        Newcomers newcomers = new(_node.Processes);
        await CallAsync("ada", Push("lost"));
        Assert.That(async () => await CallAsync("ada", (Atom)"crash"), Throws.TypeOf<ProcessExitException>());
        await Eventually.TrueAsync(() => newcomers.Count == 0, "one fault, three ends");
        Assert.That(await CallAsync("ada", (Atom)"count"), Is.Zero, "nothing had been saved");
    }

    [Test]
    public async Task Agent_ManyCallersAtOnce_IsOne()
    {
        await StartAsync(TimeSpan.FromMilliseconds(20));
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => CallAsync("ada", Push($"{i}"))));
        Assert.That(await CallAsync("ada", (Atom)"count"), Is.EqualTo(200L), "whatever went to sleep meanwhile");
    }
}
