namespace CloudScale.Soak.Roles;

/// <summary>Links to children and strangers: each tells once and with the right reason, unless taken down; what is taken down tells no more.</summary>
internal sealed class Links : Role
{
    private static readonly Atom s_any = Atom.Of("any reason");

    protected override async ProcessTask Episode(Self self, World world, Random random)
    {
        var due = new Dictionary<Pid, object>(); // with the reason that must come
        var unlinked = new List<Pid>();
        for (int left = random.Next(1, 40); left > 0; left--)
        {
            switch (random.Next(6))
            {
                case 0: // ends by itself, with a reason of its own
                    long reason = random.NextInt64();
                    due.Add(self.SpawnLink(child => EndWith(child, reason)), reason);
                    break;
                case 1:
                    due.Add(self.SpawnLink(static _ => ProcessTask.Completed), Atoms.Normal);
                    break;
                case 2:
                    Pid killed = self.SpawnLink(Wait);
                    self.Exit(killed, Atoms.Kill);
                    due.Add(killed, Atoms.Killed);
                    break;
                case 3: // told to go, and takes a grandchild with it
                    Pid parent = self.SpawnLink(Parent);
                    self.Exit(parent, Boom);
                    due.Add(parent, Boom);
                    break;
                case 4: // a stranger, who may be gone, may go by itself, or goes by our hand; linked twice is linked once
                    Pid stranger = world.Stranger(random);
                    self.Link(stranger);
                    self.Link(stranger);
                    self.Exit(stranger, Atoms.Kill);
                    due[stranger] = s_any;
                    break;
                default:
                    Pid child = self.SpawnLink(Wait);
                    self.Unlink(child);
                    unlinked.Add(child);
                    break;
            }
        }

        // Nothing of these may be heard.
        foreach (Pid child in unlinked)
            self.Exit(child, Atoms.Kill);
        while (due.Count > 0)
        {
            Received<Exit> exit = await self.TryReceive<Exit>(Patience);
            if (!exit.HasValue)
            {
                world.Check(false, $"{Name}: {due.Count} links never told, one of them to {due.Keys.First()}");
                return;
            }

            bool known = due.Remove(exit.Value.From, out object? reason);
            world.Check(known, $"{Name}: a link told twice, or after it was taken down: {exit.Value}");
            world.Check(
                !known || ReferenceEquals(reason, s_any) || exit.Value.Reason.Equals(reason),
                $"{Name}: {exit.Value} in place of the reason {reason}"
            );
        }
    }

    private static ProcessTask EndWith(Self self, object reason)
    {
        self.Exit(reason);
        return ProcessTask.Completed;
    }

    private static async ProcessTask Parent(Self self)
    {
        self.SpawnLink(Wait);
        await Wait(self);
    }
}
