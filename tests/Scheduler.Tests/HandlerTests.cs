namespace CloudScale.Scheduler.Tests;

/// <summary>Handlers that wait in the midst of a message while others queue up.</summary>
public sealed class HandlerTests
{
    [TestCase(false, false)]
    [TestCase(true, false)]
    [TestCase(false, true)]
    [TestCase(true, true)]
    public void Handler_WaitsInAMessage_TakesWhatQueuedUpMeanwhile(bool yields, bool sleeps)
    {
        SteppedSystem system = new();
        Pausing handler = new(yields, sleeps);
        Pid pid = system.Processes.Spawn(handler);
        for (long number = 1; number <= 5; number++)
            system.Processes.Send(pid, number);
        for (int turn = 0; turn < 20; turn++)
        {
            system.Settle();
            system.Time.Advance(TimeSpan.FromMilliseconds(10));
        }

        system.Settle();
        Assert.That(handler.Got, Is.EqualTo(new long[] { 1, 2, 3, 4, 5 }));
    }

    private sealed class Pausing(bool yields, bool sleeps) : ProcessHandler
    {
        internal List<long> Got { get; } = [];

        protected internal override ProcessTask OnMessage(Self self, Message message)
        {
            Assert.That(message.TryGet(out long number));
            Got.Add(number);
            return number % 2 == 1 ? Pause(self) : default;
        }

        private async ProcessTask Pause(Self self)
        {
            if (yields)
                await self.Yield();
            if (sleeps)
                await self.Sleep(TimeSpan.FromMilliseconds(1));
        }
    }
}
