namespace CloudScale.Perf.Macro.Scenarios;

/// <summary>A tree of processes, ten children each; the leaves send their number up, every other node the sum of its children. Twin: <c>skynet.erl</c>.</summary>
internal sealed class Skynet : Scenario
{
    // An operation is a whole tree, of the largest power of width that is not above count leaves.
    public override async ProcessTask<long> Round(Self self, int width, int count)
    {
        long leaves = 1;
        while (leaves * width <= count)
            leaves *= width;

        Pid driver = self.Pid;
        self.Spawn(root => Node(root, driver, number: 0, leaves, width));
        long sum = await self.Receive<long>();
        if (sum != leaves * (leaves - 1) / 2)
            throw new InvalidOperationException($"a tree of {leaves} leaves summed up to {sum}");
        return 1;
    }

    private static ProcessTask Node(Self self, Pid parent, long number, long leaves, int width)
    {
        if (leaves > 1)
            return Inner(self, parent, number, leaves, width);
        self.Send(parent, number);
        return ProcessTask.Completed;
    }

    private static async ProcessTask Inner(Self self, Pid parent, long number, long leaves, int width)
    {
        long each = leaves / width;
        Pid node = self.Pid;
        for (int child = 0; child < width; child++)
        {
            long first = number + child * each;
            self.Spawn(other => Node(other, node, first, each, width));
        }

        long sum = 0;
        for (int left = width; left > 0; left--)
            sum += await self.Receive<long>();
        self.Send(parent, sum);
    }
}
