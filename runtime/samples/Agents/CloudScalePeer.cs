namespace CloudScale.Samples.Agents;

/// <summary>A second CloudScale node that does what the Erlang one does; for machines without Erlang.</summary>
internal sealed class CloudScalePeer : IPeer
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly Node _node;
    private readonly Atom _agentsNode;
    private readonly int _agents;
    private readonly Random _random = new(1);
    private Report _report = Report.Nothing;
    private string? _fault;

    private CloudScalePeer(Node node, Atom agentsNode, int agents)
    {
        _node = node;
        _agentsNode = agentsNode;
        _agents = agents;
    }

    public string Description => $"CloudScale node {_node.Name.Name}";

    public string? Fault => Volatile.Read(ref _fault);

    internal static async Task<CloudScalePeer> StartAsync(Atom agentsNode, string cookie, int agents)
    {
        Node node = await Node.StartAsync(
            new NodeOptions
            {
                Name = "peer@127.0.0.1",
                Cookie = cookie,
                Schedulers = 1,
            }
        );
        CloudScalePeer peer = new(node, agentsNode, agents);
        node.Spawn(peer.Run, new SpawnOptions { TrapExit = true });
        return peer;
    }

    public async ValueTask DisposeAsync() => await _node.DisposeAsync();

    private async ProcessTask Run(Self self)
    {
        long reported = 0;
        while (true)
        {
            if (await _node.PingAsync(_agentsNode))
                _report = _report with { Pings = _report.Pings + 1 };
            else
                Fail();
            for (int i = 0; i < 200; i++)
                await Work(self, RandomId());
            await Kill(self, RandomId(), linked: true);
            await Kill(self, RandomId(), linked: false);
            if (Environment.TickCount64 - reported < 500)
                continue;
            reported = Environment.TickCount64;
            self.Send("peer_report", _agentsNode, Encode(_report));
        }
    }

    private int RandomId() => _random.Next(_agents);

    private async ProcessTask<bool> Work(Self self, int id)
    {
        if (await Where(self, id) is not { IsNone: false } pid)
            return false;
        _report = _report with { Lookups = _report.Lookups + 1 };
        return await Ask(self, pid);
    }

    private async ProcessTask<bool> Ask(Self self, Pid pid)
    {
        ReceiveMark mark = self.Mark();
        Reference reference = self.MakeReference();
        self.Send(pid, Tuple.Of(Session.Work, self.Pid, reference, 1L));
        Received<Tuple> answer = await self.TryReceive<Tuple>(
            tuple => tuple is [Reference tag, _, _, long] && tag == reference,
            s_patience,
            mark
        );
        if (answer.HasValue)
            _report = _report with { Answers = _report.Answers + 1 };
        else
            Fail();
        return answer.HasValue;
    }

    private async ProcessTask Kill(Self self, int id, bool linked)
    {
        Pid victim = await Where(self, id);
        if (victim.IsNone)
            return;
        bool gone;
        if (linked)
        {
            self.Link(victim);
            self.Exit(victim, "asked");
            gone = (await self.TryReceive<Exit>(exit => exit.From == victim, s_patience)).HasValue;
        }
        else
        {
            Reference monitor = self.Monitor(victim);
            self.Exit(victim, Atoms.Kill);
            gone = (await self.TryReceive<Down>(down => down.Reference == monitor, s_patience)).HasValue;
        }

        if (!gone)
        {
            Fail();
            return;
        }

        _report = _report with
        {
            Kills = _report.Kills + 1,
            Links = _report.Links + (linked ? 1 : 0),
            Downs = _report.Downs + (linked ? 0 : 1),
        };
        for (int i = 0; i < 1_000; i++)
        {
            Pid now = await Where(self, id);
            if (now != victim)
            {
                if (await Ask(self, now))
                    _report = _report with { Restarts = _report.Restarts + 1 };
                return;
            }

            await self.Sleep(TimeSpan.FromMilliseconds(1));
        }

        Fail();
    }

    private async ProcessTask<Pid> Where(Self self, int id)
    {
        ReceiveMark mark = self.Mark();
        Reference reference = self.MakeReference();
        self.Send(AgentDirectory.Name, _agentsNode, Tuple.Of((Atom)"where", self.Pid, reference, (long)id));
        Received<Tuple> answer = await self.TryReceive<Tuple>(tuple => tuple is [Reference tag, Pid] && tag == reference, s_patience, mark);
        if (answer is { HasValue: true, Value: [_, Pid pid] })
            return pid;
        Fail();
        return default;
    }

    private void Fail()
    {
        _report = _report with { Failures = _report.Failures + 1 };
        Volatile.Write(ref _fault, "an agent did not answer");
    }

    private static Tuple Encode(Report report) =>
        Tuple.Of(
            (Atom)"report",
            report.Pings,
            report.Lookups,
            report.Answers,
            report.Links,
            report.Downs,
            report.Kills,
            report.Restarts,
            report.Failures
        );
}
