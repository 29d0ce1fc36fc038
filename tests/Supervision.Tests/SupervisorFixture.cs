namespace CloudScale.Supervision.Tests;

/// <summary>A stepped system for each test: time passes when nothing else does.</summary>
public abstract class SupervisorFixture
{
    protected static readonly Atom Crash = "crash";

    protected Journal Journal { get; private set; } = null!;

    protected LogRecorder Log { get; private set; } = null!;

    protected TestSystem Test { get; private set; } = null!;

    [SetUp]
    public void StartSystem()
    {
        Journal = new Journal();
        Log = new LogRecorder();
        Test = new TestSystem(
            new TestOptions
            {
                Logger = Log,
                MaxProcesses = 40_000,
                MaxSteps = 10_000_000,
            }
        );
    }

    [TearDown]
    public void StopSystem() => Test.Dispose();

    protected T Run<T>(Func<Self, ProcessTask<T>> body)
    {
        T result = default!;
        Test.Run(async self => result = await body(self));
        return result;
    }

    protected ChildSpec Child(string id, ChildRestart restart = ChildRestart.Permanent, Func<InitResult>? init = null) =>
        new((Atom)id, () => new Worker(id, Journal, init)) { Restart = restart };

    protected static SupervisorInit Of(RestartStrategy strategy, params ChildSpec[] children) =>
        new(new SupervisorFlags { Strategy = strategy, Intensity = 3 }, children);

    /// <summary>Starts a supervisor that outlives this call.</summary>
    protected Pid Start(SupervisorInit init) => Start(new Given(init));

    protected Pid Start(Supervisor supervisor) => Run(async self => (await self.Start(supervisor)).Pid);

    protected string Children(Pid supervisor) =>
        Run(async self =>
            string.Join(
                ' ',
                (await self.WhichChildren(supervisor)).Select(child =>
                    $"{Text(child.Id)}{(child.IsRestarting ? "?" : child.Pid.IsNone ? "-" : "")}"
                )
            )
        );

    protected Pid PidOf(Pid supervisor, string id) =>
        Run(async self => (await self.WhichChildren(supervisor)).Single(child => Term.AreEqual(child.Id, (Atom)id)).Pid);

    /// <summary>Ends a child with a reason, and lets the supervisor do what it does.</summary>
    protected void End(Pid child, object reason)
    {
        Test.Run(self =>
        {
            self.Cast(child, reason);
            return default;
        });
        Test.Settle();
    }

    protected string Ask(Pid supervisor, object request) =>
        Text(Run(async self => await self.Call(supervisor, request, Timeout.InfiniteTimeSpan)));

    protected bool IsAlive(Pid pid) => Test.Processes.IsAlive(pid);

    protected static string Text(object? term) => term is null ? "nothing" : Term.Format(term);

    protected static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
