using CloudScale.Interop.Connections;
using CloudScale.Interop.Transport;

namespace CloudScale.Runtime.Tests;

/// <summary>Process groups on one node, and on several of ours over a network in memory.</summary>
public sealed class PgTests
{
    private static readonly Atom s_stop = Atom.Of("stop");
    private readonly InMemoryNetwork _network = new();
    private readonly InMemoryNodeDirectory _directory = new();
    private readonly List<Node> _nodes = [];

    [TearDown]
    public async Task StopNodes()
    {
        foreach (Node node in _nodes)
            await node.DisposeAsync();
        _nodes.Clear();
    }

    private async Task<Node> StartAsync(string host)
    {
        Node node = await Node.StartAsync(
            new NodeOptions
            {
                Name = $"node@{host}",
                Cookie = "secret",
                Schedulers = 1,
                Transport = _network.CreateTransport(host),
                Directory = _directory,
                ShutdownGrace = TimeSpan.FromMilliseconds(100),
            }
        );
        _nodes.Add(node);
        return node;
    }

    private static Pid SpawnMember(Node node) => node.Spawn(async self => await self.Receive<Atom>(atom => atom == s_stop));

    [Test]
    public async Task Join_SeveralTimes_CountsEachAndLeavesOneByOne()
    {
        Node node = await StartAsync("a.test");
        Pid member = SpawnMember(node);
        await node.Groups.JoinAsync("group", member, member);
        await node.Groups.JoinAsync("group", member);
        Assert.That(node.Groups.Members("group"), Is.EqualTo(new[] { member, member, member }));
        Assert.That(await node.Groups.LeaveAsync("group", member, member));
        Assert.That(node.Groups.LocalMembers("group"), Is.EqualTo(new[] { member }));
        Assert.That(await node.Groups.LeaveAsync("group", member));
        Assert.That(node.Groups.Members("group"), Is.Empty);
        Assert.That(node.Groups.Groups, Is.Empty, "a group without members is none");
        Assert.That(await node.Groups.LeaveAsync("group", member), Is.False, "not_joined");
    }

    [Test]
    public async Task Groups_AreEqualAsTermsAre()
    {
        Node node = await StartAsync("a.test");
        Pid member = SpawnMember(node);
        await node.Groups.JoinAsync(Tuple.Of(1, "room"), member);
        Assert.That(node.Groups.Members(Tuple.Of(1L, Binary.FromUtf8("room"))), Is.EqualTo(new[] { member }));
    }

    [Test]
    public async Task Exit_OfAMember_TakesItOutOfAllItsGroups()
    {
        Node node = await StartAsync("a.test");
        Pid member = SpawnMember(node);
        Pid other = SpawnMember(node);
        await node.Groups.JoinAsync("one", member, other);
        await node.Groups.JoinAsync("two", member);
        node.Send(member, s_stop);
        await Eventually.TrueAsync(() => node.Groups.Groups.Count == 1, "the second group is gone");
        Assert.That(node.Groups.Members("one"), Is.EqualTo(new[] { other }));
    }

    [Test]
    public async Task Join_ADeadProcess_IsNoMemberForLong()
    {
        Node node = await StartAsync("a.test");
        Pid dead = node.Spawn(_ => ProcessTask.Completed);
        await Eventually.TrueAsync(() => !node.Processes.IsAlive(dead), "it has exited");
        await node.Groups.JoinAsync("group", dead);
        await Eventually.TrueAsync(() => node.Groups.Groups.Count == 0, "it is out again");
    }

    [Test]
    public async Task Join_AProcessOfAnotherNode_SaysWhere()
    {
        Node a = await StartAsync("a.test");
        Node b = await StartAsync("b.test");
        Pid foreign = SpawnMember(b);
        Assert.That(() => a.Groups.JoinAsync("group", foreign), Throws.ArgumentException.With.Message.Contains("node@a.test"));
    }

    [Test]
    public async Task Members_OfConnectedNodes_AreSeenAndLostWithTheNode()
    {
        Node a = await StartAsync("a.test");
        Node b = await StartAsync("b.test");
        Pid before = SpawnMember(b);
        await b.Groups.JoinAsync("group", before);
        Assert.That(await a.ConnectAsync(b.Name));
        await Eventually.TrueAsync(() => a.Groups.Members("group").SequenceEqual([before]), "what was there is synchronised");
        Pid after = SpawnMember(b);
        await b.Groups.JoinAsync("group", after);
        await Eventually.TrueAsync(() => a.Groups.Members("group").Count == 2, "what comes is told");
        Assert.That(a.Groups.LocalMembers("group"), Is.Empty);
        Assert.That(a.Disconnect(b.Name));
        await Eventually.TrueAsync(() => a.Groups.Members("group").Count == 0, "without the node they are gone");
        Assert.That(await a.ConnectAsync(b.Name));
        await Eventually.TrueAsync(() => a.Groups.Members("group").Count == 2, "and with it they are back");
    }

    [Test]
    public async Task Scopes_DoNotSeeEachOther()
    {
        Node a = await StartAsync("a.test");
        Node b = await StartAsync("b.test");
        Assert.That(await a.ConnectAsync(b.Name));
        PgScope rooms = await a.StartGroupsAsync("rooms");
        PgScope roomsThere = await b.StartGroupsAsync("rooms");
        Pid member = SpawnMember(a);
        await rooms.JoinAsync("x", member);
        await Eventually.TrueAsync(() => roomsThere.Members("x").Count == 1, "the scope of that name sees it");
        Assert.That(a.Groups.Groups, Is.Empty);
        Assert.That(() => a.StartGroupsAsync("rooms"), Throws.InstanceOf<StartException>());
    }

