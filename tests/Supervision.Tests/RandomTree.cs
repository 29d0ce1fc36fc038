namespace CloudScale.Supervision.Tests;

/// <summary>A supervision tree that follows from the schedule, what is done to it, and what must hold of it whatever is done.</summary>
internal sealed class RandomTree
{
    private static readonly RestartStrategy[] s_strategies =
    [
        RestartStrategy.OneForOne,
        RestartStrategy.OneForAll,
        RestartStrategy.RestForOne,
    ];

    private readonly TestSystem _test;
    private readonly Random _random;
    private readonly List<string> _ends = [];
    private readonly Dictionary<Pid, Node> _supervisors = []; // every one that ever ran
    private readonly HashSet<Pid> _workers = []; // that ran Init to its end
    private int _nodes;
    private int _left = 9;

    public RandomTree(TestSystem test)
    {
        _test = test;
        _random = new Random(SeedOf(test.Schedule));
        Driver = test.Spawn(async self =>
        {
            self.TrapExit = true;
            Root = (await self.Start(new Node(this, depth: 0))).Pid;
        });
        test.Settle();
        if (!test.Processes.IsAlive(Root))
            throw new InvalidOperationException("The tree did not start.");
    }

    private Pid Driver { get; }

    private Pid Root { get; set; }

    /// <summary>The same on each machine, and in each process.</summary>
    private static int SeedOf(string schedule)
    {
        uint hash = 2_166_136_261;
        foreach (char c in schedule)
            hash = (hash ^ c) * 16_777_619;
        return (int)hash;
    }

    // ---- what is done to it ----

    /// <summary>Processes that crash, kill and ask, all at once.</summary>
    public void Disturb(bool kills)
    {
        int disturbers = _random.Next(1, 4);
        for (int i = 0; i < disturbers; i++)
        {
            _test.Spawn(async self =>
            {
                int deeds = _random.Next(1, 5);
                for (int deed = 0; deed < deeds; deed++)
                {
                    await DisturbOnceAsync(self, kills);
                    await self.Yield();
                }
            });
        }
    }

    private async ProcessTask DisturbOnceAsync(Self self, bool kills)
    {
        switch (_random.Next(kills ? 4 : 3))
        {
            case 0:
            case 1:
                self.Cast(Any(_workers), _random.Next(2) == 0 ? (Atom)"crash" : Atoms.Normal);
                break;
            case 2:
                await AskAsync(self);
                break;
            default:
                IReadOnlyList<Pid> all = _test.Processes.Processes(); // also one that is in its Init
                self.Exit(all[_random.Next(all.Count)] is var victim && victim == Driver ? Root : victim, Atoms.Kill);
                break;
        }
    }

    private async ProcessTask AskAsync(Self self)
    {
        Pid supervisor = Any(_supervisors.Keys);
        if (!_supervisors.TryGetValue(supervisor, out Node? node))
            return;
        object id = (long)_random.Next(node.Children);
        try
        {
            switch (_random.Next(4))
            {
                case 0:
                    await self.TerminateChild(supervisor, id);
                    break;
                case 1:
                    node.Asked++;
                    await self.RestartChild(supervisor, id);
                    break;
                case 2:
                    await self.DeleteChild(supervisor, id);
                    break;
                default:
                    node.Asked++;
                    await self.StartChild(supervisor, node.Worker(node.Children + (int)self.Pid.Number % 100));
                    break;
            }
        }
        catch (ProcessExitException) { } // it ended meanwhile
    }

    private Pid Any(IReadOnlyCollection<Pid> pids)
    {
        Pid[] alive = [.. pids.Where(_test.Processes.IsAlive)];
        return alive.Length == 0 ? Root : alive[_random.Next(alive.Length)];
    }

    public void StopWhileKilled()
    {
        _test.Processes.Exit(Root, Atoms.Shutdown);
        if (_random.Next(2) == 0)
            _test.Spawn(async self => await self.Stop(Root, Atoms.Shutdown).Caught());
        Pid[] victims = [.. _workers, .. _supervisors.Keys];
        int kills = _random.Next(1, 4);
        for (int i = 0; i < kills; i++)
        {
            Pid victim = victims[_random.Next(victims.Length)];
            _test.Spawn(async self =>
            {
                for (int wait = _random.Next(6); wait > 0; wait--)
                    await self.Yield();
                self.Exit(victim, Atoms.Kill);
            });
        }

        _test.Spawn(async self => await self.Stop(Root, Atoms.Shutdown).Caught());
    }

    /// <summary>Stops the root; every worker must end in the reverse of the order of starts, as <c>which_children</c> has it.</summary>
    public void StopInOrder()
    {
        if (!_test.Processes.IsAlive(Root))
            return;
        List<string> expected = [];
        _test.Run(self => ExpectedAsync(self, Root, expected));
        _ends.Clear();
        _test.Run(async self => await self.Stop(Root, Atoms.Shutdown));
        _test.Settle();
        if (!_ends.SequenceEqual(expected))
            throw new InvalidOperationException($"Ended: {string.Join(' ', _ends)}; expected: {string.Join(' ', expected)}.");
    }

    private async ProcessTask ExpectedAsync(Self self, Pid supervisor, List<string> expected)
    {
        foreach (ChildInfo child in await self.WhichChildren(supervisor))
        {
            if (child.Pid.IsNone)
                continue;
            if (child.Type == ChildType.Supervisor)
                await ExpectedAsync(self, child.Pid, expected);
            else
                expected.Add(child.Pid.ToString());
        }
    }

