using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CloudScale.Hosting.Tests;

/// <summary>Children that a host declares: their services, their order, their end.</summary>
public sealed class TreeTests : HostFixture
{
    /// <summary>What happened, in order.</summary>
    internal sealed class Diary
    {
        private readonly List<string> _entries = [];

        public string[] Entries
        {
            get
            {
                lock (_entries)
                    return [.. _entries];
            }
        }

        public void Add(string entry)
        {
            lock (_entries)
                _entries.Add(entry);
        }
    }

    /// <summary>A scoped service.</summary>
    internal sealed class Connection(Diary diary) : IAsyncDisposable
    {
        private static int s_count;
        private readonly int _number = Interlocked.Increment(ref s_count);

        public int Number => _number;

        public ValueTask DisposeAsync()
        {
            diary.Add($"closed {_number}");
            return default;
        }
    }

    internal class Server(Connection connection, Connection same, Diary diary, ILogger<Server> logger) : GenServer
    {
        protected virtual string Id => "server";

        protected override ProcessTask<InitResult> Init()
        {
            Self.TrapExit = true;
            diary.Add($"start {Id}");
            return InitResult.Ok;
        }

        protected override ProcessTask<Next> HandleCall(object request, From from)
        {
            switch (request)
            {
                case Atom { Name: "number" }:
                    return Reply(ReferenceEquals(connection, same) ? (long)connection.Number : -1);
                case Atom { Name: "log" }:
                    logger.ForProcess(Self).LogInformation("a line of its own");
                    return Reply(Atoms.Ok);
                default:
                    return Stop((Atom)"asked_to", Atoms.Ok);
            }
        }

        protected override ProcessTask Terminate(object reason)
        {
            diary.Add($"stop {Id}");
            return default;
        }
    }

    internal sealed class Second(Connection connection, Diary diary, ILogger<Server> logger) : Server(connection, connection, diary, logger)
    {
        protected override string Id => "second";
    }

    internal sealed class Workers(BehaviourFactory factory) : Supervisor
    {
        protected override ProcessTask<SupervisorInit> Init() =>
            SimpleOneForOne(
                new ChildSpec("worker", arguments => factory.Create<Worker>(arguments[0])) { Restart = ChildRestart.Temporary }
            );
    }

    internal sealed class Worker(object argument, Diary diary) : GenServer
    {
        protected override ProcessTask<InitResult> Init()
        {
            diary.Add($"worker {Term.Format(argument)}");
            return InitResult.Ok;
        }
    }

    private Diary _diary = null!;

    private HostApplicationBuilder NewHost()
    {
        _diary = new Diary();
        HostApplicationBuilder builder = NewBuilder();
        builder.Services.AddSingleton(_diary);
        builder.Services.AddScoped<Connection>();
        return builder;
    }

    [Test]
    public async Task Children_StartInOrder_AndStopInReverse_WithTheHost()
    {
        HostApplicationBuilder builder = NewHost();
        builder.AddCloudScale().AddServer<Server>("server").AddServer<Second>("second");
        Node node = await StartAsync(builder);
        Assert.That(_diary.Entries, Is.EqualTo((string[])["start server", "start second"]));
        Assert.That(node.WhereIs("host_sup").IsNone, Is.False);
        await TheHost.StopAsync();
        Assert.That(_diary.Entries.Where(entry => entry.StartsWith("stop")), Is.EqualTo((string[])["stop second", "stop server"]));
        Assert.That(node.Processes.ProcessCount, Is.Zero);
        Assert.That(Lines.Where(line => line.Level >= LogLevel.Warning), Is.Empty, "an orderly stop is nothing to report");
    }

    [Test]
    public async Task Process_HasAScopeOfItsOwn_FromStartToEnd()
    {
        HostApplicationBuilder builder = NewHost();
        builder.AddCloudScale().AddServer<Server>("server");
        Node node = await StartAsync(builder);
        object first = await Within(node.CallAsync("server", (Atom)"number"));
        Assert.That(first, Is.GreaterThan(0L), "one scope: both parameters are the same");
        await Within(node.CallAsync("server", (Atom)"end"));
        await Eventually.TrueAsync(() => _diary.Entries.Contains($"closed {first}"), "the scope ends with the process");
        await Eventually.TrueAsync(() => !node.WhereIs("server").IsNone, "it is restarted");
        Assert.That(await Within(node.CallAsync("server", (Atom)"number")), Is.Not.EqualTo(first), "in a fresh scope");
    }

