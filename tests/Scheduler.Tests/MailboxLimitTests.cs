using CloudScale.Scheduling;

namespace CloudScale.Scheduler.Tests;

/// <summary>Bounded mailboxes: what each answer to overflow does, and that none of it costs an unbounded one.</summary>
public sealed class MailboxLimitTests
{
    private static SpawnOptions Limited(int messages, MailboxOverflow overflow) =>
        new() { MailboxLimit = new MailboxLimit(messages, overflow) };

    private static async ProcessTask Idle(Self self) => await self.Sleep(Timeout.InfiniteTimeSpan);

    [Test]
    public void Kill_MessageBeyondTheLimit_KillsTheReceiverAndSaysSo()
    {
        SteppedSystem system = new();
        Pid pid = system.Run(Idle, Limited(3, MailboxOverflow.Kill));
        object? reason = null;
        system.Run(async self =>
        {
            self.Monitor(pid);
            for (long i = 0; i < 40; i++) // many more, before it can be gone: one line of log all the same
                self.Send(pid, i);
            reason = (await self.Receive<Down>()).Reason;
        });
        Assert.That(reason, Is.EqualTo(Atoms.Killed));
        Assert.That(system.Log.Lines, Has.One.Contains("its most messages, 3"));
    }

    [Test]
    public void DropNewest_MessageBeyondTheLimit_IsDroppedAndCounted()
    {
        SteppedSystem system = new();
        Pid pid = system.Run(
            async self =>
            {
                while (true)
                {
                    await self.Receive<Atom>();
                    await self.Receive<long>();
                }
            },
            Limited(3, MailboxOverflow.DropNewest)
        );
        for (long i = 0; i < 10; i++)
            system.Processes.Send(pid, i);
        system.Settle();
        ProcessInfo info = system.Info(pid, ProcessDetails.Messages)!;
        Assert.That(info.Messages, Is.EqualTo(new object[] { 0L, 1L, 2L }), "the oldest stay");
        Assert.That(info.MessagesDropped, Is.EqualTo(7));
        Assert.That(info.MailboxLimit, Is.EqualTo(new MailboxLimit(3, MailboxOverflow.DropNewest)));
    }

    [Test]
    public void DropNewest_AfterTheReceiverTookSome_ThereIsRoomAgain()
    {
        SteppedSystem system = new();
        List<long> got = [];
        Pid pid = system.Run(
            async self =>
            {
                while (true)
                    got.Add(await self.Receive<long>());
            },
            Limited(2, MailboxOverflow.DropNewest)
        );
        for (long i = 0; i < 50; i++)
        {
            system.Processes.Send(pid, i);
            system.Settle();
        }

        Assert.That(got, Is.EqualTo(Enumerable.Range(0, 50).Select(i => (long)i)));
        Assert.That(system.Info(pid)!.MessagesDropped, Is.Zero);
    }

    [Test]
    public void Limit_ReportsOfTheNode_AlwaysGetIn_AndLeaveTheCountRight()
    {
        SteppedSystem system = new();
        Pid[] watched = [.. Enumerable.Range(0, 5).Select(_ => system.Run(Idle))];
        Pid pid = system.Run(
            async self =>
            {
                foreach (Pid other in watched)
                    self.Monitor(other);
                while (true)
                {
                    await self.Receive<Atom>();
                    for (int i = 0; i < 5; i++)
                        await self.Receive<Down>();
                }
            },
            Limited(2, MailboxOverflow.DropNewest)
        );
        system.Processes.Send(pid, 1L);
        system.Processes.Send(pid, 2L);
        foreach (Pid other in watched)
            system.Processes.Exit(other, Atoms.Kill);
        system.Settle();
        Assert.That(system.Info(pid)!.MessageQueueLength, Is.EqualTo(7));
        system.Processes.Send(pid, Atoms.Ok); // no room for it
        system.Settle();
        Assert.That(system.Info(pid)!.MessagesDropped, Is.EqualTo(1));
    }

