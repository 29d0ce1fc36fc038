using CloudScale.Scheduling;

namespace CloudScale.Exploration.Tests;

/// <summary>Aliases, names that move, levels, limits, suspension.</summary>
internal static partial class Scenarios
{
    /// <summary>A call: monitor and alias in one. The server answers and exits at once, so answer or report, exactly one of them.</summary>
    private static void Call(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode();
        Pid server = system.Spawn(async self => self.Send(await self.Receive<Reference>(), 7L));
        int answers = 0;
        int downs = 0;
        system.Spawn(async self =>
        {
            Reference call = self.Monitor(server, new MonitorOptions { Alias = AliasMode.ReplyDemonitor });
            self.Send(server, call);
            while (true)
            {
                object got = await self.Receive();
                if (got is Down)
                    downs++;
                else
                    answers++;
            }
        });
        // Another one may end the server before it has answered.
        schedule.Start("host", () => system.Exit(server, "enough"));
        schedule.Run();
        schedule.Check(answers + downs == 1, $"{answers} answers and {downs} reports of one call");
    }

    /// <summary>A call that gives up: after unalias and demonitor neither answer nor report is left behind, however late they come.</summary>
    private static void CallTimeout(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode();
        Pid server = system.Spawn(async self =>
        {
            Reference call = await self.Receive<Reference>();
            await self.Yield();
            self.Send(call, 7L);
        });
        bool ended = false;
        Pid client = system.Spawn(async self =>
        {
            Reference call = self.Monitor(server, new MonitorOptions { Alias = AliasMode.ExplicitUnalias });
            self.Send(server, call);
            bool answered = (await self.TryReceive<long>(TimeSpan.FromMilliseconds(1))).HasValue;
            self.Unalias(call);
            self.Demonitor(call, flush: true);
            // What came between the time-out and the unalias is in the mailbox, as in Erlang.
            if (!answered)
                await self.TryReceive<long>(TimeSpan.Zero);
            ended = true;
            object late = await self.Receive();
            schedule.Check(false, $"{late} came after the call was given up");
        });
        schedule.Run();
        schedule.Check(ended && system.IsAlive(client), "the client has ended its call");
    }

    /// <summary>Two answers to an alias that is good for one.</summary>
    private static void AliasOnce(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode();
        int answers = 0;
        Reference alias = default;
        Pid[] servers = [.. Enumerable.Range(0, 2).Select(_ => system.Spawn(async self => self.Send(await self.Receive<Reference>(), 1L)))];
        system.Spawn(async self =>
        {
            alias = self.Alias(AliasMode.Reply);
            foreach (Pid server in servers)
                self.Send(server, alias);
            while (true)
            {
                await self.Receive<long>();
                answers++;
            }
        });
        schedule.Run();
        schedule.Check(answers == 1, $"{answers} answers came by an alias that is good for one");
    }

    /// <summary>A name is moved, freed and registered while its bearers exit. That table and processes agree at rest, every scenario checks.</summary>
    private static void NamesReplace(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode(schedulers: 1);
        Pid[] pids = [.. Enumerable.Range(0, 3).Select(_ => system.Spawn(async self => await self.Receive<string>()))];
        system.Register(s_name, pids[0]);
        schedule.Start("ender", () => system.Send(pids[1], "end"));
        schedule.Start("mover", () => Try(() => system.Replace(s_name, pids[1])));
        schedule.Start(
            "registrar",
            () =>
            {
                system.Unregister(s_name);
                TryRegister(system, pids[2]);
                schedule.Check(system.WhereIs(s_name) != pids[0], "the first has lost the name");
            }
        );
        schedule.Run();
        Pid bearer = system.WhereIs(s_name);
        schedule.Check(bearer.IsNone || system.IsAlive(bearer), "a dead process bears the name");
    }

    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (ArgumentException) { }
    }

    /// <summary>Processes of all levels wake each other: none is forgotten.</summary>
    private static void Levels(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode();
        int done = 0;
        ProcessPriority[] levels = [ProcessPriority.Max, ProcessPriority.Low, ProcessPriority.Normal, ProcessPriority.High];
        Pid next = default;
        foreach (ProcessPriority level in levels)
        {
            Pid after = next;
            next = system.Spawn(
                async self =>
                {
                    long hops = await self.Receive<long>();
                    if (!after.IsNone)
                        self.Send(after, hops + 1);
                    await self.Yield();
                    done++;
                },
                new SpawnOptions { Priority = level }
            );
        }

        Pid first = next;
        schedule.Start("host", () => system.Send(first, 1L));
        schedule.Run();
        schedule.Check(done == levels.Length, $"{done} of {levels.Length} have run");
    }

    /// <summary>Senders that wait for room in a mailbox of one: all messages arrive, each sender's in order, and nobody waits for ever.</summary>
    private static void Room(Schedule schedule)
    {
        const int each = 3;
        ProcessSystem system = schedule.StartNode();
        int received = 0;
        int[] last = new int[2];
        Pid receiver = system.Spawn(
            async self =>
            {
                for (; received < 2 * each; received++)
                {
                    long message = await self.Receive<long>();
                    schedule.Check((int)message == ++last[message >> 32], "out of order");
                    if (received == 1)
                        await self.Yield();
                }
            },
            new SpawnOptions { MailboxLimit = new MailboxLimit(1, MailboxOverflow.Wait) }
        );
        for (long sender = 0; sender < 2; sender++)
        {
            long from = sender << 32;
            system.Spawn(async self =>
            {
                for (long i = 1; i <= each; i++)
                    await self.SendAsync(receiver, from | i);
            });
        }

        schedule.Run();
        schedule.Check(received == 2 * each, $"{received} of {2 * each} messages were received");
        schedule.Check(system.ProcessCount == 0, "nobody waits for room");
    }

    /// <summary>A full mailbox that drops what is new: what was sent was received or counted.</summary>
    private static void Dropped(Schedule schedule)
    {
        const int each = 3;
        ProcessSystem system = schedule.StartNode();
        int received = 0;
        Pid receiver = system.Spawn(
            async self =>
            {
                while (true)
                {
                    await self.Receive<long>();
                    received++;
                }
            },
            new SpawnOptions { MailboxLimit = new MailboxLimit(1, MailboxOverflow.DropNewest) }
        );
        for (int sender = 0; sender < 2; sender++)
        {
            schedule.Start(
                $"sender {sender}",
                () =>
                {
                    for (long i = 1; i <= each; i++)
                        system.Send(receiver, i);
                }
            );
        }

        schedule.Run();
        long dropped = system.Table.Find(receiver.Number)!.Describe(ProcessDetails.None).MessagesDropped;
        schedule.Check(received + dropped == 2 * each, $"of {2 * each} messages {received} were received and {dropped} dropped");
        schedule.Check(received >= 1, "the first always finds room");
    }

    /// <summary>A tool suspends and resumes a process while messages come: it takes all of them in the end.</summary>
    private static void Suspend(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode();
        int received = 0;
        Pid target = system.Spawn(async self =>
        {
            for (; received < 3; received++)
                await self.Receive<long>();
        });
        schedule.Start(
            "tool",
            () =>
            {
                for (int i = 0; i < 2; i++)
                {
                    _ = system.SuspendAsync(target);
                    Interleaving.Point();
                    system.Resume(target);
                }
            }
        );
        schedule.Start(
            "sender",
            () =>
            {
                for (long i = 0; i < 3; i++)
                    system.Send(target, i);
            }
        );
        schedule.Run();
        schedule.Check(received == 3 && system.ProcessCount == 0, $"{received} of 3 messages were received");
    }
}
