namespace CloudScale.Rdma.Tests.Regions;

/// <summary>The checker itself: what it lets through, and what it does not.</summary>
public sealed class LinearizabilityTests
{
    private static Call<RegisterCall, long> Call(int client, long begin, long? end, RegisterAct act, long value, long answered) =>
        new(client, begin, end, new RegisterCall(act, value), answered);

    [Test]
    public void Read_BesideAWrite_MaySeeEither([Values(0, 1)] long seen) =>
        Assert.That(RegisterModel.Holds([Call(1, 1, 10, RegisterAct.Write, 1, 0), Call(2, 2, 9, RegisterAct.Read, 0, seen)]), Is.True);

    [Test]
    public void Read_AfterAWrite_SeesNothingOlder() =>
        Assert.That(RegisterModel.Holds([Call(1, 1, 2, RegisterAct.Write, 1, 0), Call(2, 3, 4, RegisterAct.Read, 0, 0)]), Is.False);

    /// <summary>Both beside one write: who reads later may not see what was before, when the other has seen what came.</summary>
    [Test]
    public void Reads_OneAfterTheOther_DoNotGoBack() =>
        Assert.That(
            RegisterModel.Holds([
                Call(1, 1, 10, RegisterAct.Write, 1, 0),
                Call(2, 2, 3, RegisterAct.Read, 0, 1),
                Call(3, 4, 5, RegisterAct.Read, 0, 0),
            ]),
            Is.False
        );

    [Test]
    public void Counts_Together_DoNotSeeTheSame() =>
        Assert.That(RegisterModel.Holds([Call(1, 1, 10, RegisterAct.FetchAdd, 1, 0), Call(2, 2, 9, RegisterAct.FetchAdd, 1, 0)]), Is.False);

    [Test]
    public void Unanswered_Write_MayHaveTakenPlaceAtAnyTimeOrNever([Values(0, 1)] long seen) =>
        Assert.That(
            RegisterModel.Holds([
                Call(1, 1, null, RegisterAct.Write, 1, 0),
                Call(2, 2, 3, RegisterAct.Read, 0, 0),
                Call(2, 90, 91, RegisterAct.Read, 0, seen),
            ]),
            Is.True
        );

    [Test]
    public void Unanswered_Write_IsNotUndone() =>
        Assert.That(
            RegisterModel.Holds([
                Call(1, 1, null, RegisterAct.Write, 1, 0),
                Call(2, 2, 3, RegisterAct.Read, 0, 1),
                Call(2, 90, 91, RegisterAct.Read, 0, 0),
            ]),
            Is.False
        );

    /// <summary>Random histories of a register that does one thing at a time hold; a changed answer of what nobody overlaps does not.</summary>
    [Test]
    public void Histories_OfOneThingAtATime_Hold_AndOnceChangedDoNot()
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        for (int round = 0; round < 1_000; round++)
        {
            List<Call<RegisterCall, long>> history = [];
            long state = 0;
            // The moment of each call is in its middle; its ends reach out over others'.
            for (int i = 0; i < 16; i++)
            {
                RegisterCall asked = RegisterModel.Any(random);
                (state, long answered) = RegisterModel.Apply(state, asked);
                history.Add(new(i % 4, (i * 10) - random.Next(25), (i * 10) + 1 + random.Next(25), asked, answered));
            }

            Assert.That(RegisterModel.Holds(history), Is.True, $"seed {seed}, round {round}");
            history.Add(new(0, 1_000, 1_001, new RegisterCall(RegisterAct.Read), 1_000)); // whatever the order, nobody has counted so far
            Assert.That(RegisterModel.Holds(history), Is.False, $"seed {seed}, round {round}");
        }
    }
}
