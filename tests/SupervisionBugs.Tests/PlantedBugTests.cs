using CloudScale.Runtime.Supervision;
using CloudScale.Supervision.Tests;

namespace CloudScale.SupervisionBugs.Tests;

/// <summary>What the exploration of supervision trees is worth: it finds bugs that were planted.</summary>
[Category("Simulation")]
[NonParallelizable]
public sealed class PlantedBugTests
{
    private const int SchedulesToFindABug = 500;

    [TestCase(nameof(Mutation.StopsInOrderOfStart), "expected:")]
    [TestCase(nameof(Mutation.BearsOneRestartMore), "are allowed")]
    [TestCase(nameof(Mutation.LinksAfterInit), "nobody shows it", "Left:", "did not start")]
    public void Tree_PlantedBug_IsFound(string mutation, params string[] complaints)
    {
        Mutations.Active = Enum.Parse<Mutation>(mutation);
        try
        {
            // Always the same seed: whether a rare bug is found must not be a matter of luck.
            TestFailureException? found = Assert.Catch<TestFailureException>(() => Explored(SchedulesToFindABug));
            TestContext.Out.WriteLine(found!.Message.Split('\n')[0]);
            Assert.That(complaints.Any(found.Message.Contains), found.Message);
        }
        finally
        {
            Mutations.Active = Mutation.None;
        }
    }

    [Test]
    public void Tree_NoBug_NoneIsFound() => Assert.That(Explored(100).Schedules, Is.EqualTo(100));

    private static ExploreResult Explored(int schedules) =>
        Explore.Run(
            test =>
            {
                RandomTree tree = new(test);
                tree.Disturb(kills: true);
                test.Settle();
                tree.CheckIntensity();
                tree.CheckChildren();
                tree.StopInOrder();
                tree.CheckNoOrphan();
            },
            new ExploreOptions { Schedules = schedules, Seed = 1 }
        );
}
