namespace CloudScale.Behaviours.Tests;

/// <summary>Starts, calls and stops under every order that a thousand seeds bring about.</summary>
[Category("Simulation")]
public sealed class ExplorationTests
{
    [Test]
    public void Call_ServerIsKilledMeanwhile_AnswersOrExits_NeverHangs() =>
        Explore.Run(test =>
        {
            object? outcome = null;
            Pid caller = test.Spawn(async self =>
            {
                Pid server = (await self.Start(new Counter())).Pid;
                self.Spawn(killer =>
                {
                    killer.Exit(server, Atoms.Kill);
                    return default;
                });
                try
                {
                    outcome = await self.Call(server, (Atom)"next");
                }
                catch (ProcessExitException exception)
                {
                    outcome = ((Tuple)exception.Reason)[0];
                }
            });
            test.Join(caller);
            if (outcome is not (1L or Atom { Name: "killed" or "noproc" }))
                throw new InvalidOperationException($"It was {outcome}.");
        });

    [Test]
    public void Start_OfOneName_ByTwo_OneWins_AndTheOtherHearsWho() =>
        Explore.Run(test =>
        {
            StartResult[] results = new StartResult[2];
            Pid Starter(int index) =>
                test.Spawn(async self => results[index] = await self.Start(new Counter(), new StartOptions { Name = "one" }));
            test.Join(Starter(0), Starter(1));
            StartResult winner = results[0].IsOk ? results[0] : results[1];
            StartResult loser = results[0].IsOk ? results[1] : results[0];
            if (!winner.IsOk || loser.AlreadyStarted != winner.Pid)
                throw new InvalidOperationException($"{results[0]} {results[1]}");
        });

    [Test]
    public void Start_ThatFails_LeavesNoNameAndNoMessage() =>
        Explore.Run(test =>
        {
            string? left = null;
            Pid starter = test.Spawn(async self =>
            {
                self.TrapExit = true;
                StartResult first = await self.StartLink(new Counter(InitResult.Stop((Atom)"why")), new StartOptions { Name = "name" });
                bool isFree = self.WhereIs("name").IsNone;
                Received<object> message = await self.TryReceive(TimeSpan.FromSeconds(1));
                left = $"{first} {isFree} {message.HasValue}";
            });
            test.Join(starter);
            if (left != "{error,why} True False")
                throw new InvalidOperationException(left);
        });

    [Test]
    public void Start_RunsOutOfTimeAsItIsAcknowledged_Returns_AndLeavesNothing([Values] bool isLinked) =>
        Explore.Run(test =>
        {
            string? left = null;
            Pid starter = test.Spawn(async self =>
            {
                self.TrapExit = true;
                StartOptions options = new() { Timeout = TimeSpan.FromMilliseconds(10) };
                Sleeper slow = new(TimeSpan.FromMilliseconds(10));
                StartResult result = await (isLinked ? self.StartLink(slow, options) : self.Start(slow, options));
                Received<object> message = await self.TryReceive(TimeSpan.FromSeconds(1));
                left =
                    $"{(result.IsOk ? "ok" : result.Error)} {message.HasValue} {self.GetInfo().Monitors.Count} {self.GetInfo().Aliases.Count}";
            });
            test.Join(starter);
            if (left is not ("ok False 0 0" or "timeout False 0 0"))
                throw new InvalidOperationException(left);
        });

    [Test]
    public void Stop_ByTwo_EndsOnce_AndBothHearOfIt() =>
        Explore.Run(test =>
        {
            Counter counter = new();
            int heard = 0;
            Pid driver = test.Spawn(async self =>
            {
                Pid server = (await self.Start(counter)).Pid;
                for (int i = 0; i < 2; i++)
                    self.Spawn(async stopper =>
                    {
                        try
                        {
                            await stopper.Stop(server);
                        }
                        catch (ProcessExitException exception) when (exception.Reason is Atom { Name: "noproc" }) { }

                        heard++;
                        stopper.Send(self.Pid, Atoms.Ok);
                    });
                await self.Receive<Atom>();
                await self.Receive<Atom>();
            });
            test.Join(driver);
            if (heard != 2 || counter.Seen.Count(seen => seen.StartsWith("terminate", StringComparison.Ordinal)) != 1)
                throw new InvalidOperationException(string.Join(' ', counter.Seen));
        });

    private sealed class Sleeper(TimeSpan time) : GenServer
    {
        protected override async ProcessTask<InitResult> Init()
        {
            await Self.Sleep(time);
            return InitResult.Ok;
        }
    }
}