    [Test]
    public void Wait_SendAsync_WaitsForRoom_AndKeepsTheOrder()
    {
        SteppedSystem system = new();
        List<long> got = [];
        int longest = 0;
        Pid pid = default;
        pid = system.Run(
            async self =>
            {
                while (true)
                {
                    got.Add(await self.Receive<long>());
                    longest = Math.Max(longest, self.MessageQueueLength);
                    await self.Yield();
                }
            },
            Limited(4, MailboxOverflow.Wait)
        );
        for (int sender = 0; sender < 3; sender++)
        {
            long first = sender * 1_000;
            system.Processes.Spawn(async self =>
            {
                for (long i = 0; i < 200; i++)
                    await self.SendAsync(pid, first + i);
            });
        }

        system.Settle();
        Assert.That(got, Has.Count.EqualTo(600));
        for (int sender = 0; sender < 3; sender++)
            Assert.That(got.Where(value => value / 1_000 == sender), Is.Ordered.Ascending);
        Assert.That(longest, Is.LessThanOrEqualTo(4));
    }

    [Test]
    public void Wait_ReceiverExits_SetsTheWaitersFree()
    {
        SteppedSystem system = new();
        Pid pid = system.Run(Idle, Limited(1, MailboxOverflow.Wait));
        int through = 0;
        for (int i = 0; i < 3; i++)
        {
            system.Run(async self =>
            {
                await self.SendAsync(pid, "a");
                await self.SendAsync(pid, "b");
                through++;
            });
        }

        Assert.That(through, Is.Zero);
        system.Processes.Exit(pid, Atoms.Kill);
        system.Settle();
        Assert.That(through, Is.EqualTo(3), "there is nobody to wait for");
    }

    [Test]
    public void Wait_WaitingSender_CanBeKilled()
    {
        SteppedSystem system = new();
        Pid pid = system.Run(Idle, Limited(1, MailboxOverflow.Wait));
        Pid sender = system.Run(async self =>
        {
            await self.SendAsync(pid, "a");
            await self.SendAsync(pid, "b");
        });
        Assert.That(system.Processes.IsAlive(sender));
        system.Processes.Exit(sender, "enough");
        system.Settle();
        Assert.That(system.Processes.IsAlive(sender), Is.False);
    }

    [Test]
    public void Wait_PlainSend_GetsInAndPays()
    {
        SteppedSystem system = new();
        Pid pid = system.Run(Idle, Limited(1, MailboxOverflow.Wait));
        long paid = 0;
        system.Run(self =>
        {
            self.Send(pid, 1L);
            long before = self.Reductions;
            self.Send(pid, 2L);
            paid = self.Reductions - before;
            return default;
        });
        Assert.That(system.Info(pid)!.MessageQueueLength, Is.EqualTo(2));
        Assert.That(paid, Is.GreaterThan(1_000));
    }

    [Test]
    public async Task Wait_HostCode_WaitsToo()
    {
        await using ProcessSystem system = new();
        TaskCompletionSource<long> sum = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Pid pid = system.Spawn(
            async self =>
            {
                long total = 0;
                for (int i = 0; i < 10_000; i++)
                    total += await self.Receive<long>();
                sum.SetResult(total);
            },
            Limited(16, MailboxOverflow.Wait)
        );
        for (long i = 1; i <= 10_000; i++)
        {
            await system.SendAsync(pid, i);
            Assert.That(system.MessageQueueLength(pid) ?? 0, Is.LessThanOrEqualTo(16));
        }

        Assert.That(await sum.Task.WaitAsync(TimeSpan.FromSeconds(20)), Is.EqualTo(10_000L * 10_001 / 2));
        await system.SendAsync(pid, "after its end: at once");
    }

    [Test]
    public void SetLimit_Later_CountsWhatIsThere_AndNullTakesItAway()
    {
        SteppedSystem system = new();
        Pid pid = system.Run(async self =>
        {
            await self.Receive<Atom>();
            self.MailboxLimit = new MailboxLimit(2, MailboxOverflow.DropNewest);
            await self.Receive<Atom>();
            self.MailboxLimit = null;
            await self.Sleep(Timeout.InfiniteTimeSpan);
        });
        system.Processes.Send(pid, 1L);
        system.Processes.Send(pid, Atoms.Ok);
        system.Settle();
        system.Processes.Send(pid, Atoms.Ok);
        system.Settle();
        for (long i = 0; i < 5; i++)
            system.Processes.Send(pid, i);
        system.Settle();
        Assert.That(system.Info(pid)!.MessageQueueLength, Is.EqualTo(6), "1, and five without a limit");
        Assert.That(
            () => new SteppedSystem().Run(_ => default, Limited(0, MailboxOverflow.Kill)),
            Throws.TypeOf<ArgumentOutOfRangeException>()
        );
    }
}
