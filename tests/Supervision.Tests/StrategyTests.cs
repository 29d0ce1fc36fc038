namespace CloudScale.Supervision.Tests;

/// <summary>Who is stopped and started when a child has ended.</summary>
public sealed class StrategyTests : SupervisorFixture
{
    [TestCase(RestartStrategy.OneForOne, "-b, +b")]
    [TestCase(RestartStrategy.OneForAll, "-b, -c, -a, +a, +b, +c")]
    [TestCase(RestartStrategy.RestForOne, "-b, -c, +b, +c")]
    public void Crash_OfTheSecondOfThree_RestartsWhomItConcerns(RestartStrategy strategy, string expected)
    {
        Pid supervisor = Start(Of(strategy, Child("a"), Child("b"), Child("c")));
        Assert.That(Journal.Take(), Is.EqualTo("+a, +b, +c"));
        End(PidOf(supervisor, "b"), Crash);
        Assert.Multiple(() =>
        {
            Assert.That(Journal.Take(), Is.EqualTo(expected));
            Assert.That(Children(supervisor), Is.EqualTo("c b a"));
        });
    }

    [TestCase(ChildRestart.Permanent, "normal", true, true)]
    [TestCase(ChildRestart.Permanent, "crash", true, true)]
    [TestCase(ChildRestart.Transient, "normal", false, true)]
    [TestCase(ChildRestart.Transient, "shutdown", false, true)]
    [TestCase(ChildRestart.Transient, "crash", true, true)]
    [TestCase(ChildRestart.Temporary, "normal", false, false)]
    [TestCase(ChildRestart.Temporary, "crash", false, false)]
    public void End_OfAChild_RestartsAndKeepsItAsItsSpecificationSays(ChildRestart restart, string reason, bool isRestarted, bool isKept)
    {
        Pid supervisor = Start(Of(RestartStrategy.OneForOne, Child("a", restart)));
        Pid before = PidOf(supervisor, "a");
        End(before, (Atom)reason);
        Assert.That(
            Children(supervisor),
            Is.EqualTo(
                isRestarted ? "a"
                : isKept ? "a-"
                : ""
            )
        );
    }

    [Test]
    public void End_WithShutdownAndMore_IsNoFailure()
    {
        Pid supervisor = Start(Of(RestartStrategy.OneForOne, Child("a", ChildRestart.Transient)));
        End(PidOf(supervisor, "a"), Tuple.Of(Atoms.Shutdown, 1L));
        Assert.That(Children(supervisor), Is.EqualTo("a-"));
        Assert.That(Log.AtLeast(Microsoft.Extensions.Logging.LogLevel.Error), Is.Empty);
    }

    [Test]
    public void OneForAll_TemporarySiblings_AreStoppedAndForgotten()
    {
        Pid supervisor = Start(Of(RestartStrategy.OneForAll, Child("a"), Child("b", ChildRestart.Temporary), Child("c")));
        Journal.Take();
        End(PidOf(supervisor, "a"), Crash);
        Assert.That(Journal.Take(), Is.EqualTo("-a, -c, -b, +a, +c"));
        Assert.That(Children(supervisor), Is.EqualTo("c a"));
    }

    [Test]
    public void Intensity_OneMoreThanIsBorne_StopsEverything()
    {
        Pid supervisor = Start(Of(RestartStrategy.OneForOne, Child("a"), Child("b")));
        TestProbe probe = Test.Probe();
        Reference monitor = probe.Monitor(supervisor);
        for (int i = 0; i < 3; i++)
            End(PidOf(supervisor, "b"), Crash);
        Journal.Take();
        Assert.That(IsAlive(supervisor));
        End(PidOf(supervisor, "b"), Crash);
        Assert.Multiple(() =>
        {
            Assert.That(probe.ExpectDown(supervisor).Reason, Is.EqualTo(Atoms.Shutdown));
            Assert.That(Journal.Take(), Is.EqualTo("-b, -a"));
            Assert.That(
                Log.Lines.Select(line => line.Text),
                Has.Some.Contains("Context: shutdown. Reason: reached_max_restart_intensity.")
            );
        });
    }

