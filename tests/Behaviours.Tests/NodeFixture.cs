namespace CloudScale.Behaviours.Tests;

/// <summary>A node without connections for each test, and what it logs.</summary>
public abstract class NodeFixture
{
    protected LogRecorder Log { get; private set; } = null!;

    protected Node Node { get; private set; } = null!;

    [SetUp]
    public async Task StartNode()
    {
        Log = new LogRecorder();
        Node = await Node.StartAsync(new NodeOptions { Schedulers = 2, ShutdownGrace = TimeSpan.FromMilliseconds(100) }, Log);
    }

    [TearDown]
    public async Task StopNode() => await Node.DisposeAsync();

    protected async Task<T> Run<T>(Func<Self, ProcessTask<T>> body) => await Node.RunAsync(body).WaitAsync(Eventually.Patience);

    /// <summary>The reason that something exits with; null if it does not.</summary>
    protected async Task<object?> ReasonOf(Func<Self, ProcessTask<object>> body)
    {
        try
        {
            await Run(body);
            return null;
        }
        catch (ProcessExitException exception)
        {
            return exception.Reason;
        }
    }

    protected static string Text(object? term) => term is null ? "nothing" : Term.Format(term);

    protected async Task<Pid> Start(Behaviour behaviour, StartOptions? options = null) => (await Node.StartAsync(behaviour, options)).Pid;

    protected async Task<string> Call(ServerRef server, object request) => Text(await Node.CallAsync(server, request));
}
