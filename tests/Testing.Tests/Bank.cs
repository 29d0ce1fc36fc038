namespace CloudScale.Testing.Tests;

/// <summary>Ordinary process code with faults that only some schedules show.</summary>
internal static class Bank
{
    internal sealed record Read(Pid From);

    internal sealed record Write(long Value);

    internal sealed record Add(Pid From, long Value);

    /// <summary>A cell that others read and write: two that add to it by read and write may lose an update.</summary>
    internal static async ProcessTask Cell(Self self)
    {
        long value = 0;
        while (true)
        {
            switch (await self.Receive())
            {
                case Read(var from):
                    self.Send(from, value);
                    break;
                case Write(var fresh):
                    value = fresh;
                    break;
                case Add(var from, var change):
                    value += change;
                    self.Send(from, value);
                    break;
            }
        }
    }

    internal static Func<Self, ProcessTask> Careless(Pid cell) =>
        async self =>
        {
            self.Send(cell, new Read(self.Pid));
            long value = await self.Receive<long>();
            self.Send(cell, new Write(value + 1));
        };

    internal static Func<Self, ProcessTask> Careful(Pid cell) =>
        async self =>
        {
            self.Send(cell, new Add(self.Pid, 1));
            await self.Receive<long>();
        };

    /// <summary>Two that each ask the other before they answer: a deadlock if both have asked.</summary>
    internal static Func<Self, ProcessTask> Stubborn(Func<Pid> other) =>
        async self =>
        {
            if (await self.TryReceive<Pid>(TimeSpan.Zero) is { HasValue: true } early)
            {
                self.Send(early.Value, "answer");
                return;
            }

            await self.Yield();
            self.Send(other(), self.Pid);
            await self.Receive<string>();
        };
}
