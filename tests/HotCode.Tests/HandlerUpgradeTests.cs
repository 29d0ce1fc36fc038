namespace CloudScale.HotCode.Tests;

/// <summary>Event managers whose handlers are of a library that is replaced.</summary>
public sealed class HandlerUpgradeTests
{
    private Node _node = null!;
    private Pid _manager;

    /// <summary>A handler of the host, which no upgrade touches.</summary>
    private sealed class Witness : GenEventHandler
    {
        private long _count;

        protected override ProcessTask<HandlerNext> HandleEvent(object happened)
        {
            _count++;
            return HandlerNext.Ok;
        }

        protected override ProcessTask<HandlerNext> HandleCall(object request) => HandlerNext.Reply(_count);
    }

    [SetUp]
    public async Task StartManager()
    {
        _node = await Node.StartAsync(new NodeOptions { Schedulers = 2, ShutdownGrace = TimeSpan.FromMilliseconds(100) });
        _node.Code.Load(Library.First);
        CodeServer code = _node.Code;
        GenEvent manager = new GenEvent().Know("journal", () => code.CreateHandler(Library.Name, Library.Journal));
        _manager = (await _node.StartAsync(manager)).Pid;
        await _node.RunAsync(self => self.AddHandler(_manager, "witness", new Witness()));
        Assert.That(await _node.RunAsync(self => self.AddHandler(_manager, ("journal", 1L), List.Empty)), Is.EqualTo(Atoms.Ok));
    }

    [TearDown]
    public async Task StopNode() => await _node.DisposeAsync();

    private Task<object> AskAsync(HandlerId handler) => _node.RunAsync(self => self.CallHandler(_manager, handler, (Atom)"count"));

    [Test]
    public async Task Update_UnderEvents_MovesTheHandler_AndLosesNone()
    {
        Assert.That(_node.Code.ProcessesOf(Library.Name), Is.EqualTo(new[] { _manager }));
        const int Senders = 4;
        bool isOver = false;
        Task<long>[] senders =
        [
            .. Enumerable
                .Range(0, Senders)
                .Select(_ =>
                    _node.RunAsync(async self =>
                    {
                        long mine = 0;
                        for (; !Volatile.Read(ref isOver); mine++)
                            await self.SyncNotify(_manager, (Atom)"sold");
                        return mine;
                    })
                ),
        ];
        await Beyond(1_000);
        UpgradeResult result = await _node.Code.UpgradeAsync([
            UpgradeInstruction.LoadLibrary(Library.Second),
            UpgradeInstruction.CodeChange(Library.Name, "extra"),
        ]);
        Assert.That(result.ToString(), Is.EqualTo("ok, 1 processes"));
        await Beyond((long)await AskAsync("witness") + 1_000);
        Volatile.Write(ref isOver, true);
        long sent = (await Task.WhenAll(senders).WaitAsync(Eventually.Patience)).Sum();

        Assert.That(await AskAsync("witness"), Is.EqualTo(sent));
        Assert.That(Term.Format(await AskAsync(("journal", 1L))), Is.EqualTo($"{{<<\"two\">>,{sent},<<\"1.0.0.0 extra\">>}}"));
        IReadOnlyList<HandlerId> handlers = await _node.RunAsync(self => self.WhichHandlers(_manager));
        Assert.That(handlers, Is.EqualTo(new HandlerId[] { ("journal", 1L), "witness" }), "in their order");
        Assert.That(await result.Replaced.Single().WaitUnloadedAsync(Eventually.Patience), "the old code is unloaded");

        Task Beyond(long count) => Eventually.TrueAsync(async () => (long)await AskAsync("witness") >= count, $"{count} events");
    }

    [Test]
    public async Task Update_OneHandlersMigrationFails_AllAreAsBefore()
    {
        await _node.RunAsync(self => self.AddHandler(_manager, ("journal", 2L), List.Empty));
        for (int i = 0; i < 3; i++) // what the failing version does not take
            await _node.RunAsync(Notify);
        Pid counter = (await _node.StartAsync(_node.Code.Create(Library.Name, Library.Counter))).Pid;
        await _node.CallAsync(counter, (Atom)"next"); // one is moved, and is to be put back
        UpgradeResult failed = await _node.Code.UpgradeAsync(UpgradeInstruction.Update(Library.Name, Library.Failing));
        Assert.That(failed.ToString(), Does.Contain("no_multiples_of_three"));
        await _node.RunAsync(Notify);
        Assert.That(Term.Format(await AskAsync(("journal", 1L))), Is.EqualTo("{<<\"one\">>,4}"));
        Assert.That(Term.Format(await AskAsync(("journal", 2L))), Is.EqualTo("{<<\"one\">>,4}"));
        Assert.That(await _node.CallAsync(counter, (Atom)"version"), Is.EqualTo(new Binary("one"u8.ToArray())).Or.EqualTo("one"));

        UpgradeResult undone = await _node.Code.UpgradeAsync([
            .. UpgradeInstruction.Update(Library.Name, Library.Second),
            UpgradeInstruction.Apply(static _ => throw new InvalidOperationException("too late")),
        ]);
        Assert.That(undone.IsOk, Is.False);
        Assert.That(Term.Format(await AskAsync(("journal", 1L))), Is.EqualTo("{<<\"one\">>,4}"), "moved, and put back");

        async ProcessTask<bool> Notify(Self self)
        {
            await self.SyncNotify(_manager, (Atom)"sold");
            return true;
        }
    }

    [Test]
    public async Task Update_ToALibraryWithoutTheHandler_OrThatDoesNotMoveIt_IsRefused()
    {
        UpgradeResult without = await _node.Code.UpgradeAsync(UpgradeInstruction.Update(Library.Name, Library.Without));
        Assert.That(without.ToString(), Does.Contain("has no handler Shop.Journal"));
        UpgradeResult unmoved = await _node.Code.UpgradeAsync([UpgradeInstruction.LoadLibrary(Library.Second)]);
        Assert.That(unmoved.ToString(), Does.Contain("has handlers with older code of Shop"));
        Assert.That(Term.Format(await AskAsync(("journal", 1L))), Is.EqualTo("{<<\"one\">>,0}"));
    }

    [Test]
    public async Task Handler_InstalledAfterTheUpgrade_IsOfTheNewVersion_AndTheLastOneGone_NothingIsHeld()
    {
        UpgradeResult result = await _node.Code.UpgradeAsync(UpgradeInstruction.Update(Library.Name, Library.Second));
        Assert.That(result.IsOk, result.ToString());
        await _node.RunAsync(self => self.AddHandler(_manager, "journal", List.Empty));
        Assert.That(Term.Format(await AskAsync("journal")), Does.StartWith("{<<\"two\">>,0,"));
        foreach (HandlerId id in (HandlerId[])["journal", ("journal", 1L)])
            await _node.RunAsync(self => self.DeleteHandler(_manager, id, (Atom)"enough"));
        Assert.That(_node.Code.ProcessesOf(Library.Name), Is.Empty);
        Assert.That(() => _node.Code.CreateHandler(Library.Name, Library.Counter), Throws.ArgumentException, "a server is no handler");
    }
}
