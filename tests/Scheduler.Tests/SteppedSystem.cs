using CloudScale.Scheduling;

namespace CloudScale.Scheduler.Tests;

/// <summary>A node without threads: every schedule follows from a printed seed, and time moves when the test says so.</summary>
internal sealed class SteppedSystem
{
    private readonly Stepper _stepper;

    internal SteppedSystem(ulong? seed = null, int schedulers = 3)
    {
        Seed = seed ?? (ulong)TestContext.CurrentContext.Random.NextInt64();
        TestContext.Out.WriteLine($"seed {Seed}");
        Processes = new ProcessSystem(
            new ProcessSystemOptions
            {
                Schedulers = schedulers,
                Stepped = true,
                Seed = (uint)Seed,
                TimeProvider = Time,
                Logger = Log,
            }
        );
        _stepper = new Stepper(Processes, Seed);
    }

    internal ulong Seed { get; }

    internal ManualTime Time { get; } = new();

    internal CollectingLogger Log { get; } = new();

    internal ProcessSystem Processes { get; }

    /// <summary>Runs until nothing is runnable.</summary>
    internal void Settle() => _stepper.Run();

    internal bool Step() => _stepper.Step();

    /// <summary>Moves the clock in small steps and lets everything due happen.</summary>
    internal void Advance(int milliseconds)
    {
        for (int i = 0; i < milliseconds; i++)
        {
            Time.Advance(TimeSpan.FromMilliseconds(1));
            Settle();
        }
    }

    /// <summary>Spawns, and runs to rest.</summary>
    internal Pid Run(Func<Self, ProcessTask> body, SpawnOptions options = default)
    {
        Pid pid = Processes.Spawn(body, options);
        Settle();
        return pid;
    }

    internal ProcessInfo? Info(Pid pid, ProcessDetails details = ProcessDetails.None)
    {
        Task<ProcessInfo?> answer = Processes.GetInfoAsync(pid, details);
        Settle();
        Assert.That(answer.IsCompletedSuccessfully, "process info is answered by the next slice");
        return answer.Result;
    }
}

/// <summary>A clock that the test owns.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref _ticks);

    internal void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);
}

/// <summary>Keeps what was logged.</summary>
internal sealed class CollectingLogger : Microsoft.Extensions.Logging.ILogger
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = new();

    internal IReadOnlyCollection<string> Lines => _lines;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(Microsoft.Extensions.Logging.LogLevel logLevel) => true;

    public void Log<TState>(
        Microsoft.Extensions.Logging.LogLevel logLevel,
        Microsoft.Extensions.Logging.EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => _lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception?.Message}");
}
