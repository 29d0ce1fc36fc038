namespace CloudScale.Applications.Tests;

public sealed class OrderTests : ApplicationFixture
{
    private string EnsureAll(bool concurrently, params Atom[] names) =>
        Text(Run(self => Applications.EnsureAllStarted(self, names, ApplicationRestart.Temporary, concurrently)));

    private void LoadTree()
    {
        Load(Told("a", "b", "c", "kernel"));
        Load(Told("b", "d"));
        Load(Told("c", "d"));
        Load(Told("d"));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void EnsureAllStarted_StartsWhatIsNeededFirst_OnceEach(bool concurrently)
    {
        LoadTree();
        Start("d");
        Assert.That(EnsureAll(concurrently, "a"), Is.EqualTo("{ok,[b,c,a]}"));
        Assert.That(EnsureAll(concurrently, "a", "b"), Is.EqualTo("{ok,[]}"));
        Assert.That(Running, Is.EqualTo("a c b d"));
    }

    [Test]
    public void EnsureAllStarted_OneFails_StopsWhatItHasStarted()
    {
        LoadTree();
        Load(
            new ApplicationDefinition("bad")
            {
                Applications = ["b"],
                Callbacks = () =>
                    new Teller("bad", Journal) { Starting = _ => new ProcessTask<StartResult>(StartResult.Failed((Atom)"no")) },
            }
        );
        Start("d");
        Assert.That(EnsureAll(false, "bad"), Does.StartWith("{error,{bad,{no,{"));
        Assert.That(Running, Is.EqualTo("d"));
        Assert.That(EnsureAll(false, "never"), Does.StartWith("{error,{never,{'no such file or directory'"));
        Load(Told("x", "y"));
        Load(Told("y", "x"));
        Assert.That(EnsureAll(false, "x"), Is.EqualTo("{error,{x,circular_dependencies}}"));
    }

    [Test]
    public void Optional_CountsOnlyIfItIsLoaded()
    {
        ApplicationDefinition shop = new ApplicationBuilder("shop", () => new Teller.Tree("shop", Journal))
            .DependsOnOptional("mail")
            .Build();
        Load(shop);
        Assert.That(Start("shop"), Is.EqualTo("ok"), "mail is not there");
        Stop("shop");
        Load(Told("mail"));
        Assert.That(Start("shop"), Is.EqualTo("{error,{not_started,mail}}"));
        Assert.That(EnsureAll(false, "shop"), Is.EqualTo("{ok,[mail,shop]}"));
    }

    [Test]
    public void StopAll_IsInReverseOrder()
    {
        LoadTree();
        EnsureAll(false, "a");
        Take();
        Test.Run(Applications.StopAll);
        Assert.That(
            Take().Split(' ').Where(line => line.StartsWith("stop:", StringComparison.Ordinal)),
            Is.EqualTo(["stop:a", "stop:c", "stop:b", "stop:d"])
        );
    }
}
