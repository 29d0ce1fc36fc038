using System.Runtime.CompilerServices;
using CloudScale.Scheduling;

namespace CloudScale.Exploration.Tests;

/// <summary>Whole nodes: schedulers with their queues, their sleep and their wake-ups, and host threads.</summary>
internal static partial class Scenarios
{
    /// <summary>Two host threads send to one process, while the schedulers go to sleep and wake: all arrives, each sender's in order.</summary>
    private static void WakeUp(Schedule schedule)
    {
        const int each = 2;
        ProcessSystem system = schedule.StartNode();
        int[] last = new int[2];
        int received = 0;
        Pid receiver = system.Spawn(async self =>
        {
            for (; received < 2 * each; received++)
            {
                long message = await self.Receive<long>();
                schedule.Check((int)message == ++last[message >> 32], "out of order");
            }
        });
        for (long sender = 0; sender < 2; sender++)
        {
            long from = sender << 32;
            schedule.Start(
                $"sender {sender}",
                () =>
                {
                    for (long i = 1; i <= each; i++)
                        system.Send(receiver, from | i);
                }
            );
        }

        schedule.Run();
        schedule.Check(received == 2 * each, $"{received} of {2 * each} messages were received");
        schedule.Check(system.ProcessCount == 0, "the receiver has ended");
    }

    /// <summary>Processes on two schedulers that wake each other.</summary>
    private static void Exchange(Schedule schedule)
    {
        const int rounds = 3;
        ProcessSystem system = schedule.StartNode();
        int done = 0;
        for (int pair = 0; pair < 2; pair++)
        {
            Pid echo = system.Spawn(async self =>
            {
                for (int i = 0; i < rounds; i++)
                    self.Send(await self.Receive<Pid>(), 1L);
            });
            system.Spawn(async self =>
            {
                for (int i = 0; i < rounds; i++)
                {
                    self.Send(echo, self.Pid);
                    await self.Receive<long>();
                }

                done++;
            });
        }

        schedule.Run();
        schedule.Check(done == 2 && system.ProcessCount == 0, $"{done} of 2 pairs have finished");
    }

    /// <summary>Signals and messages of one sender arrive in the order sent.</summary>
    private static void Order(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode(schedulers: 1);
        List<object> got = [];
        Pid receiver = system.Spawn(
            async self =>
            {
                while (got.Count < 4)
                    got.Add(await self.Receive());
            },
            new SpawnOptions { TrapExit = true }
        );
        schedule.Start(
            "sender",
            () =>
            {
                system.Exit(receiver, "a");
                system.Exit(receiver, "b");
                system.Send(receiver, "c");
                system.Exit(receiver, "d");
            }
        );
        schedule.Run();
        string order = string.Join(' ', got.Select(message => message is Exit exit ? exit.Reason : message));
        schedule.Check(order == "a b c d", $"sent a b c d, came {order}");
    }

    /// <summary>A foreign awaiter that calls back twice, from two threads, resumes the body once; the second call finds it in a receive.</summary>
    private static void Foreign(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode(schedulers: 1);
        Twice twice = new();
        object? got = null;
        Pid process = system.Spawn(async self =>
        {
            await twice;
            got = await self.Receive<string>();
        });
        for (int i = 0; i < 2; i++)
            schedule.Start($"caller {i}", twice.Call);
        schedule.Start("sender", () => system.Send(process, "hello"));
        schedule.Run();
        schedule.Check(got is "hello", $"received {got ?? "nothing"}");
    }

    /// <summary>Calls its continuation as often as it is asked to.</summary>
    private sealed class Twice : ICriticalNotifyCompletion
    {
        private readonly List<Action> _continuations = [];
        private int _early;

        public bool IsCompleted => false;

        public Twice GetAwaiter() => this;

        public void GetResult() { }

        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        public void UnsafeOnCompleted(Action continuation)
        {
            _continuations.Add(continuation);
            for (int i = 0; i < _early; i++)
                continuation();
        }

        internal void Call()
        {
            Interleaving.Point();
            if (_continuations.Count == 0)
                _early++;
            foreach (Action continuation in _continuations.ToArray())
                continuation();
        }
    }

    /// <summary>Timers that are cancelled as they fire: sent or taken back, never both, never neither.</summary>
    private static void TimerCancel(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode(schedulers: 1);
        int received = 0;
        Pid receiver = system.Spawn(async self =>
        {
            while (true)
            {
                await self.Receive();
                received++;
            }
        });
        int cancelled = 0;
        schedule.Start(
            "canceller",
            () =>
            {
                for (int i = 0; i < 3; i++)
                {
                    ProcessTimer timer = system.SendAfter(TimeSpan.FromMilliseconds(1), receiver, "late");
                    Interleaving.Point();
                    if (timer.Cancel())
                        cancelled++;
                }
            }
        );
        schedule.Run();
        schedule.Check(received + cancelled == 3, $"of 3 timers {cancelled} were cancelled and {received} sent");
    }

