namespace CloudScale.Serialization.Tests;

public sealed class ShortenedTextTests
{
    private const int Limit = 1_000;

    [Test]
    public void FormatUpTo_AnyTerm_IsTheBeginningOfTheWhole()
    {
        Random random = new(TestContext.CurrentContext.Random.Next());
        TermGenerator terms = new(random) { Records = true };
        for (int i = 0; i < 2_000; i++)
        {
            object term = terms.Next();
            string whole = Term.Format(term);
            int limit = random.Next(whole.Length + 2);
            Assert.That(Term.FormatUpTo(term, limit), Is.EqualTo(Beginning(whole, limit)), whole);
        }
    }

    [Test]
    public void FormatUpTo_Limit_CutsNoCharacterInTwo()
    {
        Assert.That(Term.FormatUpTo((Atom)"😀", 2), Is.EqualTo("' …"));
        Assert.That(Term.FormatUpTo((Atom)"😀", 3), Is.EqualTo("'😀 …"));
        Assert.That(Term.FormatUpTo((Atom)"😀", 4), Is.EqualTo("'😀'"));
        Assert.That(Term.FormatUpTo((Atom)"ok", 0), Is.EqualTo(" …"));
        Assert.That(() => Term.FormatUpTo((Atom)"ok", -1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [TestCaseSource(nameof(LongTerms))]
    public void FormatUpTo_LongTerm_PrintsNoMoreThanIsShown(object term)
    {
        string whole = Term.Format(term);
        string text = "";
        long allocated = AllocatedBytes.Least(() => text = Term.FormatUpTo(term, Limit));
        Assert.That(text, Is.EqualTo(Beginning(whole, Limit)));
        Assert.That(allocated, Is.LessThan(32 << 10));
    }

    private static IEnumerable<TestCaseData> LongTerms()
    {
        const int count = 200_000;
        byte[] text = new byte[count];
        Array.Fill(text, (byte)'x');
        byte[] bytes = new byte[count];
        yield return Named("text", new Binary(text));
        yield return Named("bytes", new Binary(bytes));
        yield return Named("a string", List.Of([.. text.Select(b => (object)(long)b)]));
        yield return Named("a list", List.Of([.. bytes.Select(b => (object)(long)b)]));
        yield return Named("bits", new BitString(bytes, 3));
        yield return Named("deep", Deep(count));

        static TestCaseData Named(string name, object term) => new TestCaseData(term).SetArgDisplayNames(name);
    }

    private static Tuple Deep(int depth)
    {
        Tuple term = Tuple.Of(1L);
        for (int i = 0; i < depth; i++)
            term = Tuple.Of(term);
        return term;
    }

    private static string Beginning(string whole, int limit)
    {
        if (whole.Length <= limit)
            return whole;
        return (limit > 0 && char.IsHighSurrogate(whole[limit - 1]) ? whole[..(limit - 1)] : whole[..limit]) + " …";
    }
}
