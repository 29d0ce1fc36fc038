using System.Runtime.CompilerServices;
using CloudScale.Scheduling;

namespace CloudScale.Exploration.Tests;

/// <summary>Exits that cross with whatever the process, or others because of it, are waiting for.</summary>
internal static partial class Scenarios
{
    /// <summary>Who suspends exits: whom it suspended goes on.</summary>
    private static void SuspenderExits(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode();
        bool ran = false;
        Pid target = system.Spawn(async self =>
        {
            await self.Receive<long>();
            ran = true;
        });
        Pid suspender = system.Spawn(async self =>
        {
            // As Self.Suspend does, but for its await, which goes on by way of the thread pool, and no schedule holds that.
            self.Owned().RememberSuspended(target);
            _ = system.SuspendAsync(target, self.Pid);
            await self.Receive<string>();
        });
        schedule.Start("killer", () => system.Exit(suspender, Atoms.Kill));
        schedule.Start("sender", () => system.Send(target, 1L));
        schedule.Run();
        schedule.Check(ran && system.ProcessCount == 0, $"ran: {ran}; {system.ProcessCount} processes are left");
    }

    /// <summary>A process exits by itself while its supervisor tells it to and another asks it to end: whoever has asked gets one report, and the supervisor learns once why.</summary>
    private static void AskedToEnd(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode();
        List<object> toSupervisor = [];
        List<object> toOther = [];
        Pid target = system.Spawn(async self => self.Exit(await self.Receive<string>()));
        Pid supervisor = system.Spawn(
            async self =>
            {
                self.Link(target);
                await self.Receive<string>();
                self.ExitMonitor(target, Atoms.Shutdown);
                while (true)
                    toSupervisor.Add(await self.Receive());
            },
            new SpawnOptions { TrapExit = true }
        );
        Pid other = system.Spawn(async self =>
        {
            await self.Receive<string>();
            self.StopMonitor(target, Atoms.Normal);
            while (true)
                toOther.Add(await self.Receive());
        });
        schedule.Start("sender", () => system.Send(target, "own"));
        schedule.Start("host", () => system.Send(supervisor, "stop it"));
        schedule.Start("another", () => system.Send(other, "ask it"));
        schedule.Run();
        schedule.Check(!system.IsAlive(target) && system.ProcessCount == 2, $"{system.ProcessCount} processes are left");
        schedule.Check(
            toSupervisor.Count(static message => message is Down) == 1
                && toSupervisor.Count(static message => message is not Down { Reason: Atom { Name: "noproc" } }) == 1,
            $"to the supervisor: {string.Join(", ", toSupervisor)}"
        );
        schedule.Check(toOther is [Down], $"to the other: {string.Join(", ", toOther)}");
    }

    /// <summary>Senders wait for room in a mailbox whose process exits: they go on.</summary>
    private static void RoomOfOneThatExits(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode();
        int done = 0;
        Pid receiver = system.Spawn(
            async self => await self.Receive<string>(),
            new SpawnOptions { MailboxLimit = new MailboxLimit(1, MailboxOverflow.Wait) }
        );
        for (int sender = 0; sender < 2; sender++)
        {
            system.Spawn(async self =>
            {
                await self.SendAsync(receiver, 1L);
                await self.SendAsync(receiver, 2L);
                done++;
            });
        }

        schedule.Start("killer", () => system.Exit(receiver, Atoms.Kill));
        schedule.Run();
        schedule.Check(done == 2 && system.ProcessCount == 0, $"{done} of 2 senders have gone on");
    }

    /// <summary>An exit signal crosses with the completion of what a body awaits: it ends once, and what it owns is disposed once.</summary>
    private static void ForeignExit(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode();
        Once once = new();
        int disposed = 0;
        int downs = 0;
        int after = 0;
        Pid target = system.Spawn(async self =>
        {
            self.Own(new Disposed(() => disposed++));
            await once;
            after++;
            await self.Receive<string>();
        });
        system.Spawn(async self =>
        {
            self.Monitor(target);
            while (true)
            {
                await self.Receive<Down>();
                downs++;
            }
        });
        schedule.Start("killer", () => system.Exit(target, "enough"));
        schedule.Start("completer", once.Complete);
        schedule.Run();
        schedule.Check(!system.IsAlive(target) && downs == 1, $"{downs} reports");
        schedule.Check(disposed <= 1 && after <= 1, $"disposed {disposed} times, resumed {after} times");
    }

    private sealed class Disposed(Action action) : IDisposable
    {
        public void Dispose() => action();
    }

    /// <summary>An awaitable that another thread completes.</summary>
    private sealed class Once : ICriticalNotifyCompletion
    {
        private Action? _continuation;

        public bool IsCompleted { get; private set; }

        public Once GetAwaiter() => this;

        public void GetResult() { }

        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        public void UnsafeOnCompleted(Action continuation)
        {
            if (IsCompleted)
                continuation();
            else
                _continuation = continuation;
        }

        internal void Complete()
        {
            Interleaving.Point();
            IsCompleted = true;
            _continuation?.Invoke();
        }
    }

    /// <summary>Three in a ring of links, one of which is told to exit, while a fourth links itself to them: all exit, and who traps is told by each peer once.</summary>
    private static void LinkRing(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode();
        Pid[] ring = new Pid[3];
        for (int i = 0; i < ring.Length; i++)
        {
            int number = i;
            ring[i] = system.Spawn(async self =>
            {
                if (number > 0)
                    self.Link(ring[number - 1]);
                await self.Receive<string>();
                self.Exit("bad");
            });
        }

        Dictionary<Pid, int> told = [];
        Pid watcher = system.Spawn(
            async self =>
            {
                foreach (Pid pid in ring)
                    self.Link(pid);
                while (true)
                {
                    Pid from = (await self.Receive<Exit>()).From;
                    told[from] = told.GetValueOrDefault(from) + 1;
                }
            },
            new SpawnOptions { TrapExit = true }
        );
        schedule.Start("host", () => system.Send(ring[1], "end"));
        schedule.Run();
        schedule.Check(system.ProcessCount == 1 && system.IsAlive(watcher), $"{system.ProcessCount} processes are left");
        schedule.Check(Array.TrueForAll(ring, pid => told.GetValueOrDefault(pid) == 1), $"told {string.Join(' ', told.Values)} times");
    }

    /// <summary>A child that is born linked and monitored, and killed at once: its parent is told once by each.</summary>
    private static void BornAndKilled(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode();
        int exits = 0;
        int downs = 0;
        Pid child = default;
        Pid parent = system.Spawn(
            async self =>
            {
                await self.Receive<string>();
                child = self.SpawnMonitor(async inner => await inner.Receive<string>(), out _, new SpawnOptions { Link = true });
                while (true)
                {
                    if (await self.Receive() is Exit)
                        exits++;
                    else
                        downs++;
                }
            },
            new SpawnOptions { TrapExit = true }
        );
        schedule.Start("host", () => system.Send(parent, "begin"));
        schedule.Start(
            "killer",
            () =>
            {
                for (int look = 0; look < 6 && child.IsNone; look++)
                    Interleaving.Point();
                if (!child.IsNone)
                    system.Exit(child, Atoms.Kill);
            }
        );
        schedule.Run();
        int expected = system.IsAlive(child) ? 0 : 1;
        schedule.Check(
            exits == expected && downs == expected,
            $"{exits} exits and {downs} reports of a child that is {(expected == 0 ? "alive" : "gone")}"
        );
    }
}