    // ---- what must hold ----

    /// <summary>No time has passed, so everything is within one period: a supervisor has started its children once, as often as it was asked, and as often as its intensity allows.</summary>
    public void CheckIntensity()
    {
        foreach ((Pid pid, Node node) in _supervisors)
        {
            int each = node.Strategy == RestartStrategy.OneForOne ? 1 : node.Children + node.Asked;
            int most = node.Children + node.Asked + (node.Intensity * each);
            if (node.Starts > most)
                throw new InvalidOperationException(
                    $"{pid} ({node.Strategy}, intensity {node.Intensity}) made {node.Starts} starts; {most} are allowed."
                );
        }
    }

    /// <summary>Every child shown lives, every process that lives is shown, and nothing is left restarting.</summary>
    public void CheckChildren()
    {
        if (!_test.Processes.IsAlive(Root))
            return;
        HashSet<Pid> shown = [Root];
        _test.Run(self => CollectAsync(self, Root, shown));
        foreach (Pid pid in shown)
        {
            if (!_test.Processes.IsAlive(pid))
                throw new InvalidOperationException($"{pid} is shown, and does not live.");
        }

        foreach (Pid pid in _workers.Concat(_supervisors.Keys))
        {
            if (_test.Processes.IsAlive(pid) && !shown.Contains(pid))
                throw new InvalidOperationException($"{pid} lives, and nobody shows it.");
        }
    }

    private async ProcessTask CollectAsync(Self self, Pid supervisor, HashSet<Pid> shown)
    {
        ChildCounts counts = await self.CountChildren(supervisor);
        IReadOnlyList<ChildInfo> children = await self.WhichChildren(supervisor);
        if (counts.Active != children.Count(child => !child.Pid.IsNone) || children.Any(child => child.IsRestarting))
            throw new InvalidOperationException($"{supervisor} counts {counts} and shows {string.Join(' ', children)}.");
        foreach (ChildInfo child in children.Where(child => !child.Pid.IsNone))
        {
            shown.Add(child.Pid);
            if (child.Type == ChildType.Supervisor)
                await CollectAsync(self, child.Pid, shown);
        }
    }

    /// <summary>The root is gone, and nothing of the tree is left.</summary>
    public void CheckNoOrphan()
    {
        _test.Settle();
        IReadOnlyList<Pid> left = _test.Processes.Processes();
        if (left.Count > 0)
            throw new InvalidOperationException($"Left: {string.Join(' ', left)}; the root was {Root}.\n{_test.Describe()}");
    }

    // ---- what it is made of ----

    private sealed class Node : Supervisor
    {
        private readonly RandomTree _tree;
        private readonly ChildSpec[] _specs;

        internal Node(RandomTree tree, int depth)
        {
            _tree = tree;
            Strategy = s_strategies[tree._random.Next(s_strategies.Length)];
            Intensity = tree._random.Next(4);
            Children = tree._random.Next(1, 4);
            _specs = new ChildSpec[Children];
            for (int i = 0; i < Children; i++)
                _specs[i] = depth < 2 && tree._left > 0 && tree._random.Next(3) == 0 ? Inner(i, depth + 1) : Worker(i);
            tree._nodes++;
        }

        internal RestartStrategy Strategy { get; }

        internal int Intensity { get; }

        internal int Children { get; }

        internal int Asked { get; set; }

        internal int Starts { get; private set; }

        private ChildSpec Inner(int id, int depth) =>
            new(
                (long)id,
                () =>
                {
                    Starts++;
                    return new Node(_tree, depth);
                }
            )
            {
                Type = ChildType.Supervisor,
                Restart = (ChildRestart)_tree._random.Next(3),
            };

        internal ChildSpec Worker(int id)
        {
            _tree._left--;
            bool mayFail = _tree._random.Next(4) == 0;
            int starts = 0;
            return new ChildSpec(
                (long)id,
                () =>
                {
                    Starts++;
                    return new Leaf(_tree, fails: mayFail && starts++ > 0 && _tree._random.Next(2) == 0);
                }
            )
            {
                Restart = (ChildRestart)_tree._random.Next(3),
                Shutdown = TimeSpan.FromSeconds(10),
                IsAsync = _tree._random.Next(5) == 0,
            };
        }

        protected override ProcessTask<SupervisorInit> Init()
        {
            _tree._supervisors.Add(Self.Pid, this);
            return new SupervisorInit(new SupervisorFlags { Strategy = Strategy, Intensity = Intensity }, _specs);
        }
    }

    private sealed class Leaf(RandomTree tree, bool fails) : GenServer
    {
        protected override async ProcessTask<InitResult> Init()
        {
            Self.TrapExit = true;
            await Self.Yield();
            await Self.Yield();
            if (fails)
                return InitResult.Stop((Atom)"not_now");
            tree._workers.Add(Self.Pid);
            return InitResult.Ok;
        }

        protected override ProcessTask<Next> HandleCast(object request) => Stop(request);

        protected override async ProcessTask Terminate(object reason)
        {
            await Self.Yield();
            tree._ends.Add(Self.Pid.ToString());
        }
    }
}

internal static class Catching
{
    /// <summary>Whatever it comes to.</summary>
    public static async ProcessTask Caught(this ProcessTask task)
    {
        try
        {
            await task;
        }
        catch (ProcessExitException) { }
    }
}
