namespace CloudScale.Behaviours.Tests;

/// <summary>What calls and casts allocate, to the byte.</summary>
[NonParallelizable]
public sealed class AllocationTests
{
    private const int Rounds = 10_000;

    /// <summary>Answers with the same object, so that what is counted is the call's own.</summary>
    private sealed class Constant : GenServer
    {
        private static readonly object s_answer = Atom.Of("answer");

        protected override ProcessTask<Next> HandleCall(object request, From from) => Reply(s_answer);

        protected override ProcessTask<Next> HandleCast(object request) => NoReply;
    }

    private sealed class Machine : GenStateMachine<SwitchState>
    {
        protected override ProcessTask<Transition<SwitchState>> Init() => NextState(SwitchState.On);

        protected override ProcessTask<Transition<SwitchState>> HandleEvent(StateEvent stateEvent)
        {
            if (stateEvent.Type == StateEventType.Call)
                Self.Reply(stateEvent.From, stateEvent.Content);
            return KeepState;
        }
    }

    [Test]
    public Task Call_OfAServer_AllocatesWhatACallOfABareProcessDoes() =>
        AssertEachAsync(168, new Constant(), static (self, server) => Calls(self, server));

    [Test]
    public Task Call_OfAMachine_AllocatesNoMore() => AssertEachAsync(168, new Machine(), static (self, server) => Calls(self, server));

    [Test]
    public Task Cast_AllocatesItsEnvelopeAndItsTag() => AssertEachAsync(64, new Constant(), static (self, server) => Casts(self, server));

    private static async ProcessTask Calls(Self self, Pid server)
    {
        Atom request = Atom.Of("request");
        for (int i = 0; i < Rounds; i++)
            await self.Call(server, request);
    }

    private static async ProcessTask Casts(Self self, Pid server)
    {
        Atom request = Atom.Of("request");
        for (int i = 0; i < Rounds; i++)
        {
            self.Cast(server, request);
            if (i % 100 == 0)
                await self.Yield();
        }
    }

    /// <remarks>Of all threads: a scheduler may go on with another, and come back.</remarks>
    private static async Task AssertEachAsync(long bytes, Behaviour server, Func<Self, Pid, ProcessTask> body)
    {
        await using Node node = await Node.StartAsync(new NodeOptions { Schedulers = 1 });
        Pid pid = await node.RunAsync(async self => (await self.Start(server)).Pid);
        Assert.That(await AllocatedBytes.LeastAsync(RunAsync, below: (bytes + 1) * Rounds) / Rounds, Is.EqualTo(bytes));

        Task RunAsync() =>
            node.RunAsync(async self =>
            {
                await body(self, pid);
                return true;
            });
    }
}
