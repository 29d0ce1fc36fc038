using CloudScale.Scheduling;

namespace CloudScale.Scheduler.Tests.Ets;

/// <summary>Short words for tests of tables.</summary>
internal static class EtsSystem
{
    internal static Atom A(string name) => Atom.Of(name);

    internal static Tuple T(params ReadOnlySpan<object> elements) => Tuple.Of(elements);

    internal static List L(params ReadOnlySpan<object> elements) => List.Of(elements);

    /// <summary>A node without threads, for tests that run in the fixture's own thread.</summary>
    internal static ProcessSystem New() => new(new ProcessSystemOptions { Schedulers = 1, Stepped = true });

    internal static EtsTable Table(EtsType type = EtsType.Set, int keyPosition = 1) =>
        New().Ets.New(A("table"), new EtsOptions { Type = type, KeyPosition = keyPosition });

    internal static int Seed()
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        return seed;
    }
}
