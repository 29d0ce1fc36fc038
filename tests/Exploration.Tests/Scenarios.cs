using CloudScale.Scheduling;

namespace CloudScale.Exploration.Tests;

/// <summary>The parts of the core that have no lock to protect them, each alone.</summary>
internal static partial class Scenarios
{
    internal static readonly Scenario[] All =
    [
        new("mailbox", Mailbox, Mutation.LostWakeUp, Mutation.DoubleWake),
        new("run-queue", RunQueue, Mutation.DoublePop),
        new("wake-up", WakeUp, Mutation.LostWakeUp, Mutation.LostSchedulerWakeUp),
        new("exchange", Exchange, Mutation.LostWakeUp),
        new("order", Order, Mutation.SignalReordering),
        new("foreign", Foreign, Mutation.DoubleResume),
        new("unlink", Unlink, Mutation.UnlinkWithoutAcknowledgement),
        new("link-exit", LinkExit, Mutation.LinkLostAtExit),
        new("monitor-exit", MonitorExit, Mutation.MonitorLostAtExit),
        new("demonitor", Demonitor, Mutation.DownAfterDemonitor),
        new("names", Names, Mutation.NameRemovedByKey),
        new("names-exit", NamesExit, Mutation.RegisterWithoutSecondLook),
        new("names-replace", NamesReplace),
        new("call", Call),
        new("call-timeout", CallTimeout, Mutation.AliasKept),
        new("alias-once", AliasOnce, Mutation.AliasKept),
        new("levels", Levels),
        new("room", Room, Mutation.RoomNotTold),
        new("dropped", Dropped),
        new("suspend", Suspend),
        new("table-growth", TableGrowth, Mutation.GrowthCutsFirst),
        new("table-counter", TableCounter, Mutation.CounterNotFrozen, Mutation.SlotReplacedBlindly),
        new("table-ordered", TableOrdered, Mutation.NeighboursNotChecked),
        new("table-together", TableTogether),
        new("table-owner", TableOwner),
        new("timer-cancel", TimerCancel, Mutation.CancelInTwoSteps),
        new("receive-timeout", ReceiveTimeout),
        new("table", Table, Mutation.SerialNotCounted),
        new("suspender-exits", SuspenderExits),
        new("room-exit", RoomOfOneThatExits),
        new("foreign-exit", ForeignExit),
        new("link-ring", LinkRing),
        new("born-and-killed", BornAndKilled),
        new("blocking", Blocking),
        new("watchdog", Watchdog, Mutation.BlockedNotSeen, Mutation.WheelLookedForAtItsOwners),
        new("burst", Burst),
        new("stop", Stop),
        new("asked-to-end", AskedToEnd, Mutation.MonitorLostAtExit),
    ];

    /// <summary>Senders post; whoever finds the mailbox idle owns it until it parks. One owner at a time, nothing lost, each sender's in order.</summary>
    private static void Mailbox(Schedule schedule)
    {
        const int senders = 3;
        const int each = 3;
        MailboxBox box = new();
        schedule.Check(box.Mailbox.TryPark(), "an empty mailbox parks");
        int owners = 0;
        int received = 0;
        int[] last = new int[senders];

        void Own()
        {
            do
            {
                schedule.Check(++owners == 1, "two own one mailbox");
                box.Mailbox.TakeArrivals();
                while (box.Mailbox.Dequeue() is { } envelope)
                {
                    int sender = (int)(envelope.Bits >> 32);
                    schedule.Check(
                        (int)envelope.Bits == ++last[sender],
                        $"sender {sender}: {(int)envelope.Bits} came in the place of {last[sender]}"
                    );
                    received++;
                    Interleaving.Point();
                }

                owners--;
            } while (!box.Mailbox.TryPark());
        }

        for (int sender = 0; sender < senders; sender++)
        {
            long from = (long)sender << 32;
            schedule.Start(
                $"sender {sender}",
                () =>
                {
                    for (long i = 1; i <= each; i++)
                    {
                        if (box.Mailbox.PostMessage(new Envelope(from | i)) == Posted.Wake)
                            Own();
                    }
                }
            );
        }

        schedule.Run();
        schedule.Check(received == senders * each, $"{received} of {senders * each} messages were received");
        schedule.Check(box.Mailbox.IsIdle, "the mailbox is idle at the end");
    }

    private sealed class MailboxBox
    {
        internal Mailbox Mailbox;
    }

    /// <summary>The owner pushes and pops, two thieves take: each process comes out once.</summary>
    private static void RunQueue(Schedule schedule)
    {
        const int total = 6;
        ProcessSystem system = s_noSystem;
        RunQueue queue = new();
        int[] seen = new int[total + 1];
        bool done = false;

        void Take(object? runnable)
        {
            if (runnable is Process process)
                schedule.Check(++seen[process.Number] == 1, $"process {process.Number} came out twice");
        }

        schedule.Start(
            "owner",
            () =>
            {
                for (ulong i = 1; i <= total; i++)
                {
                    Process process = new(system, i, queue);
                    while (!queue.TryPush(process))
                        Take(queue.TryPop());
                }

                Take(queue.TryPop());
                done = true;
            }
        );
        for (int i = 0; i < 2; i++)
        {
            schedule.Start(
                $"thief {i}",
                () =>
                {
                    RunQueue own = new();
                    for (int look = 0; look < 3 && !done; look++)
                    {
                        Take(queue.StealInto(own));
                        while (own.TryPop() is { } process)
                            Take(process);
                    }
                }
            );
        }

        schedule.Run();
        while (queue.TryPop() is { } process)
            Take(process);
        for (int i = 1; i <= total; i++)
            schedule.Check(seen[i] == 1, $"process {i} came out {seen[i]} times");
    }

    /// <summary>A system for processes that never run.</summary>
    private static readonly ProcessSystem s_noSystem = new(new ProcessSystemOptions { Stepped = true, Schedulers = 1 });

    /// <summary>A slot of the table that is used again: a pid of before reaches nobody.</summary>
    private static void Table(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode(schedulers: 1, maxProcesses: 3);
        Pid first = default;
        int wrong = 0;
        int done = 0;

        async ProcessTask Innocent(Self self)
        {
            if ((await self.TryReceive<object>(TimeSpan.FromMilliseconds(1))).HasValue)
                wrong++;
            done++;
        }

        system.Spawn(async self =>
        {
            first = self.Spawn(_ => default);
            for (int i = 0; i < 3; i++)
            {
                await self.Yield();
                self.SpawnMonitor(Innocent, out _);
                await self.Receive<Down>();
            }
        });
        schedule.Start(
            "sender",
            () =>
            {
                for (int i = 0; i < 4; i++)
                {
                    Interleaving.Point();
                    if (!first.IsNone)
                        system.Send(first, "for the first");
                }
            }
        );
        schedule.Run();
        schedule.Check(wrong == 0, "a message to a process that is gone reached another one");
        schedule.Check(done == 3 && system.ProcessCount == 0, $"{done} ran, {system.ProcessCount} processes are left");
    }
}
