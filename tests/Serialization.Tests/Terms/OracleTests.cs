using System.Text;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.Tests;

/// <summary>What the installed Erlang says about a batch of random terms: their order, their equality, their text, their bytes.</summary>
[Category("OtpNode")]
public sealed class OracleTests
{
    private const int Count = 2_000;

    [Test]
    public void OrderAndBytes_OfRandomTerms_AreErlangs()
    {
        List<object> terms = Terms(identities: true);
        Tuple answer = Ask(terms);
        AssertOrder(terms, (List)answer[0], (List)answer[1]);
        AssertBytes(terms, (List)answer[3], (int)(long)answer[4]);
    }

    [Test]
    public void Text_OfRandomTerms_IsErlangs()
    {
        List<object> terms = Terms(identities: false);
        Tuple answer = Ask(terms);
        AssertOrder(terms, (List)answer[0], (List)answer[1]);
        AssertBytes(terms, (List)answer[3], (int)(long)answer[4]);
        List texts = (List)answer[2];
        Assert.Multiple(() =>
        {
            for (int i = 0; i < terms.Count; i++)
            {
                ((Binary)texts[i]).TryGetString(out string? text);
                Assert.That(Term.Format(terms[i]), Is.EqualTo(text));
            }
        });
    }

    private static List<object> Terms(bool identities)
    {
        Erlang.RequireInstalled();
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        TermGenerator generator = new(new Random(seed)) { Identities = identities };
        List<object> terms = [];
        while (terms.Count < Count)
        {
            object term = generator.Next();
            terms.Add(term);
            if (terms.Count % 2 == 1)
                terms.Add(generator.Near(term));
        }

        return terms;
    }

    private static Tuple Ask(List<object> terms)
    {
        byte[] answer = Erlang.Ask("oracle", terms.Select(term => ExternalTerm.Encode(term)));
        EtfReader reader = new(answer, new EtfDecodeContext(EtfLimits.Trusted));
        reader.TryReadVersion();
        Assert.That(reader.TryReadTerm(out object? term), Is.EqualTo(DecodeStatus.Ok), reader.Error);
        return (Tuple)term!;
    }

    private static void AssertOrder(List<object> terms, List sorted, List neighbours)
    {
        // Equal neighbours keep their order in both sorts.
        List<int> ours =
        [
            .. Enumerable
                .Range(0, terms.Count)
                .Order(Comparer<int>.Create((l, r) => Term.Compare(terms[l], terms[r]) is int s and not 0 ? s : l - r)),
        ];
        Assert.Multiple(() =>
        {
            for (int i = 0; i < terms.Count; i++)
                Assert.That(ours[i], Is.EqualTo((int)(long)sorted[i]), $"place {i}: {Term.Format(terms[ours[i]])}");
            for (int i = 0; i + 1 < terms.Count; i++)
            {
                Tuple expected = (Tuple)neighbours[i];
                string pair = $"{Term.Format(terms[i])} and {Term.Format(terms[i + 1])}";
                Assert.That(Math.Sign(Term.Compare(terms[i], terms[i + 1])), Is.EqualTo((int)(long)expected[0]), pair);
                Assert.That(Math.Sign(Term.Compare(terms[i + 1], terms[i])), Is.EqualTo(-(int)(long)expected[0]), pair);
                bool equal = Term.AreEqual(terms[i], terms[i + 1]);
                Assert.That(equal, Is.EqualTo(expected[1].Equals(Atoms.True)), pair);
                if (equal)
                    Assert.That(Term.Hash(terms[i]), Is.EqualTo(Term.Hash(terms[i + 1])), pair);
            }
        });
    }

    // Maps of up to 32 entries are in term order to OTP 25, and in another to OTP 26 and later: there the values must do. It writes each port in 64 bits, and before, as we do, those that need them.
    private static void AssertBytes(List<object> terms, List encoded, int release)
    {
        EtfDecodeContext context = new(EtfLimits.Trusted);
        EtfEncodeOptions options = new() { Deterministic = true };
        int same = 0;
        Assert.Multiple(() =>
        {
            for (int i = 0; i < terms.Count; i++)
            {
                Binary theirs = (Binary)encoded[i];
                byte[] ours = ExternalTerm.Encode(terms[i], options);
                if (theirs.Span.SequenceEqual(ours))
                    same++;
                Assert.That(ours.Length + (release >= 26 ? 4 * ShortPorts(terms[i]) : 0), Is.EqualTo(theirs.Length), Term.Format(terms[i]));
                Assert.That(ExternalTerm.TryDecode(theirs.Span, context, out object? back, out _), Is.EqualTo(DecodeStatus.Ok));
                Assert.That(Term.AreEqual(back, terms[i]), Is.True, Term.Format(terms[i]));
            }
        });
        TestContext.Out.WriteLine($"{same} of {terms.Count} encoded to the same bytes");
        Assert.That(same, Is.GreaterThan(terms.Count / 2));
    }

    private static int ShortPorts(object term) =>
        term switch
        {
            Port port => port.Number < 1 << 28 ? 1 : 0,
            Tuple tuple => tuple.Sum(ShortPorts),
            List list => list.Sum(ShortPorts) + (list.IsProper ? 0 : ShortPorts(list.Tail)),
            Map map => map.Sum(entry => ShortPorts(entry.Key) + ShortPorts(entry.Value)),
            _ => 0,
        };
}
