using CloudScale.Scheduling;

namespace CloudScale.Exploration.Tests;

/// <summary>Links, monitors and names: what two processes must agree on while either may exit.</summary>
internal static partial class Scenarios
{
    private static readonly Atom s_name = Atom.Of("name");

    /// <summary>One links and unlinks while the other links: at rest both think the same of it.</summary>
    private static void Unlink(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode();
        Pid second = system.Spawn(async self =>
        {
            self.Link(await self.Receive<Pid>());
            await self.Receive<string>();
        });
        Pid first = system.Spawn(async self =>
        {
            self.Link(second);
            await self.Yield();
            self.Unlink(second);
            await self.Receive<string>();
        });
        schedule.Start("host", () => system.Send(second, first));
        schedule.Run();
        bool one = IsLinked(system, first, second);
        bool other = IsLinked(system, second, first);
        schedule.Check(one == other, $"one side is linked, the other is not: {one}, {other}");
    }

    private static bool IsLinked(ProcessSystem system, Pid pid, Pid peer) => system.Table.Find(pid.Number)!.Describe().Links.Contains(peer);

    /// <summary>A link to a process that exits: exactly one exit message, whatever came first.</summary>
    private static void LinkExit(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode();
        Pid target = system.Spawn(async self => await self.Receive<string>());
        int exits = 0;
        system.Spawn(
            async self =>
            {
                self.Link(target);
                while (true)
                {
                    Exit exit = await self.Receive<Exit>();
                    schedule.Check(exit.From == target, "from the process linked to");
                    exits++;
                }
            },
            new SpawnOptions { TrapExit = true }
        );
        schedule.Start("host", () => system.Send(target, "end"));
        schedule.Run();
        schedule.Check(exits == 1, $"{exits} exit messages of one link");
        schedule.Check(!system.IsAlive(target), "the target has ended");
    }

    /// <summary>A monitor on a process that exits reports once.</summary>
    private static void MonitorExit(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode();
        Pid target = system.Spawn(async self => await self.Receive<string>());
        int downs = 0;
        for (int i = 0; i < 2; i++)
        {
            system.Spawn(async self =>
            {
                Reference monitor = self.Monitor(target);
                while (true)
                {
                    Down down = await self.Receive<Down>();
                    schedule.Check(down.Reference == monitor, "the report is of this monitor");
                    downs++;
                }
            });
        }

        schedule.Start("host", () => system.Send(target, "end"));
        schedule.Run();
        schedule.Check(downs == 2, $"{downs} reports of 2 monitors");
    }

    /// <summary>After a demonitor with flush no report comes, also from a target that exits at that moment.</summary>
    private static void Demonitor(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode();
        Pid target = system.Spawn(async self => await self.Receive<string>());
        bool demonitored = false;
        system.Spawn(async self =>
        {
            Reference monitor = self.Monitor(target);
            await self.Yield();
            self.Demonitor(monitor, flush: true);
            demonitored = true;
            await self.Receive<Down>();
            schedule.Check(false, "a report came after the demonitor");
        });
        schedule.Start("host", () => system.Send(target, "end"));
        schedule.Run();
        schedule.Check(demonitored, "the watcher has run");
    }

    /// <summary>A name passes from a process that exits to another: who has registered last bears it.</summary>
    private static void Names(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode(schedulers: 1);
        Pid first = system.Spawn(async self => await self.Receive<string>(), new SpawnOptions { Name = s_name });
        Pid second = system.Spawn(async self => await self.Receive<string>());
        bool registered = false;
        schedule.Start("ender", () => system.Send(first, "end"));
        schedule.Start(
            "successor",
            () =>
            {
                system.Unregister(s_name);
                Interleaving.Point();
                system.Register(s_name, second);
                registered = true;
            }
        );
        schedule.Run();
        schedule.Check(registered && system.WhereIs(s_name) == second, "the successor bears the name");
        schedule.Check(system.RegisteredNames.Count == 1, "one name");
    }

    /// <summary>A process is registered while it exits: at rest no dead process bears a name, and the name is free.</summary>
    private static void NamesExit(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode(schedulers: 1);
        Pid first = system.Spawn(async self => await self.Receive<string>());
        Pid second = system.Spawn(async self => await self.Receive<string>());
        schedule.Start("ender", () => system.Send(first, "end"));
        schedule.Start("registrar", () => TryRegister(system, first));
        schedule.Run();
        schedule.Check(system.RegisteredNames.Count == 0, "a dead process bears a name");
        schedule.Check(TryRegister(system, second), "the name is free");
    }

    private static bool TryRegister(ProcessSystem system, Pid pid)
    {
        try
        {
            system.Register(s_name, pid);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
