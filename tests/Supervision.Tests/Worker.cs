namespace CloudScale.Supervision.Tests;

/// <summary>What happened, in order.</summary>
public sealed class Journal
{
    private readonly List<string> _lines = [];

    public void Add(string line)
    {
        lock (_lines)
            _lines.Add(line);
    }

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    /// <summary>What has been written since the last time.</summary>
    public string Take()
    {
        lock (_lines)
        {
            string text = string.Join(", ", _lines);
            _lines.Clear();
            return text;
        }
    }
}

/// <summary>A child that tells of its start and its end, and does as it is told.</summary>
public sealed class Worker(string name, Journal journal, Func<InitResult>? init = null) : GenServer
{
    /// <summary>How long it takes to terminate.</summary>
    public TimeSpan Slow { get; init; }

    protected override async ProcessTask<InitResult> Init()
    {
        Self.TrapExit = true;
        InitResult result = init?.Invoke() ?? InitResult.Ok;
        journal.Add($"+{name}");
        await Self.Yield();
        return result;
    }

    protected override ProcessTask<Next> HandleCast(object request) => Stop(request);

    protected override async ProcessTask Terminate(object reason)
    {
        if (Slow > TimeSpan.Zero)
            await Self.Sleep(Slow);
        journal.Add($"-{name}");
    }

    protected override object GetState() => name;
}

/// <summary>A supervisor with what a test gives it.</summary>
public sealed class Given(SupervisorInit init) : Supervisor
{
    public SupervisorInit Next { get; set; } = init;

    protected override ProcessTask<SupervisorInit> Init() => Next;
}
