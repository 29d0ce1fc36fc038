using CloudScale.Scheduling;

namespace CloudScale.Perf.Pressure.Programs;

/// <summary>Names and monitors by the ten thousands at once.</summary>
internal sealed class Storms(int names, int all, int many) : PressureProgram
{
    private const int NameRounds = 100;
    private static readonly Atom s_done = Atom.Of("done");
    private static readonly Atom s_stop = Atom.Of("stop");
    private static readonly Atom s_go = Atom.Of("go");

    public override string Name => "storms";

    public override string What =>
        $"{names:#,0} processes over {Contested(names):#,0} names; {many:#,0} monitors on one and by one; {all:#,0} processes monitor each other";

    public override async Task Run(Findings findings)
    {
        ProcessSystem system = findings.NewSystem();
        await Names(system, findings);
        await ManyToOne(system, findings);
        await OneToMany(system, findings);
        await AllToAll(system, findings);
        await findings.Stop(system);
    }

    private static int Contested(int names) => Math.Max(names / 10, 2);

    // More processes than names: each tries to take one, is asked for by others while it holds it, and frees it.
    private async Task Names(ProcessSystem system, Findings findings)
    {
        Atom[] atoms = [.. Enumerable.Range(0, Contested(names)).Select(index => Atom.Of($"storm_{index}"))];
        int[] holders = new int[atoms.Length];
        double seconds = await system.Time(async self =>
        {
            Pid driver = self.Pid;
            for (int index = 0; index < names; index++)
            {
                int number = index;
                self.Spawn(other => Contender(other, driver, atoms, holders, number, findings));
            }

            for (int left = names; left > 0; left--)
                await self.Receive<Atom>();
            await self.UntilLeft(1);
        });
        findings.Add("names, tries to take one", names * (double)NameRounds / seconds, "a second");
        findings.Check(system.RegisteredNames.Count == 0, $"{system.RegisteredNames.Count} names are left when their holders are gone");
        foreach (Atom atom in atoms)
            findings.Check(system.WhereIs(atom).IsNone, $"{atom} still leads to a process");
    }

    private static async ProcessTask Contender(Self self, Pid driver, Atom[] atoms, int[] holders, int number, Findings findings)
    {
        for (int round = 0; round < NameRounds; round++)
        {
            int index = (number + (round * 7)) % atoms.Length;
            if (self.WhereIs(atoms[index]).IsNone && TryTake(self, atoms[index]))
            {
                findings.Check(Interlocked.Increment(ref holders[index]) == 1, $"two processes hold {atoms[index]}");
                findings.Check(self.WhereIs(atoms[index]) == self.Pid, $"{atoms[index]} does not lead to its holder");
                await self.Yield();
                Interlocked.Decrement(ref holders[index]);
                // The last name is left to the exit to free.
                if (round == NameRounds - 1)
                    break;
                findings.Check(self.System.Unregister(atoms[index]), $"{atoms[index]} was free while it was held");
            }

            if (round % 8 == 7)
                await self.Yield();
        }

        self.Send(driver, s_done);
    }

    private static bool TryTake(Self self, Atom name)
    {
        try
        {
            self.Register(name, self.Pid);
            return true;
        }
        catch (ArgumentException)
        {
            return false; // somebody was quicker
        }
    }

    private async Task ManyToOne(ProcessSystem system, Findings findings)
    {
        double seconds = await system.Time(async self =>
        {
            Pid driver = self.Pid;
            Pid target = self.Spawn(Waiter);
            for (int left = many; left > 0; left--)
                self.Spawn(other => Watcher(other, target, driver));
            for (int left = many; left > 0; left--)
                await self.Receive<Atom>();
            self.Send(target, s_stop);
            for (int left = many; left > 0; left--)
                await self.Receive<Atom>();
            await self.UntilLeft(1);
        });
        findings.Add("many monitor one and are told", many / seconds, "a second");
    }

    private static async ProcessTask Watcher(Self self, Pid target, Pid driver)
    {
        Reference monitor = self.Monitor(target);
        self.Send(driver, s_done);
        Down down = await self.Receive<Down>();
        if (down.Reference != monitor || down.Object is not Pid pid || pid != target)
            throw new InvalidOperationException($"a DOWN came that is not due: {down}");
        self.Send(driver, s_done);
    }

    private async Task OneToMany(ProcessSystem system, Findings findings)
    {
        double seconds = await system.Time(async self =>
        {
            var due = new HashSet<Reference>(many);
            var targets = new Pid[many];
            for (int index = 0; index < many; index++)
            {
                targets[index] = self.Spawn(Waiter);
                due.Add(self.Monitor(targets[index]));
                if (index % 2 == 1)
                    due.Add(self.Monitor(targets[index])); // several on one are several reports
            }

            foreach (Pid target in targets)
                self.Send(target, s_stop);
            while (due.Count > 0)
                if (await self.Receive<Down>() is var down && !due.Remove(down.Reference))
                    throw new InvalidOperationException($"a DOWN came twice, or is nobody's: {down}");
            await self.UntilLeft(1);
        });
        findings.Add("one monitors many and is told", many / seconds, "a second");
    }

    // Half of them end; each of the others must hear of each of those, and of nobody else.
    private async Task AllToAll(ProcessSystem system, Findings findings)
    {
        var members = new Pid[all];
        int ending = all / 2;
        double seconds = await system.Time(async self =>
        {
            Pid driver = self.Pid;
            for (int index = 0; index < all; index++)
            {
                int number = index;
                members[index] = self.Spawn(other => Member(other, members, number, ending, driver));
            }

            foreach (Pid member in members)
                self.Send(member, s_go);
            for (int left = all; left > 0; left--)
                await self.Receive<Atom>();
            for (int index = 0; index < ending; index++)
                self.Send(members[index], s_stop);
            for (int left = all - ending; left > 0; left--)
                await self.Receive<Atom>();
            await self.UntilLeft(1);
        });
        findings.Add("all monitor all, half end", (double)all * (all - 1) / seconds, "monitors a second");
    }

    private static async ProcessTask Member(Self self, Pid[] members, int number, int ending, Pid driver)
    {
        await self.Receive<Atom>(); // the list is complete
        var due = new Dictionary<Reference, int>(members.Length);
        for (int index = 0; index < members.Length; index++)
            if (index != number)
                due.Add(self.Monitor(members[index]), index);
        self.Send(driver, s_done);
        if (number < ending)
        {
            await self.Receive<Atom>();
            return;
        }

        for (int left = ending; left > 0; left--)
        {
            Down down = await self.Receive<Down>();
            if (!due.Remove(down.Reference, out int index) || index >= ending)
                throw new InvalidOperationException($"a DOWN came that is not due: {down}");
        }

        foreach (Reference monitor in due.Keys)
            self.Demonitor(monitor, flush: true);
        self.Send(driver, s_done);
    }

    private static async ProcessTask Waiter(Self self) => await self.Receive<Atom>();
}
