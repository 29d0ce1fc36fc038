namespace CloudScale.Soak;

/// <summary>The strangers: processes that send, link, trap and die as chance wants, and the keeper that puts a new one in the place of each that is gone.</summary>
/// <remarks>The keeper's account: of every stranger it hears once, and never of another.</remarks>
internal static class Crowd
{
    private static readonly Atom s_bored = Atom.Of("bored");

    /// <summary>Runs until the world stops; then ends all strangers and hears of each.</summary>
    public static async ProcessTask Keep(Self self, World world, Random random, TaskCompletionSource finished)
    {
        var places = new Dictionary<Reference, (int Place, Pid Pid)>();
        for (int place = 0; place < world.CrowdSize; place++)
            Fill(place);
        while (places.Count > 0)
        {
            Received<Down> down = await self.TryReceive<Down>(TimeSpan.FromMilliseconds(100));
            if (down.HasValue)
            {
                bool known = places.Remove(down.Value.Reference, out var gone);
                world.Check(
                    known && down.Value.Object is Pid pid && pid == gone.Pid,
                    $"the keeper heard of a stranger it does not keep: {down.Value}"
                );
                if (known && !world.Stopping)
                    Fill(gone.Place);
            }

            if (world.Stopping)
            {
                foreach ((_, Pid pid) in places.Values)
                    self.Exit(pid, Atoms.Kill);
                while (places.Count > 0)
                {
                    Received<Down> last = await self.TryReceive<Down>(TimeSpan.FromSeconds(60));
                    world.Check(last.HasValue, $"{places.Count} strangers were killed and never reported");
                    if (!last.HasValue)
                        break;
                    world.Check(places.Remove(last.Value.Reference), $"a stranger was reported twice: {last.Value}");
                }

                break;
            }
        }

        finished.SetResult();

        void Fill(int place)
        {
            Random own = new(random.Next());
            Pid pid = self.SpawnMonitor(
                stranger => Live(stranger, world, own),
                out Reference monitor,
                new SpawnOptions { TrapExit = own.Next(4) == 0 }
            );
            places.Add(monitor, (place, pid));
            world.SetStranger(place, pid);
        }
    }

    private static async ProcessTask Live(Self self, World world, Random random)
    {
        for (int left = random.Next(1, 60); left > 0; left--)
        {
            Received<object> received = await self.TryReceive(TimeSpan.FromMilliseconds(random.Next(0, 40)));
            if (received.HasValue && received.Value is Asked(var asker, var reference))
                self.Send(asker, reference);
            Pid other = world.Stranger(random);
            switch (random.Next(12))
            {
                case 0:
                    self.Link(other);
                    break;
                case 1:
                    self.Unlink(other);
                    break;
                case 2:
                    self.Demonitor(self.Monitor(other), flush: random.Next(2) == 0);
                    break;
                case 3:
                    self.Monitor(other); // left to the exit to take back, or to fire
                    break;
                case 4:
                    self.SendAfter(TimeSpan.FromMilliseconds(random.Next(30)), other, (long)left);
                    break;
                case 5:
                    await Pause(self, random);
                    break;
                case 6:
                    self.Own(world.NewResource());
                    break;
                default:
                    for (int more = random.Next(20); more > 0; more--)
                        self.Send(world.Stranger(random), (long)more);
                    break;
            }
        }

        if (random.Next(2) == 0)
            self.Exit(s_bored); // takes those it is linked to with it, if they do not trap
    }

    // A call into a body of its own, with something awaited that is not ours.
    private static async ProcessTask Pause(Self self, Random random)
    {
        await Task.Delay(random.Next(5));
        await self.Yield();
    }

    /// <summary>A question to a stranger; the answer is the reference.</summary>
    public sealed record Asked(Pid From, Reference Reference);
}
