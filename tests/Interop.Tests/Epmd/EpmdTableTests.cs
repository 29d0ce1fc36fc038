using System.Text;
using CloudScale.Interop.Epmd;

namespace CloudScale.Interop.Tests.Epmd;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class EpmdTableTests
{
    private static readonly EpmdNode s_bob = new("bob", 1000);

    private readonly EpmdTable _table = new(4369, firstCreation: 100);

    [Test]
    public void Register_NameOfALivingNode_IsRefusedUntilItsConnectionEnds()
    {
        object first = new();
        Assert.That(Register(s_bob, first)[1], Is.Zero);
        Assert.That(Register(s_bob, new object())[1], Is.Not.Zero);

        _table.Closed(first);
        Assert.That(Register(s_bob, new object())[1], Is.Zero);
    }

    [Test]
    public void Register_SameNameAgain_GivesAnotherCreation()
    {
        object first = new();
        byte[] one = Register(s_bob, first);
        _table.Closed(first);
        Assert.That(Register(s_bob, new object()), Is.Not.EqualTo(one));
    }

    [Test]
    public void Register_FromAnotherHost_IsRefused()
    {
        byte[] answer = _table.Answer(new EpmdRequest(EpmdOpcode.Alive, s_bob), this, isLoopback: false, out EpmdAfter after);
        Assert.That((answer[1], after), Is.EqualTo(((byte)1, EpmdAfter.Close)));
    }

    [Test]
    public void Kill_WithALivingNode_IsRefused()
    {
        object connection = new();
        Register(s_bob, connection);
        Assert.That(Ask(EpmdOpcode.Kill, out EpmdAfter after), Is.EqualTo("NO"));
        Assert.That(after, Is.EqualTo(EpmdAfter.Close));

        _table.Closed(connection);
        Assert.That(Ask(EpmdOpcode.Kill, out after), Is.EqualTo("OK"));
        Assert.That(after, Is.EqualTo(EpmdAfter.StopServer));
    }

    [Test]
    public void Dump_OldAndLivingNodes_ShowsBoth()
    {
        object gone = new();
        Register(s_bob, gone);
        _table.Closed(gone);
        Register(new EpmdNode("alice", 7), new object());
        Assert.That(Ask(EpmdOpcode.Dump, out _), Does.Contain("active name     <alice> at port 7").And.Contain("old/unused name <bob>"));
    }

    private byte[] Register(EpmdNode node, object connection) =>
        _table.Answer(new EpmdRequest(EpmdOpcode.Alive, node), connection, isLoopback: true, out _);

    private string Ask(EpmdOpcode opcode, out EpmdAfter after) =>
        Encoding.UTF8.GetString(_table.Answer(new EpmdRequest(opcode), this, isLoopback: true, out after)).TrimStart('\0', '\u0011');
}