    [Test]
    public async Task Supervisor_OfServices_MakesChildrenWithArguments()
    {
        HostApplicationBuilder builder = NewHost();
        builder.AddCloudScale().AddSupervisor<Workers>("workers");
        Node node = await StartAsync(builder);
        StartResult result = await Within(node.RunAsync(self => self.StartChild("workers", 7L)));
        Assert.That(result.IsOk, Is.True, Term.Format(result.ToTerm()));
        Assert.That(_diary.Entries, Does.Contain("worker 7"));
    }

    [Test]
    public async Task Supervisor_DeclaredInPlace_IsPartOfTheTree()
    {
        HostApplicationBuilder builder = NewHost();
        builder
            .AddCloudScale()
            .AddSupervisor(
                "pair",
                (services, children) =>
                    children
                        .Add("one", () => services.GetRequiredService<BehaviourFactory>().Create<Server>())
                        .Add("two", () => services.GetRequiredService<BehaviourFactory>().Create<Second>()),
                RestartStrategy.OneForAll
            );
        Node node = await StartAsync(builder);
        IReadOnlyList<ChildInfo> top = await Within(node.RunAsync(self => self.WhichChildren("host_sup")));
        Assert.That(top, Has.Count.EqualTo(1));
        Assert.That(top[0].Type, Is.EqualTo(ChildType.Supervisor));
        Assert.That(await Within(node.RunAsync(self => self.CountChildren(top[0].Pid))), Has.Property("Active").EqualTo(2));
    }

    [Test]
    public void Start_ChildFails_HostDoesNotStart_AndNothingIsLeft()
    {
        HostApplicationBuilder builder = NewHost();
        builder
            .AddCloudScale()
            .AddServer<Server>("server")
            .AddChild(_ => new ChildSpec("broken", _ => new(StartResult.Failed((Atom)"broken"))));
        using IHost host = builder.Build();
        Assert.That(async () => await host.StartAsync(), Throws.TypeOf<StartException>().With.Message.Contains("broken"));
        Assert.That(_diary.Entries.Where(entry => entry.StartsWith("st")), Is.EqualTo((string[])["start server", "stop server"]));
        Assert.That(
            () => host.Services.GetRequiredService<NodeHandle>().Started.Status,
            Is.EqualTo(TaskStatus.RanToCompletion).Or.EqualTo(TaskStatus.Faulted)
        );
    }

    [Test]
    public async Task Tree_GivesUp_HostStops()
    {
        HostApplicationBuilder builder = NewHost();
        builder.AddCloudScale().ConfigureTree(tree => tree.Intensity = 0).AddServer<Server>("server");
        Node node = await StartAsync(builder);
        TaskCompletionSource stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TheHost.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        await Within(node.CallAsync("server", (Atom)"end"));
        await stopping.Task.WaitAsync(Eventually.Patience);
        Assert.That(Lines.Where(line => line.Level == LogLevel.Critical).Select(line => line.Text), Has.One.Contains("given up"));
    }

    [Test]
    public async Task Stop_ProcessThatDoesNotEnd_DoesNotOutliveTheHostsTimeOut()
    {
        HostApplicationBuilder builder = NewHost();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(300));
        builder.AddCloudScale().AddChild(_ => new ChildSpec("stubborn", () => new Stubborn()) { Shutdown = ChildShutdown.Infinity });
        Node node = await StartAsync(builder);
        await TheHost.StopAsync().WaitAsync(Eventually.Patience);
        Assert.That(Lines.Select(line => line.Text), Has.One.Contains("did not stop within the host's time-out"));
        Assert.That(node.Processes.ProcessCount, Is.Zero);
    }

    private sealed class Stubborn : GenServer
    {
        protected override ProcessTask<InitResult> Init()
        {
            Self.TrapExit = true;
            return InitResult.Ok;
        }

        protected override async ProcessTask Terminate(object reason) => await Self.Sleep(TimeSpan.FromHours(1));
    }

    [Test]
    public async Task Log_OfAProcess_SaysWhichItIs()
    {
        HostApplicationBuilder builder = NewHost();
        builder.AddCloudScale().AddServer<Server>("server");
        Node node = await StartAsync(builder);
        await Within(node.CallAsync("server", (Atom)"log"));
        LogLine line = Lines.Single(line => line.Text == "a line of its own");
        Dictionary<string, object?> scope = line.Scope.ToDictionary(pair => pair.Key, pair => pair.Value);
        Assert.That(scope["cloudscale.node.name"], Is.EqualTo("nonode@nohost"));
        Assert.That(scope["cloudscale.process.name"], Is.EqualTo("server"));
        Assert.That(scope["cloudscale.process.pid"], Is.EqualTo(node.WhereIs("server").ToString()));
    }
}
