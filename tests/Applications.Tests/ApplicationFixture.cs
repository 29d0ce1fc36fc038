namespace CloudScale.Applications.Tests;

/// <summary>The applications of a stepped system for each test, and what happens in them.</summary>
public abstract class ApplicationFixture
{
    protected List<string> Journal { get; } = [];

    /// <summary>Why the node was to end.</summary>
    protected List<string> Ends { get; } = [];

    protected LogRecorder Log { get; private set; } = null!;

    protected TestSystem Test { get; private set; } = null!;

    protected NodeApplications Applications { get; private set; } = null!;

    [SetUp]
    public void StartSystem()
    {
        Journal.Clear();
        Ends.Clear();
        Log = new LogRecorder();
        Test = new TestSystem(new TestOptions { Logger = Log });
        Applications = new NodeApplications(Test.Processes, (_, reason) => Ends.Add(Term.Format(reason)));
        Applications.Start();
        Test.Settle();
    }

    [TearDown]
    public void StopSystem() => Test.Dispose();

    protected T Run<T>(Func<Self, ProcessTask<T>> body)
    {
        T result = default!;
        Test.Run(async self => result = await body(self));
        return result;
    }

    /// <summary>An application that tells what happens to it.</summary>
    protected ApplicationDefinition Told(string name, params Atom[] needs) =>
        new(name) { Applications = needs, Callbacks = () => new Teller(name, Journal) };

    protected string Load(ApplicationDefinition definition) => Text(Run(self => Applications.Load(self, definition)));

    protected string Start(Atom name, ApplicationRestart restart = ApplicationRestart.Temporary) =>
        Text(Run(self => Applications.Start(self, name, restart)));

    protected string Stop(Atom name) => Text(Run(self => Applications.Stop(self, name)));

    protected string Running => string.Join(' ', Applications.Running.Select(one => one.Name.Name));

    protected string Take()
    {
        string taken = string.Join(' ', Journal);
        Journal.Clear();
        return taken;
    }

    protected static string Text(object? term) => term is null ? "nothing" : Term.Format(term);
}

/// <summary>An application that tells what happens to it.</summary>
public class Teller(string name, List<string> journal) : Application
{
    public Func<Self, ProcessTask<StartResult>>? Starting { get; init; }

    public Func<Atom, ProcessTask>? Phase { get; init; }

    protected override async ProcessTask<StartResult> Start(Self self, ApplicationStartType type)
    {
        journal.Add($"start:{name}:{type}");
        return Starting is null ? await self.StartLink(new Tree(name, journal)) : await Starting(self);
    }

    protected override ProcessTask StartPhase(Self self, Atom phase, ApplicationStartType type, object argument)
    {
        journal.Add($"phase:{name}:{phase}:{Term.Format(argument)}");
        return Phase?.Invoke(phase) ?? default;
    }

    protected override ProcessTask PrepareStop(Self self)
    {
        journal.Add($"prep_stop:{name}");
        return default;
    }

    protected override ProcessTask Stop(Self self)
    {
        journal.Add($"stop:{name}");
        return default;
    }

    protected override ProcessTask ConfigChange(Self self, EnvironmentChange change)
    {
        journal.Add(
            $"config:{name}:{Show(change.Changed)}:{Show(change.Added)}:{string.Join(',', change.Removed.Select(key => key.Name))}"
        );
        return default;

        static string Show(IReadOnlyDictionary<Atom, object> values) =>
            string.Join(',', values.Select(value => $"{value.Key}={Term.Format(value.Value)}").Order(StringComparer.Ordinal));
    }

    /// <summary>A supervisor with a worker that tells of its end, and does what it is told.</summary>
    public sealed class Tree(string name, List<string> journal) : Supervisor
    {
        protected override ProcessTask<SupervisorInit> Init() =>
            new SupervisorInit(
                new SupervisorFlags { Intensity = 0 },
                [new ChildSpec((Atom)"worker", () => new Worker(name, journal)) { Options = new StartOptions { Name = $"{name}_worker" } }]
            );
    }

    public sealed class Worker(string name, List<string> journal) : GenServer
    {
        protected override ProcessTask<InitResult> Init()
        {
            Self.TrapExit = true;
            return InitResult.Ok;
        }

        protected override ProcessTask<Next> HandleCall(object request, From from) =>
            request is Func<Self, object> question ? Reply(question(Self)) : base.HandleCall(request, from);

        protected override ProcessTask<Next> HandleCast(object request) => Stop(request);

        protected override ProcessTask Terminate(object reason)
        {
            journal.Add($"worker_ends:{name}");
            return default;
        }
    }
}
