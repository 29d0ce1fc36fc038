using System.Globalization;

namespace CloudScale.Supervision.Tests;

/// <summary>Random trees under random crashes, kills and requests, in every order that many seeds bring about.</summary>
[Category("Simulation")]
public sealed class ExplorationTests
{
    /// <summary>Schedules of each scenario in a test run; all of them together stay within a build's patience. CLOUDSCALE_EXPLORE_SCHEDULES asks for more.</summary>
    private static int Schedules =>
        int.TryParse(Environment.GetEnvironmentVariable("CLOUDSCALE_EXPLORE_SCHEDULES"), CultureInfo.InvariantCulture, out int wished)
            ? wished
            : 500;

    private static void Explored(Action<TestSystem> scenario)
    {
        ExploreResult result = Explore.Run(scenario, new ExploreOptions { Schedules = Schedules });
        TestContext.Out.WriteLine($"{result.Schedules} schedules from seed {result.Seed}, {result.Steps} steps");
    }

    [Test]
    public void Tree_CrashesAndRequests_IntensityHolds_AndWhichChildrenAgreesWithWhatLives() =>
        Explored(test =>
        {
            RandomTree tree = new(test);
            tree.Disturb(kills: false);
            test.Settle();
            tree.CheckIntensity();
            tree.CheckChildren();
            tree.StopInOrder();
            tree.CheckNoOrphan();
        });

    [Test]
    public void Tree_KillsAnywhere_AlsoDuringInit_LeaveNoOrphan() =>
        Explored(test =>
        {
            RandomTree tree = new(test);
            tree.Disturb(kills: true);
            test.Settle();
            tree.CheckIntensity();
            tree.CheckChildren();
            tree.StopInOrder();
            tree.CheckNoOrphan();
        });

    [Test]
    public void Tree_KillsDuringShutdown_LeaveNoOrphan() =>
        Explored(test =>
        {
            RandomTree tree = new(test);
            test.Settle();
            tree.StopWhileKilled();
            test.Settle();
            tree.CheckNoOrphan();
        });
}
