using CloudScale.Serialization.Contracts;

namespace CloudScale.Contracts.Tests;

[Term("ping")]
public sealed partial record Ping(Pid From, int N);

[TestFixture]
internal sealed class TupleTests
{
    [Test]
    public void Record_WithATag_StandsForATaggedTuple()
    {
        Pid from = new(new NodeIdentity("a@b", 1), 5);
        Assert.That(Contract.ToTerm(new Ping(from, 7)), Is.EqualTo(Tuple.Of(Atom.Of("ping"), from, 7L)));
    }
}
