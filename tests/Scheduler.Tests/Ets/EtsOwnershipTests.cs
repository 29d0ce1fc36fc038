using CloudScale.Scheduling;
using static CloudScale.Scheduler.Tests.Ets.EtsSystem;

namespace CloudScale.Scheduler.Tests.Ets;

/// <summary>Owners, heirs, access rights.</summary>
public sealed class EtsOwnershipTests
{
    [Test]
    public void Owner_Exits_TableIsGoneBeforeAnybodyHears()
    {
        SteppedSystem system = new();
        EtsTable? table = null;
        Pid owner = system.Run(async self =>
        {
            table = self.System.Ets.New(A("mine"), new EtsOptions { Named = true });
            await self.Receive();
        });
        bool found = true;
        system.Run(async self =>
        {
            self.Monitor(owner);
            await self.Receive<Down>();
            found = self.System.Ets.TryGet(A("mine"), out _);
        });
        Assert.That(table!.Owner, Is.EqualTo(owner));
        Assert.That(system.Processes.Ets[A("mine")], Is.SameAs(table));
        system.Processes.Send(owner, "end");
        system.Settle();
        Assert.That(found, Is.False);
        Assert.That(table.IsDeleted, Is.True);
    }

    [Test]
    public void Owner_ExitsWithHeir_TheHeirIsToldAndOwns()
    {
        SteppedSystem system = new();
        EtsTable? table = null;
        EtsTransfer? told = null;
        Pid heir = system.Run(async self =>
        {
            told = await self.Receive<EtsTransfer>();
            told.Table.Fix().Dispose();
            ((EtsTable)told.Table).Insert(T(1, "heir"));
            await self.Receive();
        });
        Pid owner = system.Run(async self =>
        {
            table = self.System.Ets.New(
                A("t"),
                new EtsOptions
                {
                    Heir = heir,
                    HeirData = "data",
                    Access = EtsAccess.Private,
                }
            );
            table.Insert(T(0, "owner"));
            await self.Receive();
        });
        system.Processes.Send(owner, "end");
        system.Settle();
        Assert.That(told, Is.EqualTo(new EtsTransfer(table!, owner, "data")));
        Assert.That(told!.ToTerm(), Is.EqualTo(T(A("ETS-TRANSFER"), table!.Id, owner, "data")));
        Assert.That(table.Owner, Is.EqualTo(heir));
        Assert.That(table.Size, Is.EqualTo(2));
        system.Processes.Send(heir, "end");
        system.Settle();
        Assert.That(table.IsDeleted, Is.True, "an heir does not inherit from itself");
    }

    [Test]
    public void Owner_ExitsWithSilentHeir_NoMessageComes()
    {
        SteppedSystem system = new();
        Pid heir = system.Run(async self => await self.Receive());
        EtsTable? table = null;
        system.Run(self =>
        {
            table = self.System.Ets.New(A("t"));
            table.SetHeir(heir);
            return default;
        });
        Assert.That(table!.Owner, Is.EqualTo(heir));
        Assert.That(system.Processes.IsAlive(heir), Is.True, "it would have received the message and ended");
    }

    [Test]
    public void Owner_ExitsWithDeadHeir_TableIsGone()
    {
        SteppedSystem system = new();
        Pid heir = system.Run(_ => default);
        EtsTable? table = null;
        system.Run(self =>
        {
            table = self.System.Ets.New(A("t"), new EtsOptions { Heir = heir, HeirData = 1 });
            return default;
        });
        Assert.That(table!.IsDeleted, Is.True);
    }

    [Test]
    public void GiveAway_ToLivingProcess_TransfersAtOnce()
    {
        SteppedSystem system = new();
        EtsTable? table = null;
        List<object> got = [];
        Pid receiver = system.Run(async self =>
        {
            while (true)
                got.Add(await self.Receive());
        });
        object? refusal = null;
        Pid giver = system.Run(async self =>
        {
            table = self.System.Ets.New(A("t"));
            table.GiveAway(receiver, "here");
            try
            {
                table.Insert(T(1));
            }
            catch (EtsException exception)
            {
                refusal = exception.Message;
            }

            self.Send(receiver, "after");
            await self.Receive();
        });
        Assert.That(got, Is.EqualTo(new object[] { new EtsTransfer(table!, giver, "here"), "after" }));
        Assert.That(refusal, Does.Contain("protected"));
        system.Processes.Send(giver, "end");
        system.Settle();
        Assert.That(table!.IsDeleted, Is.False, "the giver's exit is no longer its matter");
        system.Processes.Exit(receiver, Atoms.Kill);
        system.Settle();
        Assert.That(table.IsDeleted, Is.True);
    }

