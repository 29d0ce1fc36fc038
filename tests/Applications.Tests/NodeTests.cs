namespace CloudScale.Applications.Tests;

/// <summary>The applications of a whole node.</summary>
public sealed class NodeTests
{
    private readonly List<string> _journal = [];

    private ApplicationDefinition Told(string name, params Atom[] needs) =>
        new(name) { Applications = needs, Callbacks = () => new Teller(name, _journal) };

    [Test]
    public async Task Stop_OfTheNode_StopsApplicationsInReverseOrder_BeforeAllElse()
    {
        Node node = await Node.StartAsync(new NodeOptions { Schedulers = 2, ShutdownGrace = TimeSpan.FromSeconds(1) });
        await node.StartApplicationsAsync(ApplicationRestart.Permanent, Told("store"), Told("shop", "store"));
        Assert.That(node.Applications.Running.Select(one => one.Name.Name), Is.EqualTo(["shop", "store"]));
        _journal.Clear();
        await node.StopAsync();
        Assert.That(
            _journal,
            Is.EqualTo(["prep_stop:shop", "worker_ends:shop", "stop:shop", "prep_stop:store", "worker_ends:store", "stop:store"])
        );
    }

    [Test]
    public async Task End_OfAPermanentApplication_StopsTheNode_AndSaysWhy()
    {
        TaskCompletionSource<HaltRequest> halted = new();
        await using Node node = await Node.StartAsync(
            new NodeOptions
            {
                Schedulers = 2,
                ShutdownGrace = TimeSpan.FromMilliseconds(100),
                OnHalt = halted.SetResult,
            }
        );
        await node.StartApplicationsAsync(ApplicationRestart.Permanent, Told("shop"));
        node.Exit(node.Applications.GetSupervisor("shop"), Atoms.Kill);
        HaltRequest request = await halted.Task.WaitAsync(Eventually.Patience);
        Assert.That((request.Status, request.IsOrderly), Is.EqualTo((1, true)));
        Assert.That(Term.Format(request.Reason!), Is.EqualTo("{application_terminated,shop,killed}"));
    }

    [Test]
    public async Task StartApplications_ThatFail_Throws()
    {
        await using Node node = await Node.StartAsync(new NodeOptions { Schedulers = 1, ShutdownGrace = TimeSpan.FromMilliseconds(100) });
        Assert.That(
            async () => await node.StartApplicationsAsync(ApplicationRestart.Temporary, Told("shop", "store")),
            Throws
                .TypeOf<ProcessExitException>()
                .With.Property("Reason")
                .Matches<object>(reason => Term.Format(reason).Contains("store.app"))
        );
    }

    [Test]
    public async Task Output_OfAnApplication_GoesToTheNode()
    {
        using StringWriter output = new();
        await using Node node = await Node.StartAsync(
            new NodeOptions
            {
                Schedulers = 1,
                Output = output,
                ShutdownGrace = TimeSpan.FromMilliseconds(100),
            }
        );
        ApplicationDefinition printing = new("printing")
        {
            Callbacks = () =>
                new Teller("printing", _journal)
                {
                    Starting = async self =>
                    {
                        await node.Functions.Apply(self, "io", "format", List.Of(List.FromString("hello")));
                        return await self.StartLink(new Teller.Tree("printing", _journal));
                    },
                },
        };
        await node.StartApplicationsAsync(ApplicationRestart.Temporary, printing);
        Assert.That(output.ToString(), Is.EqualTo("hello"));
    }
}
