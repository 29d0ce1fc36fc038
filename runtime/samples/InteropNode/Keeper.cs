namespace CloudScale.Samples.InteropNode;

internal sealed record Service(Func<Self, ProcessTask<StartResult>> Start);

internal static class Keeper
{
    internal static async ProcessTask Run(Self self, IReadOnlyList<Service> services, TaskCompletionSource up)
    {
        self.TrapExit = true;
        Dictionary<Pid, Service> running = [];
        foreach (Service service in services)
            running.Add((await service.Start(self)).Pid, service);
        up.SetResult();
        while (true)
        {
            Exit exit = await self.Receive<Exit>();
            if (!running.Remove(exit.From, out Service? ended))
                throw new ProcessExitException(exit.Reason);
            while (true)
            {
                StartResult again = await ended.Start(self);
                if (again.IsOk)
                {
                    running.Add(again.Pid, ended);
                    break;
                }

                await self.Sleep(TimeSpan.FromMilliseconds(20));
            }
        }
    }
}
