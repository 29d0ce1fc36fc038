using CloudScale.Contracts.Samples;
using CloudScale.Serialization.Contracts;
using CloudScale.Serialization.Etf;

namespace CloudScale.Contracts.Tests;

/// <summary>Contracts among dynamic terms.</summary>
[TestFixture]
internal sealed class ContractTests
{
    private static readonly NodeIdentity s_node = new("a@b", 1);
    private static readonly Pid s_pid = new(s_node, 5);

    [Test]
    public void Contract_InADynamicTerm_CountsAsItsTerm()
    {
        Ping ping = new(s_pid, 7);
        Tuple term = Tuple.Of((Atom)"ping", s_pid, 7);
        Assert.That(Term.AreEqual(ping, term));
        Assert.That(Term.AreEqual(List.Of(ping, 1), List.Of(term, 1)));
        Assert.That(Term.Hash(ping), Is.EqualTo(Term.Hash(term)));
        Assert.That(Term.Compare(ping, term), Is.Zero);
        Assert.That(Term.Format(ping), Is.EqualTo(Term.Format(term)));
        Assert.That(
            ExternalTerm.Encode(List.Of(ping, Map.Of((1, ping)))),
            Is.EqualTo(ExternalTerm.Encode(List.Of(term, Map.Of((1, term)))))
        );
        Assert.That(ExternalTerm.ExternalSize(ping), Is.EqualTo(ExternalTerm.Encode(term).Length));
    }

    [Test]
    public void Contract_WrittenDeterministically_HasItsKeysInOrder()
    {
        var dictionaries = new Dictionaries(new Dictionary<string, int> { ["b"] = 1, ["a"] = 2 }, new Dictionary<int, string>(), []);
        var options = new EtfEncodeOptions { Deterministic = true };
        Assert.That(ExternalTerm.Encode(dictionaries, options), Is.EqualTo(ExternalTerm.Encode(dictionaries.ToTermObject(), options)));
        Assert.That(ExternalTerm.Encode(dictionaries, options), Is.Not.EqualTo(ExternalTerm.Encode(dictionaries)));
    }

    [Test]
    public void Identities_OverAConversion_StayTheObjectsTheyAre()
    {
        NodeIdentity other = new("c@d", 2);
        Identities identities = new(
            "a",
            s_pid,
            new Reference(other, 1),
            new Port(s_node, 2),
            new Pid(other, 3),
            Tuple.Of(s_pid),
            List.Empty,
            Map.Empty,
            new BitString([1], 3),
            new ExternalFun("m", "f", 0)
        );
        Tuple term = (Tuple)Contract.ToTerm(identities);
        Assert.That(((Pid)term[2]).Node, Is.SameAs(s_node));
        Assert.That(((Reference)term[3]).Node, Is.SameAs(other));
        Assert.That(((Port)term[4]).Node, Is.SameAs(s_node));
        Assert.That(Contract.TryFrom<Identities>(term, out Identities? again), Is.True);
        Assert.That(((Pid)again!.Anything).Node, Is.SameAs(other));
        Assert.That(again.Pid.Node, Is.SameAs(s_node));
    }

    [Test]
    public void TryFrom_AContractOfThatType_GivesItBack()
    {
        object ping = new Ping(s_pid, 7);
        Assert.That(Contract.TryFrom<Ping>(ping, out Ping? same), Is.True);
        Assert.That(same, Is.SameAs(ping));
        Assert.That(Contract.TryFrom<Point>(ping, out _, out string? error), Is.False);
        Assert.That(error, Is.EqualTo("point: expected {x, y}, got a tuple of 3 elements that begins with 'ping'"));
    }

