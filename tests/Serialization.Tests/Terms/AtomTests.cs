using System.Text;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.Tests;

public sealed class AtomTests
{
    [Test]
    public void Of_OneNameFromManyThreads_IsOneObject()
    {
        string name = $"race {Guid.NewGuid()}";
        int before = Atom.Count;
        using Barrier barrier = new(4);
        Atom[] atoms = new Atom[4];
        Thread[] threads =
        [
            .. Enumerable
                .Range(0, 4)
                .Select(i => new Thread(() =>
                {
                    barrier.SignalAndWait();
                    atoms[i] = Atom.Of(name);
                })),
        ];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        Assert.That(atoms, Has.All.SameAs(atoms[0]));
        Assert.That(Atom.TryGetExisting(Encoding.UTF8.GetBytes(name), out Atom? found), Is.True);
        Assert.That(found, Is.SameAs(atoms[0]));
        Assert.That(Atom.Count, Is.GreaterThan(before));
    }

    [Test]
    public void Of_TooLongOrTornName_IsRefused()
    {
        Assert.That(Atom.Of(string.Concat(Enumerable.Repeat("😀", 255))).Utf8.Length, Is.EqualTo(1020));
        Assert.That(() => Atom.Of(new string('a', 256)), Throws.ArgumentException.With.Message.Contains("255"));
        Assert.That(() => Atom.Of("\uD800"), Throws.ArgumentException.With.Message.Contains("surrogate"));
    }

    [Test]
    public void Decode_AnExistingAtom_AllocatesNothing()
    {
        byte[] bytes = ExternalTerm.Encode(Atom.Of("a name that exists"));
        EtfDecodeContext context = new(EtfLimits.Untrusted);
        DecodeStatus status = default;
        object? atom = null;
        long allocated = AllocatedBytes.Least(() => status = ExternalTerm.TryDecode(bytes, context, out atom, out _));
        Assert.That(status, Is.EqualTo(DecodeStatus.Ok));
        Assert.That(atom, Is.SameAs(Atom.Of("a name that exists")));
        Assert.That(allocated, Is.Zero);
    }
}
