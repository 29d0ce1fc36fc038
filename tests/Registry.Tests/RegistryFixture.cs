namespace CloudScale.Registry.Tests;

/// <summary>A registry over a stepped system, and processes that do nothing, for each test.</summary>
public abstract class RegistryFixture
{
    protected static RegistryKey Shop { get; } = RegistryKey.OfName((Atom)"shop");

    protected TestSystem Test { get; private set; } = null!;

    protected ProcessRegistry Registry { get; private set; } = null!;

    [SetUp]
    public void StartSystem()
    {
        Test = new TestSystem();
        Registry = new ProcessRegistry(Test.Processes);
        Registry.Start();
        Test.Settle();
    }

    [TearDown]
    public void StopSystem() => Test.Dispose();

    /// <summary>A process that lives until it is ended.</summary>
    protected Pid Idle() => Test.Spawn(async self => await self.Sleep(Timeout.InfiniteTimeSpan));

    /// <summary>A process whose messages the test looks at.</summary>
    protected TestProbe Probe() => Test.Probe();

    protected void Kill(Pid pid)
    {
        Test.Processes.Exit(pid, Atoms.Kill);
        Test.Settle();
    }

    /// <summary>The process is gone, and the registry's server has not heard of it.</summary>
    protected void KillUnheard(Pid pid)
    {
        Test.Processes.Exit(pid, Atoms.Kill);
        while (Test.Processes.IsAlive(pid))
            Assert.That(Test.Step(), "the process exits");
    }

    /// <summary>Runs a body as a process that stays; the test has its result when it has come to rest.</summary>
    protected Pid Stay(Func<Self, ProcessTask> body)
    {
        Pid pid = Test.Spawn(async self =>
        {
            await body(self);
            await self.Sleep(Timeout.InfiniteTimeSpan);
        });
        Test.Settle();
        return pid;
    }

    protected T Run<T>(Func<Self, ProcessTask<T>> body)
    {
        T result = default!;
        Test.Run(async self => result = await body(self));
        return result;
    }

    protected static string Text(object? term) => term is null ? "nothing" : Term.Format(term);

    /// <summary>Terms as text, in an order that does not depend on the registry's.</summary>
    protected static string Texts(IEnumerable<object> terms) => string.Join(' ', terms.Select(Text).Order(StringComparer.Ordinal));
}