    [Test]
    public void Registry_ByTagAndArity_FindsTheContract()
    {
        EtfDecodeContext context = new(EtfLimits.Untrusted);
        Assert.That(Registered(Tuple.Of((Atom)"ping", s_pid, 7), context), Is.EqualTo(new Ping(s_pid, 7)));
        Assert.That(Registered(Tuple.Of((Atom)"move", Tuple.Of(1, 2)), context), Is.EqualTo(new Command.Move(new Point(1, 2))));
        Assert.That(Registered((Atom)"stop", context), Is.EqualTo(new Command.Stop()));
        Assert.That(
            Registered(
                ExternalTerm.TryDecode(ExternalTerm.Encode(new Line("tea", 1)), context, out object? line, out _) == DecodeStatus.Ok
                    ? line!
                    : 0,
                context
            ),
            Is.EqualTo(new Line("tea", 1))
        );
        Assert.That(
            Registered(Tuple.Of((Atom)"ping", 1, 2, 3), context),
            Is.EqualTo(Tuple.Of((Atom)"ping", 1, 2, 3)),
            "no contract: the dynamic term"
        );
        Assert.That(Registered(5, context), Is.EqualTo(5L));
        Assert.That(ContractRegistry.TryFind("twin"u8, 1, out _), Is.False, "two contracts have this tag and arity");
        Assert.That(ContractRegistry.Count, Is.GreaterThan(10));
    }

    [Test]
    public void Enum_AsAtom_IsThatOfItsMember()
    {
        Assert.That(Colour.DarkBlue.ToAtom(), Is.EqualTo((Atom)"dark_blue"));
        Assert.That(Colour.Green.ToAtom(), Is.EqualTo((Atom)"sea-green"));
        Assert.That(() => ((Colour)9).ToAtom(), Throws.ArgumentException);
    }

    [Test]
    public void Contract_OfManyMembers_CountsThemInSeveralWords()
    {
        Assert.That(Contract.TryFrom<Wide>(WideMap(70), out Wide? wide, out string? error), Is.True, error);
        Assert.That(wide!.M69, Is.EqualTo(69));
        Assert.That(Contract.TryFrom<Wide>(WideMap(69), out _, out error), Is.False);
        Assert.That(error, Is.EqualTo("wide.m69: the key is missing"));
    }

    private static Map WideMap(int members) => Map.Of([.. Enumerable.Range(0, members).Select(i => ((object)(Atom)$"m{i}", (object)i))]);

    private static object? Registered(object term, EtfDecodeContext context)
    {
        EtfReader reader = new(ExternalTerm.Encode(term), context);
        reader.TryReadVersion();
        Assert.That(ContractRegistry.TryReadTerm(ref reader, out object? value), Is.EqualTo(DecodeStatus.Ok), reader.Error);
        Assert.That(reader.Remaining, Is.Zero);
        return value;
    }
}

internal static class ContractExtensions
{
    public static object ToTermObject(this ITermConvertible contract) => contract.ToTerm();
}

[Term("twin")]
internal sealed partial record TwinOne;

[Term("twin")]
internal sealed partial record TwinTwo;

[Term(Shape = TermShape.Map)]
internal sealed partial record Wide(
    int M0,
    int M1,
    int M2,
    int M3,
    int M4,
    int M5,
    int M6,
    int M7,
    int M8,
    int M9,
    int M10,
    int M11,
    int M12,
    int M13,
    int M14,
    int M15,
    int M16,
    int M17,
    int M18,
    int M19,
    int M20,
    int M21,
    int M22,
    int M23,
    int M24,
    int M25,
    int M26,
    int M27,
    int M28,
    int M29,
    int M30,
    int M31,
    int M32,
    int M33,
    int M34,
    int M35,
    int M36,
    int M37,
    int M38,
    int M39,
    int M40,
    int M41,
    int M42,
    int M43,
    int M44,
    int M45,
    int M46,
    int M47,
    int M48,
    int M49,
    int M50,
    int M51,
    int M52,
    int M53,
    int M54,
    int M55,
    int M56,
    int M57,
    int M58,
    int M59,
    int M60,
    int M61,
    int M62,
    int M63,
    int M64,
    int M65,
    int M66,
    int M67,
    int M68,
    int M69
);
