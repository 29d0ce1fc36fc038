using CloudScale.Serialization.Contracts;
using CloudScale.Serialization.Etf;

namespace CloudScale.Contracts.Tests;

[Term("ping")]
public sealed partial record Ping(Pid From, int N);

[Term]
public readonly partial record struct Point(int X, int Y);

[Term(Shape = TermShape.Map)]
public sealed partial record Account([property: TermMember("user_id")] long UserId, string Name, string? Email = null);

[Term]
public enum Colour
{
    Red,

    [TermName("dark_blue")]
    DarkBlue,
}

[TermUnion]
public abstract partial record Command
{
    [Term("stop", Shape = TermShape.Atom)]
    public sealed partial record Stop : Command;

    [Term("move")]
    public sealed partial record Move(Point To, Colour Colour) : Command;

    [Term("many")]
    public sealed partial record Many(List<Command> Commands) : Command;
}

[TestFixture]
internal sealed class TupleTests
{
    [Test]
    public void Record_WithATag_StandsForATaggedTuple()
    {
        Pid from = new(new NodeIdentity("a@b", 1), 5);
        Assert.That(Contract.ToTerm(new Ping(from, 7)), Is.EqualTo(Tuple.Of(Atom.Of("ping"), from, 7L)));
        Assert.That(Contract.TryFrom<Ping>(Tuple.Of(Atom.Of("ping"), from, 7L), out Ping? ping, out string? error), error);
        Assert.That(ping, Is.EqualTo(new Ping(from, 7)));
        Assert.That(ping!.From.Node, Is.SameAs(from.Node));
        Assert.That(Contract.TryFrom<Ping>(Tuple.Of(Atom.Of("ping"), (Atom)"x", 7L), out ping, out error), Is.False);
        Assert.That(error, Is.EqualTo("ping.from: expected a pid, got the atom 'x'"));
    }
}