    [Test]
    public void Intensity_RestartsFurtherApartThanThePeriod_AreBorne()
    {
        Pid supervisor = Start(Of(RestartStrategy.OneForOne, Child("a")));
        for (int i = 0; i < 20; i++)
        {
            End(PidOf(supervisor, "a"), Crash);
            Test.Advance(Seconds(2));
        }

        Assert.That(IsAlive(supervisor), "three in five seconds are borne");
    }

    [Test]
    public void Restart_ThatFails_IsTriedAgain_AndCounted()
    {
        int starts = 0;
        Pid supervisor = Start(
            Of(RestartStrategy.OneForOne, Child("a", init: () => ++starts is 2 or 3 ? InitResult.Stop((Atom)"not_yet") : InitResult.Ok))
        );
        End(PidOf(supervisor, "a"), Crash);
        Assert.Multiple(() =>
        {
            Assert.That(starts, Is.EqualTo(4), "the first, two that fail, one that does not");
            Assert.That(Children(supervisor), Is.EqualTo("a"));
            Assert.That(Log.Lines.Count(line => line.Text.Contains("Context: start_error. Reason: not_yet.")), Is.EqualTo(2));
        });
        End(PidOf(supervisor, "a"), Crash);
        Assert.That(IsAlive(supervisor), Is.False, "the failed restarts count for the intensity of three");
    }

    [TestCase(RestartStrategy.OneForAll, "-a, -c, -b, +a, +b, -a, +a, +b, +c")]
    [TestCase(RestartStrategy.RestForOne, "-a, -c, -b, +a, +b, +b, +c")]
    public void Restart_OfManyThatFailsHalfway_IsTriedAgainFromWhereItsStrategySays(RestartStrategy strategy, string expected)
    {
        int starts = 0;
        ChildSpec second = Child("b", init: () => ++starts == 2 ? InitResult.Stop((Atom)"not_yet") : InitResult.Ok);
        Pid supervisor = Start(Of(strategy, Child("a"), second, Child("c")));
        Journal.Take();
        End(PidOf(supervisor, "a"), Crash);
        Assert.That(Journal.Take(), Is.EqualTo(expected));
        Assert.That(Children(supervisor), Is.EqualTo("c b a"));
    }

    [Test]
    public void AutoShutdown_Any_EndsWithTheFirstSignificantChild()
    {
        Pid supervisor = Start(
            Of(
                    RestartStrategy.OneForOne,
                    Child("a"),
                    Child("b", ChildRestart.Transient) with
                    {
                        IsSignificant = true,
                    },
                    Child("c", ChildRestart.Temporary)
                )
                .WithAutoShutdown(AutoShutdown.AnySignificant)
        );
        End(PidOf(supervisor, "c"), Atoms.Normal);
        Assert.That(IsAlive(supervisor), "that child is not significant");
        TestProbe probe = Test.Probe();
        probe.Monitor(supervisor);
        End(PidOf(supervisor, "b"), Atoms.Normal);
        Assert.That(probe.ExpectDown(supervisor).Reason, Is.EqualTo(Atoms.Shutdown));
    }

    [Test]
    public void AutoShutdown_All_EndsWithTheLastSignificantChild_AndNotWithOneThatIsTerminated()
    {
        ChildSpec Significant(string id) => Child(id, ChildRestart.Transient) with { IsSignificant = true };
        Pid supervisor = Start(
            Of(RestartStrategy.OneForOne, Significant("a"), Significant("b"), Child("c")).WithAutoShutdown(AutoShutdown.AllSignificant)
        );
        End(PidOf(supervisor, "a"), Atoms.Normal);
        Assert.That(Ask(supervisor, Tuple.Of((Atom)"terminate_child", (Atom)"b")), Is.EqualTo("ok"));
        Assert.That(IsAlive(supervisor), "to terminate a child is no end by itself");
        Ask(supervisor, Tuple.Of((Atom)"restart_child", (Atom)"b"));
        End(PidOf(supervisor, "b"), Atoms.Normal);
        Assert.That(IsAlive(supervisor), Is.False);
    }
}
