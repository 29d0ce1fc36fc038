using CloudScale.Scheduling;

namespace CloudScale.Exploration.Tests;

/// <summary>Tries thousands of orders of single steps on the core's shared memory.</summary>
[NonParallelizable]
public sealed class ExplorationTests
{
    private const int SchedulesToFindABug = 2_000;

    private static IEnumerable<TestCaseData> EveryScenario() =>
        Scenarios
            .All.Where(scenario => Wishes.Scenario is not { } one || one == scenario.Name)
            .Select(scenario => new TestCaseData(scenario).SetArgDisplayNames(scenario.Name));

    private static IEnumerable<TestCaseData> EveryMutation() =>
        Scenarios.All.SelectMany(scenario =>
            scenario.Finds.Select(mutation => new TestCaseData(scenario, mutation).SetArgDisplayNames(scenario.Name, mutation.ToString()))
        );

    [Test]
    public void Seeds_All_NameAScenario() => Assert.That(Seeds.Names, Is.SubsetOf(Scenarios.All.Select(scenario => scenario.Name)));

    [TestCaseSource(nameof(EveryScenario))]
    public void Scenario_ManySchedules_AllEndWell(object scenario)
    {
        var tested = (Scenario)scenario;
        ulong seed = Wishes.Seed;
        foreach (ulong past in Seeds.Of(tested.Name))
        {
            Outcome again = Explorer.Explore(tested, past, 1);
            Assert.That(again.FailedSeed, Is.Null, again.Report);
        }

        Outcome outcome = Explorer.Explore(tested, seed, Wishes.Schedules);
        TestContext.Out.WriteLine($"{tested.Name}: {outcome.Schedules} schedules from seed {seed}, {outcome.Steps} steps");
        Assert.That(outcome.FailedSeed, Is.Null, outcome.Report);
    }

    [TestCaseSource(nameof(EveryMutation))]
    public void Scenario_PlantedBug_IsFound(object scenario, object mutation)
    {
        var tested = (Scenario)scenario;
        Mutations.Active = (Mutation)mutation;
        try
        {
            const ulong seed = 1; // always the same: whether a rare bug is found must not be a matter of luck
            Outcome outcome = Explorer.Explore(tested, seed, SchedulesToFindABug);
            Assert.That(outcome.FailedSeed, Is.Not.Null, $"not found in {SchedulesToFindABug} schedules from seed {seed}");
            TestContext.Out.WriteLine($"found in schedule {outcome.Schedules} from seed {seed}:\n{outcome.Report}");
        }
        finally
        {
            Mutations.Active = Mutation.None;
        }
    }

    [Test]
    public void Mutations_All_HaveAScenarioThatFindsThem() =>
        Assert.That(
            Scenarios.All.SelectMany(scenario => scenario.Finds).Distinct(),
            Is.EquivalentTo(Enum.GetValues<Mutation>().Where(mutation => mutation != Mutation.None))
        );
}