    [Test]
    public void GiveAway_Misuse_IsBadargAndChangesNothing()
    {
        SteppedSystem system = new();
        Pid dead = system.Run(_ => default);
        Pid living = system.Run(async self => await self.Receive());
        int refused = 0;
        EtsTable? table = null;
        Pid owner = system.Run(async self =>
        {
            table = self.System.Ets.New(A("t"));
            foreach (Pid wrong in new[] { dead, self.Pid, default, new Pid(new NodeIdentity("other@host", 1), 1) })
            {
                try
                {
                    table.GiveAway(wrong, "x");
                }
                catch (EtsException)
                {
                    refused++;
                }
            }

            await self.Receive();
        });
        Assert.That(refused, Is.EqualTo(4));
        Assert.That(table!.Owner, Is.EqualTo(owner));
        Assert.That(() => table.GiveAway(living, "x"), Throws.TypeOf<EtsException>().With.Message.Contains("owner"));
        Assert.That(() => table.SetHeir(living), Throws.TypeOf<EtsException>());
    }

    [Test]
    public void HostCode_WithoutProcess_HasThePublicRights()
    {
        SteppedSystem system = new();
        Dictionary<EtsAccess, EtsTable> tables = [];
        system.Run(async self =>
        {
            foreach (EtsAccess access in Enum.GetValues<EtsAccess>())
                tables[access] = self.System.Ets.New(A("t"), new EtsOptions { Access = access });
            await self.Receive();
        });
        Assert.That(() => tables[EtsAccess.Public].Insert(T(1)), Throws.Nothing);
        Assert.That(() => tables[EtsAccess.Protected].Member(1), Throws.Nothing);
        Assert.That(
            () => tables[EtsAccess.Protected].Insert(T(1)),
            Throws.TypeOf<EtsException>().With.Message.Contains("outside of any process")
        );
        Assert.That(() => tables[EtsAccess.Private].Member(1), Throws.TypeOf<EtsException>().With.Message.Contains("private"));
        Assert.That(() => tables[EtsAccess.Protected].Delete(), Throws.TypeOf<EtsException>());

        EtsTable nodes = system.Processes.Ets.New(A("n"), new EtsOptions { Access = EtsAccess.Private });
        Assert.That(() => nodes.Insert(T(1)), Throws.Nothing, "a table of the node itself is host code's own");
        Exception? refused = null;
        system.Run(self =>
        {
            refused = Assert.Catch(() => nodes.Member(1));
            return default;
        });
        Assert.That(refused, Is.TypeOf<EtsException>());
    }

    [Test]
    public void Delete_ByAnotherProcess_TheOwnerForgetsIt()
    {
        SteppedSystem system = new();
        EtsTable? table = null;
        Pid owner = system.Run(async self =>
        {
            table = self.System.Ets.New(A("t"), new EtsOptions { Access = EtsAccess.Public, Named = true });
            await self.Receive();
        });
        system.Run(_ =>
        {
            table!.Delete();
            return default;
        });
        Assert.That(table!.IsDeleted, Is.True);
        Assert.That(system.Processes.IsAlive(owner), Is.True);
        EtsTable next = system.Processes.Ets.New(A("t"), new EtsOptions { Named = true });
        system.Processes.Send(owner, "end");
        system.Settle();
        Assert.That(system.Processes.Ets[A("t")], Is.SameAs(next), "the successor of the name stays");
    }

    [Test]
    public void Fixation_HolderExits_IsReleased()
    {
        SteppedSystem system = new();
        EtsTable table = system.Processes.Ets.New(A("t"));
        Pid holder = system.Run(async self =>
        {
            table.Fix();
            await self.Receive();
        });
        Assert.That(table.GetInfo()!.Fixed, Is.True);
        system.Processes.Exit(holder, Atoms.Kill);
        system.Settle();
        Assert.That(table.GetInfo()!.Fixed, Is.False);
    }
}
