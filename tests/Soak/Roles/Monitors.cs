namespace CloudScale.Soak.Roles;

/// <summary>Monitors on children, on strangers, on the dead, several on one: each fires once, unless taken back.</summary>
internal sealed class Monitors : Role
{
    private static readonly Atom s_nobody = Atom.Of("nobody_bears_this_name");

    protected override async ProcessTask Episode(Self self, World world, Random random)
    {
        var due = new Dictionary<Reference, Pid>();
        Pid last = self.Pid;
        for (int left = random.Next(1, 60); left > 0; left--)
        {
            switch (random.Next(6))
            {
                case 0:
                    last = self.SpawnMonitor(static _ => ProcessTask.Completed, out Reference born);
                    due.Add(born, last);
                    break;
                case 1: // a stranger that dies by our hand, as it sees it or as it must
                    last = world.Stranger(random);
                    due.Add(self.Monitor(last), last);
                    self.Exit(last, Atoms.Kill);
                    break;
                case 2 when last != self.Pid: // one more on the same, which may be gone
                    Reference again = self.Monitor(last);
                    due.Add(again, last);
                    self.Exit(last, Atoms.Kill);
                    break;
                case 3: // taken back at once
                    self.Demonitor(self.Monitor(world.Stranger(random)), flush: true);
                    break;
                case 4: // taken back at the very moment at which it may fire
                    Pid dying = self.Spawn(static _ => ProcessTask.Completed);
                    Reference racing = self.Monitor(dying);
                    if (random.Next(2) == 0)
                        await self.Yield();
                    self.Demonitor(racing, flush: true);
                    break;
                default:
                    Reference named = self.Monitor(s_nobody);
                    Down down = await self.Receive<Down>(each => each.Reference == named, Patience);
                    world.Check(ReferenceEquals(down.Reason, Atoms.NoProc), $"{Name}: a name nobody bears gave {down}");
                    break;
            }
        }

        await TakeDowns(self, world, due);
    }
}
