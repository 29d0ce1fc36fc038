using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.Tests;

public sealed class ListTests
{
    [Test]
    public void Pattern_HeadAndRest_WalksTheListToNil()
    {
        long sum = 0;
        List rest = [1, 2, 3, 4];
        while (rest is [var head, .. var tail])
        {
            sum += Convert.ToInt64(head);
            rest = tail;
        }

        Assert.That(sum, Is.EqualTo(10));
        Assert.That(rest, Is.SameAs(List.Empty));
    }

    [Test]
    public void Slice_NotFromTheStart_EqualsTheListOfItsElements()
    {
        Assert.That(List.Of(1000, Atoms.Ok, 2000).Slice(1, 2), Is.EqualTo(List.Of(Atoms.Ok, 2000)));
        Assert.That(List.FromBytes([1, 2, 3]).Slice(1, 2), Is.EqualTo(List.Of(2, 3)));
    }

    [Test]
    public void Slice_OfAnImproperList_KeepsTheTailOnlyAtTheEnd()
    {
        List list = List.WithTail([1, 2, 3], Atoms.Ok);
        Assert.That(list.Slice(1, 2).Tail, Is.EqualTo(Atoms.Ok));
        Assert.That(list.Slice(0, 2).IsProper, Is.True);
        Assert.That(list.ToString(), Is.EqualTo("[1,2,3|ok]"));
        Assert.That(() => list.Slice(2, 2), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void WithTail_AListAsTail_ContinuesTheList()
    {
        Assert.That(List.WithTail([1], List.Of(2, 3)), Is.EqualTo(List.Of(1, 2, 3)));
        Assert.That(List.WithTail([97], List.FromString("bc")), Is.EqualTo(List.FromString("abc")));
        Assert.That(List.WithTail([1], List.WithTail([2], 3)), Is.EqualTo(List.WithTail([1, 2], 3)));
        Assert.That(List.WithTail([], List.Of(1)), Is.EqualTo(List.Of(1)));
        Assert.That(List.Of(2).Prepend(1), Is.EqualTo(List.Of(1, 2)));
        Assert.That(() => List.WithTail([], 1), Throws.ArgumentException);
    }

    [TestCase("")]
    [TestCase("plain")]
    [TestCase("naïve")]
    [TestCase("λ and 😀")]
    public void FromString_AnyText_ComesBack(string text)
    {
        Assert.That(List.FromString(text).TryGetString(out string? back), Is.True);
        Assert.That(back, Is.EqualTo(text));
    }

    [Test]
    public void TryGetString_WhatIsNoText_IsFalse()
    {
        Assert.That(List.Of(97, Atoms.Ok).TryGetString(out _), Is.False);
        Assert.That(List.Of(0xD800).TryGetString(out _), Is.False);
        Assert.That(List.Of(-1).TryGetString(out _), Is.False);
        Assert.That(List.WithTail([97], 98).TryGetString(out _), Is.False);
        Assert.That(List.Of(97, (byte)98).TryGetString(out string? text), Is.True);
        Assert.That(text, Is.EqualTo("ab"));
    }

    [Test]
    public void ByteList_OfSixtyThousand_CostsItsBytesOnly()
    {
        byte[] bytes = new byte[60_000];
        bytes[^1] = 255;
        object? last = null;
        long allocated = AllocatedBytes.Least(() => last = List.FromBytes(bytes)[^1]);
        Assert.That(allocated, Is.LessThan(61_000));
        Assert.That(last, Is.EqualTo(255L));
    }

    [Test]
    public void Equals_BytesAndObjects_AreOneList()
    {
        List bytes = List.FromBytes([1, 2, 3]);
        List objects = [1L, 2, (byte)3];
        Assert.That(bytes, Is.EqualTo(objects));
        Assert.That(bytes.GetHashCode(), Is.EqualTo(objects.GetHashCode()));
        Assert.That(Term.Compare(bytes, List.Of(1, 2, 4)), Is.Negative);
        Assert.That(Term.Compare(List.Of(1, 2), bytes), Is.Negative);
        Assert.That(bytes.Slice(1, 2), Is.EqualTo(List.Of(2, 3)));
    }

    [Test]
    public void TuplePattern_WithRest_SlicesTheTuple()
    {
        Assert.That(Tuple.Of(Atoms.Ok, 1, 2) is [Atom { Name: "ok" }, .. Tuple rest] ? rest : null, Is.EqualTo(Tuple.Of(1, 2)));
    }

    private static IEnumerable<TestCaseData> Numbers()
    {
        int[] lengths = [15, 16, 17, 300, 5000];
        Func<int, object>[] kinds =
        [
            i => (long)i,
            i => i * -100_003L,
            i => i * 0.5,
            i => (long)(i % 200),
            i => i % 50 == 49 ? i * 0.5 : (object)(long)i,
            i => i % 50 == 49 ? 1L : (object)(i * 0.5),
            i => i % 50 == 49 ? Atoms.Ok : (object)(long)i,
            i => i % 50 == 49 ? 1L << 40 : i,
        ];
        return from length in lengths
            from kind in Enumerable.Range(0, kinds.Length)
            select new TestCaseData((object)Enumerable.Range(0, length).Select(kinds[kind]).ToArray()).SetArgDisplayNames(
                $"{length} of kind {kind}"
            );
    }

    /// <summary>Lists that came in as bytes may hold numbers where others hold objects; nobody can tell.</summary>
    [TestCaseSource(nameof(Numbers))]
    public void AListOfNumbers_ThatWasDecoded_IsTheListThatWasEncoded(object[] elements)
    {
        List list = List.Create(elements);
        byte[] bytes = ExternalTerm.Encode(list);
        List decoded = (List)Decode(bytes);

        Assert.That(decoded, Is.EqualTo(list));
        Assert.That(decoded.GetHashCode(), Is.EqualTo(list.GetHashCode()));
        Assert.That(decoded.ToString(), Is.EqualTo(list.ToString()));
        Assert.That(decoded.Zip(elements).All(pair => Term.AreEqual(pair.First, pair.Second)), Is.True);
        Assert.That(ExternalTerm.Encode(decoded), Is.EqualTo(bytes));
        Assert.That(Term.Compare(decoded, List.Create([.. elements[..^1], List.Empty])), Is.LessThan(0));
        Assert.That(decoded.TryGetString(out string? text), Is.EqualTo(list.TryGetString(out string? sameText)));
        Assert.That(text, Is.EqualTo(sameText));

        List part = decoded.Slice(1, elements.Length - 2);
        Assert.That(part, Is.EqualTo(List.Create(elements.AsSpan(1, elements.Length - 2))));
        Assert.That(ExternalTerm.Encode(part), Is.EqualTo(ExternalTerm.Encode(List.Create(elements.AsSpan(1, elements.Length - 2)))));
        Assert.That(decoded.Prepend(Atoms.Ok), Is.EqualTo(List.Create([Atoms.Ok, .. elements])));
        List improper = decoded.WithTail(Atoms.Ok);
        Assert.That(improper, Is.EqualTo(List.WithTail(elements, Atoms.Ok)));
        Assert.That(Decode(ExternalTerm.Encode(improper)), Is.EqualTo(improper));
        Assert.That(Decode(ExternalTerm.Encode(List.WithTail([Atoms.Ok], decoded))), Is.EqualTo(List.Create([Atoms.Ok, .. elements])));
    }

    [Test]
    public void AListOfFloats_OneOfWhichIsNone_IsRefusedAsAnyOther()
    {
        byte[] bytes = ExternalTerm.Encode(List.Create([.. Enumerable.Range(0, 100).Select(i => (object)(i * 0.5))]));
        bytes.AsSpan(6 + (50 * 9) + 1, 8).Fill(0xFF);

        Assert.That(
            ExternalTerm.TryDecode(bytes, new EtfDecodeContext(EtfLimits.Trusted), out _, out _),
            Is.EqualTo(DecodeStatus.Malformed)
        );
    }

    private static object Decode(byte[] bytes)
    {
        DecodeStatus status = ExternalTerm.TryDecode(bytes, new EtfDecodeContext(EtfLimits.Trusted), out object? term, out _);
        Assert.That(status, Is.EqualTo(DecodeStatus.Ok));
        return term!;
    }
}
