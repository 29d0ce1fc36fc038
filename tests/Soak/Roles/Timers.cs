using System.Diagnostics;

namespace CloudScale.Soak.Roles;

/// <summary>Timers, some cancelled: each comes once and not early, or was cancelled and never comes.</summary>
internal sealed class Timers : Role
{
    protected override async ProcessTask Episode(Self self, World world, Random random)
    {
        int count = random.Next(1, 60);
        var timers = new ProcessTimer[count];
        var due = new long[count]; // 0: came, or was cancelled
        int waiting = count;
        ProcessTimer[] far = [.. Enumerable.Range(0, 5).Select(hours => self.SendAfter(TimeSpan.FromHours(1 + hours), self.Pid, -1L))];
        for (int index = 0; index < count; index++)
        {
            int delayMs = random.Next(60);
            due[index] = Stopwatch.GetTimestamp() + (delayMs * (Stopwatch.Frequency / 1_000));
            timers[index] = self.SendAfter(TimeSpan.FromMilliseconds(delayMs), self.Pid, (long)index);
            if (random.Next(4) == 0)
                await self.Yield();
            Cancel(random.Next(index + 1));
        }

        while (waiting > 0)
        {
            Received<long> received = await self.TryReceive<long>(TimeSpan.FromMilliseconds(random.Next(20)));
            if (received.HasValue)
                Take((int)received.Value);
            else if (random.Next(2) == 0)
                Cancel(random.Next(count));
            long now = Stopwatch.GetTimestamp();
            bool lost = waiting > 0 && Array.TrueForAll(due, each => each == 0 || Stopwatch.GetElapsedTime(each, now) > Patience);
            world.Check(!lost, $"{Name}: {waiting} timers never came");
            if (lost)
                return;
        }

        foreach (ProcessTimer timer in far)
        {
            world.Check(timer.Cancel(), $"{Name}: a timer of an hour could not be cancelled");
            world.Check(!timer.Cancel(), $"{Name}: a timer was cancelled twice");
        }

        void Take(int index)
        {
            world.Check(due[index] != 0, $"{Name}: a timer came twice, or after it was cancelled");
            double lateMs = Stopwatch.GetElapsedTime(due[index]).TotalMilliseconds;
            world.Check(due[index] == 0 || lateMs >= 0, $"{Name}: a timer came {-lateMs} ms early");
            (due[index], waiting) = (0, waiting - 1);
        }

        void Cancel(int index)
        {
            if (random.Next(3) != 0 || due[index] == 0 || !timers[index].Cancel())
                return;
            (due[index], waiting) = (0, waiting - 1);
        }
    }
}
