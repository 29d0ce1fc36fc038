using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.Tests;

/// <summary>
/// Terms nested a million deep: nothing may recurse. Tuples and map keys take the whole depth; for the other containers a quarter of it saves half a minute, and a
/// recursion would end long before.
/// </summary>
public sealed class DeepTermTests
{
    private const int Depth = 1_000_000;
    private const int LessDepth = Depth / 4;

    private static readonly Pid s_pid = new(new NodeIdentity("n@h", 1), 1);

    [Test]
    public void Everything_OnTuplesAMillionDeep_NeedsNoStack()
    {
        object one = Nest(1, inner => Tuple.Of(inner));
        object two = Nest(2, inner => Tuple.Of(inner));
        Assert.That(Term.AreEqual(one, two), Is.False);
        Assert.That(Term.Compare(one, two), Is.Negative);
        Assert.That(Term.Format(one), Is.EqualTo(new string('{', Depth) + "1" + new string('}', Depth)));
        CheckRoundTrip(one);
    }

    [Test]
    public void Everything_OnDeepLists_NeedsNoStack() => CheckRoundTrip(Nest(1, inner => List.WithTail([inner, 1], 2), LessDepth));

    [Test]
    public void Everything_OnDeepMapValues_NeedsNoStack() => CheckRoundTrip(Nest(1, inner => Map.Of((1, inner)), LessDepth));

    [Test]
    public void Everything_OnMapKeysAMillionDeep_NeedsNoStack() => CheckRoundTrip(Nest(1, inner => Map.Of((inner, 1))));

    [Test]
    public void Everything_OnDeepFuns_NeedsNoStack() =>
        CheckRoundTrip(Nest(1, inner => new Fun(Atoms.Ok, 0, 1, 2, 3, 4, s_pid, (ReadOnlySpan<object>)[inner]), LessDepth));

    [Test]
    public void Decode_OneCellAMillionTimes_IsOneList()
    {
        // [1 | [1 | [1 | …]]], each cell a LIST_EXT of its own
        byte[] bytes = new byte[1 + (7 * Depth) + 1];
        bytes[0] = EtfReader.Version;
        for (int i = 0; i < Depth; i++)
            new byte[] { (byte)EtfTag.List, 0, 0, 0, 1, (byte)EtfTag.SmallInteger, 1 }.CopyTo(bytes, 1 + (7 * i));
        bytes[^1] = (byte)EtfTag.Nil;

        EtfDecodeContext context = new(new EtfLimits { MaxDepth = 1 });
        Assert.That(ExternalTerm.TryDecode(bytes, context, out object? term, out _), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(term, Is.InstanceOf<List>());
        Assert.That(((List)term!).Count, Is.EqualTo(Depth));
        Assert.That(((List)term).IsProper, Is.True);
    }

    private static void CheckRoundTrip(object term)
    {
        byte[] bytes = ExternalTerm.Encode(term);
        EtfDecodeContext context = new(EtfLimits.Trusted);
        Assert.That(ExternalTerm.TryDecode(bytes, context, out object? back, out int used), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(used, Is.EqualTo(bytes.Length));
        Assert.That(Term.AreEqual(term, back), Is.True);
        Assert.That(Term.Compare(term, back), Is.Zero);
        Assert.That(Term.Hash(term), Is.EqualTo(Term.Hash(back)));
        Assert.That(Term.Format(term), Is.Not.Empty);

        EtfReader reader = new(bytes, context);
        reader.TryReadVersion();
        Assert.That(reader.TrySkipTerm(), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(reader.Remaining, Is.Zero);
        Assert.That(
            ExternalTerm.TryDecode(bytes, new EtfDecodeContext(EtfLimits.Untrusted), out _, out _),
            Is.EqualTo(DecodeStatus.LimitExceeded)
        );
    }

    private static object Nest(object innermost, Func<object, object> layer, int depth = Depth)
    {
        object term = innermost;
        for (int i = 0; i < depth; i++)
            term = layer(term);
        return term;
    }
}
