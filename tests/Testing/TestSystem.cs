using CloudScale.Scheduling;

namespace CloudScale.Testing;

/// <summary>A node without threads: one seed decides every schedule, and time passes when nothing else does.</summary>
/// <remarks>
/// Processes under test are written as for any node and run unchanged; each step lets one of them go on to where it waits next, or delivers one message or signal. Whatever a process awaits works:
/// messages, time-outs, and tasks that complete by the test, by other processes or by <see cref="Time"/>. A task that another thread completes is waited for
/// (see <see cref="TestOptions.OutsidePatience"/>), but no seed replays it.
/// Threads: made, driven and disposed by one thread, from outside of any process.
/// </remarks>
public sealed partial class TestSystem : IDisposable
{
    private readonly TestOptions _options;
    private readonly Director _director;
    private readonly Trace? _trace;
    private readonly PumpContext _context;
    private readonly List<ProcessCrash> _crashes = [];
    private readonly List<(string Name, Func<bool> Holds)> _invariants = [];
    private readonly HashSet<Pid> _mayCrash = [];
    private ProcessCrash? _crash; // not yet thrown
    private TestFailureException? _failure; // thrown: whoever drives on gets it again
    private bool _closing;

    /// <summary>Sets up a system in which nothing runs yet.</summary>
    public TestSystem(TestOptions? options = null)
    {
        _options = options ?? new TestOptions();
        _trace = _options.TraceLines > 0 ? new Trace(_options.TraceLines) : null;
        _director = new Director(_options.Strategy.Begin(_options.Seed), _trace, _options.Time == TimePassing.Always);
        _context = new PumpContext(_director);
        Processes = new ProcessSystem(
            new ProcessSystemOptions
            {
                Schedulers = 1,
                Stepped = true,
                Director = _director,
                MaxProcesses = _options.MaxProcesses,
                Identity = _options.Identity,
                TimeProvider = Time,
                Logger = new CrashLogger(_options.Logger, OnCrash),
            }
        );
        _director.Attach(Processes, Time);
        _director.OnArrival = OnArrival;
    }

    /// <summary>The node under test: hand it to code that takes one. What the test sends through it is a step like any other, and comes later.</summary>
    public ProcessSystem Processes { get; }

    /// <summary>The clock of the node; hand it to code that takes a <see cref="TimeProvider"/>.</summary>
    public VirtualTime Time { get; } = new();

    /// <summary>Names the schedule; see <see cref="Explore.Replay(string, Action{TestSystem}, ExploreOptions?)"/>.</summary>
    public string Schedule => ScheduleName.Format(_options.Strategy, _options.Seed);

    /// <summary>Steps taken.</summary>
    public int Steps => _director.Steps;

    /// <summary>The last steps, in words; empty where none are kept.</summary>
    public string Trace => Shorten(_trace?.Text ?? "");

    /// <summary>Processes that ended with an exception, oldest first.</summary>
    public IReadOnlyList<ProcessCrash> Crashes => _crashes;

    /// <summary>Whether processes may end with an exception. If not, which is the default, the first that does fails the test.</summary>
    public bool AllowCrashes { get; set; }

    /// <summary>Starts a process that runs an async body.</summary>
    /// <inheritdoc cref="ProcessSystem.Spawn(Func{Self, ProcessTask}, SpawnOptions)" path="/exception"/>
    public Pid Spawn(Func<Self, ProcessTask> body, SpawnOptions options = default) => Processes.Spawn(body, options);

    /// <summary>Starts a process that runs a handler.</summary>
    /// <inheritdoc cref="ProcessSystem.Spawn(ProcessHandler, SpawnOptions)" path="/exception"/>
    public Pid Spawn(ProcessHandler handler, SpawnOptions options = default) => Processes.Spawn(handler, options);

    /// <summary>Sends a message from outside of any process. It arrives when the schedule has it.</summary>
    public void Send(Pid to, object message) => Processes.Send(to, message);

    /// <summary>A process in the hands of the test.</summary>
    /// <param name="name">Registers it under this name.</param>
    public TestProbe Probe(Atom? name = null) => new(this, name);

    /// <summary>Says that this process may end with an exception.</summary>
    public void AllowCrash(Pid process) => _mayCrash.Add(process);

    /// <summary>Checks something after each step; the test fails where it does not hold.</summary>
    /// <param name="name">What should hold, for the failure.</param>
    /// <param name="holds">Runs between steps, outside of any process; it must have no effect.</param>
    public void Invariant(string name, Func<bool> holds)
    {
        ArgumentNullException.ThrowIfNull(holds);
        _invariants.Add((name, holds));
    }

    /// <summary>Writes a line among the last steps.</summary>
    public void Note(string line) => _trace?.Add($"note: {line}");

    /// <summary>Kills what is left. What processes own is disposed; their <c>finally</c> blocks do not run.</summary>
    public void Dispose()
    {
        if (_closing)
            return;
        _closing = true;
        foreach (Pid pid in Processes.Processes())
            Processes.Exit(pid, Atoms.Kill);
        for (int steps = 0; steps < 10 * _options.MaxProcesses && _director.Step(); steps++) { }
    }

    private void OnCrash(Exception exception)
    {
        if (_closing || _director.Running is not { } process)
            return;
        ProcessCrash crash = new(process.Pid, process.Name, exception);
        _crashes.Add(crash);
        _trace?.Add($"{Testing.Trace.NameOf(process)} crashed: {exception.GetType().Name}: {exception.Message}");
        if (!AllowCrashes && !_mayCrash.Contains(crash.Process))
            _crash ??= crash;
    }
}
