using Microsoft.Extensions.Logging;

namespace CloudScale.Behaviours.Tests;

/// <summary>Event managers and their handlers on one node.</summary>
public sealed class GenEventTests : NodeFixture
{
    private static readonly HandlerId s_first = ("recorder", 1L);
    private static readonly HandlerId s_second = ("recorder", 2L);

    [Test]
    public async Task Objects_AreInstalledSeveralTimes_TheNewestFirst_AndSeeEachEvent()
    {
        Pid manager = await Start(new GenEvent());
        string said = await Run<string>(async self =>
        {
            await self.AddHandler(manager, s_first, new Recorder());
            await self.AddHandler(manager, s_second, new Recorder(), (Atom)"argument");
            await self.Notify(manager, (Atom)"one");
            await self.SyncNotify(manager, (Atom)"two");
            self.Send(manager, (Atom)"message");
            object events = await self.CallHandler(manager, s_first, (Atom)"get");
            object argument = await self.CallHandler(manager, s_second, (Atom)"arg");
            return $"{string.Join(' ', await self.WhichHandlers(manager))} {Text(events)} {Text(argument)}";
        });
        Assert.That(said, Is.EqualTo("{recorder,2} {recorder,1} [one,two,{info,message}] argument"));
    }

    [Test]
    public async Task Faulty_IsRemovedAlone_AndReported()
    {
        Pid manager = await Start(new GenEvent(), new StartOptions { Name = "events" });
        string said = await Run<string>(async self =>
        {
            await self.AddSupHandler(manager, s_first, new Recorder());
            await self.AddHandler(manager, s_second, new Recorder());
            object failed = await self.CallHandler(manager, s_first, Tuple.Of((Atom)"crash", (Atom)"bad"));
            object told = await self.Receive<Tuple>();
            object left = await self.CallHandler(manager, s_second, (Atom)"get");
            return $"{Text(failed)} {Text(told)} {Text(left)} {string.Join(' ', await self.WhichHandlers(manager))}";
        });
        Assert.That(said, Is.EqualTo("{error,{'EXIT',bad}} {gen_event_EXIT,{recorder,1},{'EXIT',bad}} [] {recorder,2}"));
        Assert.That(
            Log.AtLeast(LogLevel.Error).Single(),
            Does.Contain("{recorder,1}").And.Contain("{call,{crash,bad}}").And.Contain("events")
        );
    }

    [Test]
    public async Task Results_RemoveSwapHibernate_AreCarriedOut()
    {
        Pid manager = await Start(new GenEvent().Know("recorder", () => new Recorder()));
        string said = await Run<string>(async self =>
        {
            await self.AddHandler(manager, s_first, (Atom)"a");
            await self.SyncNotify(manager, Tuple.Of((Atom)"swap", (Atom)"out", s_second.ToTerm(), (Atom)"in"));
            object argument = await self.CallHandler(manager, s_second, (Atom)"arg");
            await self.SyncNotify(manager, (Atom)"hibernate");
            object left = await self.CallHandler(manager, s_second, (Atom)"leave");
            return $"{Text(argument)} {Text(left)} {(await self.WhichHandlers(manager)).Count}";
        });
        Assert.That(said, Is.EqualTo("{in,{terminated,out}} left 0"));
    }

    [Test]
    public async Task Stop_TerminatesAll_AndTellsInstallers()
    {
        Pid manager = await Start(new GenEvent());
        string said = await Run<string>(async self =>
        {
            await self.AddSupHandler(manager, s_first, new Recorder());
            await self.Stop(manager);
            return Text(await self.Receive<Tuple>());
        });
        Assert.That(said, Is.EqualTo("{gen_event_EXIT,{recorder,1},shutdown}"));
    }

    [Test]
    public async Task Installer_Exits_ItsHandlersGo_OthersStay()
    {
        Pid manager = await Start(new GenEvent());
        await Run<object>(async self => await self.AddSupHandler(manager, s_first, new Recorder()));
        await Run<object>(async self => await self.AddHandler(manager, s_second, new Recorder()));
        await Eventually.TrueAsync(
            async () => (await Run(async self => (await self.WhichHandlers(manager)).Count)) == 1,
            "the handler of the process that has exited goes"
        );
        Assert.That(await Run(async self => (await self.WhichHandlers(manager)).Single()), Is.EqualTo(s_second));
    }

    [Test]
    public async Task Parent_Exits_TheManagerFollows_AndAStrangersExitIsAMessage()
    {
        TaskCompletionSource<Pid> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Pid parent = Node.Spawn(async self =>
        {
            Pid manager = (await self.StartLink(new GenEvent())).Pid;
            await self.AddHandler(manager, s_first, new Recorder());
            started.SetResult(manager);
            await self.Receive();
        });
        Pid manager = await started.Task.WaitAsync(Eventually.Patience);
        Node.Exit(manager, (Atom)"stranger");
        Assert.That(
            await Run(async self => Text(await self.CallHandler(manager, s_first, (Atom)"get"))),
            Does.StartWith("[{info,{'EXIT',<")
        );
        Node.Exit(parent, (Atom)"gone");
        await Eventually.TrueAsync(() => !Node.Processes.IsAlive(manager), "it follows its parent");
    }

    [Test]
    public async Task Request_OfNoManager_ExitsWithNoProc() =>
        Assert.That(
            Text(await ReasonOf(async self => await self.WhichHandlers("nobody"))),
            Is.EqualTo("{noproc,{gen_event,which_handlers,[nobody,which_handlers,infinity]}}")
        );
}
