namespace CloudScale.Soak.Roles;

/// <summary>Mailboxes with a limit, of every policy, and processes of every level.</summary>
internal sealed class Limits : Role
{
    protected override async ProcessTask Episode(Self self, World world, Random random)
    {
        MailboxOverflow overflow = (MailboxOverflow)random.Next(3);
        (int limit, int count, Pid driver) = (random.Next(1, 50), random.Next(1, 200), self.Pid);
        Pid receiver = self.SpawnMonitor(
            other => Count(other, driver),
            out Reference monitor,
            new SpawnOptions { Priority = (ProcessPriority)random.Next(4), MailboxLimit = new MailboxLimit(limit, overflow) }
        );
        for (int number = 0; number < count; number++)
        {
            if (overflow == MailboxOverflow.Wait)
                await self.SendAsync(receiver, (long)number);
            else
                self.Send(receiver, (long)number);
            if (random.Next(20) == 0)
                await self.Yield();
        }

        if (overflow == MailboxOverflow.Wait)
            await self.SendAsync(receiver, Go);
        else
            self.Send(receiver, Go);
        // It may have dropped the word that ends it, too; then it is told again until it is gone.
        Received<Down> down = await self.TryReceive<Down>(each => each.Reference == monitor, TimeSpan.FromMilliseconds(20));
        for (int tries = 0; !down.HasValue && tries < 3_000; tries++)
        {
            self.Send(receiver, Go);
            down = await self.TryReceive<Down>(each => each.Reference == monitor, TimeSpan.FromMilliseconds(20));
        }

        world.Check(down.HasValue, $"{Name}: a process with a limit never ended");
        Received<long> got = await self.TryReceive<long>(TimeSpan.Zero);
        bool killed = down.HasValue && ReferenceEquals(down.Value.Reason, Atoms.Killed);
        world.Check(
            killed ? overflow == MailboxOverflow.Kill : got.HasValue,
            $"{Name}: {overflow} with {limit} of {count} ended in {(down.HasValue ? down.Value : "nothing")}"
        );
        world.Check(
            killed || got.Value == count || (overflow == MailboxOverflow.DropNewest && got.Value < count),
            $"{Name}: {got} of {count} came by {overflow}"
        );
    }

    private static async ProcessTask Count(Self self, Pid driver)
    {
        long count = 0;
        while (await self.Receive() is long)
            count++;
        self.Send(driver, count);
    }
}