    /// <summary>A receive with a time-out beside a sender: it takes the message or times out, never early; no message is lost.</summary>
    private static void ReceiveTimeout(Schedule schedule)
    {
        const int timeoutMs = 2;
        ProcessSystem system = schedule.StartNode();
        List<object> got = [];
        bool done = false;
        Pid receiver = system.Spawn(async self =>
        {
            for (int i = 0; i < 2; i++)
            {
                long began = schedule.Time.NowMs;
                Received<string> message = await self.TryReceive<string>(TimeSpan.FromMilliseconds(timeoutMs));
                if (message.HasValue)
                    got.Add(message.Value);
                else
                    schedule.Check(schedule.Time.NowMs - began >= timeoutMs, "timed out early");
            }

            await self.Receive<long>();
            while ((await self.TryReceive<string>(TimeSpan.Zero)) is { HasValue: true } left)
                got.Add(left.Value);
            done = true;
        });
        schedule.Start(
            "sender",
            () =>
            {
                system.Send(receiver, "one");
                Interleaving.Point();
                system.Send(receiver, "two");
                system.Send(receiver, 3L);
            }
        );
        schedule.Run();
        schedule.Check(done, "the receiver never ended");
        schedule.Check(string.Join(' ', got) == "one two", $"received {string.Join(' ', got)}");
    }

    /// <summary>A body that blocks hands its scheduler's queue and timers to a spare; nothing is run twice or lost.</summary>
    private static void Blocking(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode(schedulers: 1);
        int received = 0;
        int blocked = 0;
        Pid counter = system.Spawn(async self =>
        {
            for (; received < 4; received++)
                await self.Receive<long>();
        });
        for (int i = 0; i < 2; i++)
        {
            system.Spawn(async self =>
            {
                self.Send(counter, 1L);
                self.Blocking(Blocks);
                self.Send(counter, 2L);
                await self.Sleep(TimeSpan.FromMilliseconds(1)); // a timer in a wheel that has changed hands
            });
        }

        schedule.Run();
        schedule.Check(received == 4, $"{received} of 4 messages were received");
        schedule.Check(system.ProcessCount == 0, $"{system.ProcessCount} processes are left");

        void Blocks()
        {
            blocked++;
            Interleaving.Point();
            Interleaving.Point();
        }
    }

    /// <summary>The watchdog takes the place of a scheduler in the middle of a body, which wakes others and sets timers: nothing is run twice or lost.</summary>
    private static void Watchdog(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode(schedulers: 1);
        int received = 0;
        int slept = 0;
        Pid[] counters =
        [
            .. Enumerable
                .Range(0, 2)
                .Select(_ =>
                    system.Spawn(async self =>
                    {
                        for (int i = 0; i < 2; i++, received++)
                            await self.Receive<long>();
                    })
                ),
        ];
        for (int i = 0; i < 2; i++)
        {
            system.Spawn(async self =>
            {
                foreach (Pid counter in counters)
                {
                    Interleaving.Point();
                    self.Send(counter, 1L);
                }

                Interleaving.Point();
                await self.Sleep(TimeSpan.FromMilliseconds(1));
                slept++;
            });
        }

        schedule.Start(
            "watchdog",
            () =>
            {
                for (int look = 0; look < 4; look++)
                {
                    Interleaving.Point();
                    foreach (Scheduling.Scheduler scheduler in system.Group.All)
                        scheduler.TryMarkBlocked();
                }
            }
        );
        schedule.Run();
        schedule.Check(received == 4, $"{received} of 4 messages were received");
        schedule.Check(slept == 2, $"{slept} of 2 sleepers woke up");
        schedule.Check(system.ProcessCount == 0, $"{system.ProcessCount} processes are left");
    }

    /// <summary>More processes at once than a run queue holds: each runs once, here or on another scheduler.</summary>
    private static void Burst(Schedule schedule)
    {
        const int count = 9; // a queue of this build holds four
        ProcessSystem system = schedule.StartNode();
        int[] ran = new int[count];
        system.Spawn(async self =>
        {
            for (int i = 0; i < count; i++)
            {
                int number = i;
                self.Spawn(_ =>
                {
                    schedule.Check(++ran[number] == 1, $"process {number} ran twice");
                    return default;
                });
            }

            await self.Yield();
        });
        schedule.Run();
        schedule.Check(Array.TrueForAll(ran, times => times == 1), $"ran: {string.Join(' ', ran)}");
        schedule.Check(system.ProcessCount == 0, $"{system.ProcessCount} processes are left");
    }

    /// <summary>A node that stops while host threads still send: every scheduler ends.</summary>
    private static void Stop(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode();
        Pid receiver = system.Spawn(async self =>
        {
            while (true)
                await self.Receive();
        });
        for (int i = 0; i < 2; i++)
        {
            schedule.Start(
                $"sender {i}",
                () =>
                {
                    for (int n = 0; n < 3; n++)
                        system.Send(receiver, 1L);
                }
            );
        }

        schedule.Start("stopper", system.Group.Stop);
        schedule.RunToEnd();
    }
}