    [Test]
    public async Task Monitor_TellsOfJoinsAndLeaves_UntilItEnds()
    {
        Node node = await StartAsync("a.test");
        Pid member = SpawnMember(node);
        object[] seen = await node.RunAsync(async self =>
        {
            (Reference one, IReadOnlyList<Pid> members) = await node.Groups.Monitor(self, "group");
            (Reference all, Map groups) = await node.Groups.MonitorScope(self);
            Assert.That((members.Count, groups.Count), Is.EqualTo((0, 0)));
            await node.Groups.Join(self, "group", member);
            await node.Groups.Join(self, "other", member);
            await node.Groups.Leave(self, "group", member);
            GroupChange[] changes = [];
            while (changes.Length < 5)
                changes = [.. changes, await self.Receive<GroupChange>()];
            await node.Groups.Join(self, "group", member);
            Assert.That(await node.Groups.Demonitor(self, one));
            Assert.That(await node.Groups.Demonitor(self, all));
            Assert.That(await node.Groups.Demonitor(self, all), Is.False);
            Assert.That(self.MessageQueueLength, Is.Zero, "what was on its way is gone");
            return changes
                .OrderBy(change => change.Reference == one ? 0 : 1)
                .Select(change => (object)(change.Reference == one, change.HasJoined, change.Group))
                .ToArray();
        });
        Assert.That(
            seen,
            Is.EqualTo(
                new object[]
                {
                    (true, true, "group"),
                    (true, false, "group"),
                    (false, true, "group"),
                    (false, true, "other"),
                    (false, false, "group"),
                }
            )
        );
    }

    /// <summary>Random joins, leaves, deaths and lost connections; when it is quiet, each node sees what the nodes that it is connected to have, and nothing else.</summary>
    [Test]
    public async Task Views_AfterRandomChanges_AreEqual()
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        Node[] nodes = [await StartAsync("a.test"), await StartAsync("b.test"), await StartAsync("c.test")];
        List<Pid>[] members =
        [
            [],
            [],
            [],
        ];
        string[] groups = ["g1", "g2", "g3"];
        Dictionary<(string, Pid), int> model = [];
        for (int step = 0; step < 600; step++)
        {
            int n = random.Next(3);
            string group = groups[random.Next(3)];
            switch (random.Next(12))
            {
                case < 3:
                    Pid born = SpawnMember(nodes[n]);
                    members[n].Add(born);
                    break;
                case < 7 when members[n].Count > 0:
                    Pid joining = members[n][random.Next(members[n].Count)];
                    await nodes[n].Groups.JoinAsync(group, joining);
                    model[(group, joining)] = model.GetValueOrDefault((group, joining)) + 1;
                    break;
                case < 9 when members[n].Count > 0:
                    Pid leaving = members[n][random.Next(members[n].Count)];
                    int times = model.GetValueOrDefault((group, leaving));
                    Assert.That(await nodes[n].Groups.LeaveAsync(group, leaving), Is.EqualTo(times > 0), $"seed {seed}, step {step}");
                    if (times > 0)
                        model[(group, leaving)] = times - 1;
                    break;
                case 9 when members[n].Count > 0:
                    int at = random.Next(members[n].Count);
                    Pid dying = members[n][at];
                    members[n].RemoveAt(at);
                    foreach (string any in groups)
                        model.Remove((any, dying));
                    nodes[n].Send(dying, s_stop);
                    break;
                case 10:
                    nodes[n].Disconnect(nodes[(n + 1) % 3].Name);
                    break;
                default:
                    await nodes[n].ConnectAsync(nodes[(n + 1) % 3].Name);
                    break;
            }
        }

        for (int n = 0; n < 3; n++)
            await Eventually.TrueAsync(async () => await nodes[n].ConnectAsync(nodes[(n + 1) % 3].Name), "all are connected again");
        foreach (string group in groups)
        {
            Pid[] expected =
            [
                .. model.Where(entry => entry.Key.Item1 == group).SelectMany(entry => Enumerable.Repeat(entry.Key.Item2, entry.Value)),
            ];
            foreach (Node node in nodes)
                await Eventually.TrueAsync(
                    () => Sorted(node.Groups.Members(group)).SequenceEqual(Sorted(expected)),
                    $"{node.Name} sees {group} (seed {seed})"
                );
        }
    }

    private static IEnumerable<Pid> Sorted(IEnumerable<Pid> pids) => pids.OrderBy(pid => (object)pid, TermComparer.Instance);

    /// <summary>A million joins of one group, by one process: each costs the same.</summary>
    [Test]
    public void Members_Adding_SharesTheArrayAndHidesWhatComesLater()
    {
        NodeIdentity node = new("a@b", 1);
        ProcessGroups.Members before = default(ProcessGroups.Members).Adding([new Pid(node, 1), new Pid(node, 2)]);
        ProcessGroups.Members grown = before;
        for (uint number = 3; number < 100_000; number++)
            grown = grown.Adding([new Pid(node, number)]);
        Assert.That(before.List, Is.EqualTo(new[] { new Pid(node, 1), new Pid(node, 2) }));
        Assert.That(grown.Count, Is.EqualTo(99_999));
        Assert.That(grown.Removing([new Pid(node, 5)]).Count, Is.EqualTo(99_998));
        Assert.That(grown.Removing([new Pid(node, 500_000)]).Count, Is.EqualTo(99_999));
    }
}
