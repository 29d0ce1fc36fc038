using System.Buffers;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.Tests;

public sealed class EtfWriterTests
{
    private static readonly NodeIdentity s_node = new("a@h", 9);

    [Test]
    public void WriteTerm_IntoABufferOfTinyPieces_GivesTheSameBytes()
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        TermGenerator generator = new(new Random(seed)) { Records = true };
        for (int step = 0; step < 300; step++)
        {
            object term = Tuple.Of(generator.Next(), new byte[step * 7], new string('é', step), generator.Next());
            TinyBuffer tiny = new();
            EtfWriter writer = new(tiny);
            writer.WriteVersion();
            writer.WriteTerm(term);
            writer.Flush();
            Assert.That(tiny.Bytes, Is.EqualTo(ExternalTerm.Encode(term)), $"seed {seed}, step {step}");
        }
    }

    [Test]
    public void WriteTerm_OfANestedMessage_AllocatesNothing()
    {
        object message = Tuple.Of(
            (Atom)"$gen_call",
            Tuple.Of(new Pid(s_node, 5), List.WithTail([(Atom)"alias"], new Reference(s_node, 7))),
            Map.Of(((Atom)"add", List.Of(1L, 2L, 300L)), ("text", 2.5))
        );
        ArrayBufferWriter<byte> output = new(4096);
        long allocated = AllocatedBytes.Least(() =>
        {
            output.ResetWrittenCount();
            Write(output, message);
        });
        Assert.That(allocated, Is.Zero);
    }

    [Test]
    public void ReadTerm_OfAMessage_AllocatesItsObjectsOnly()
    {
        byte[] bytes = ExternalTerm.Encode(Tuple.Of(Atoms.Ok, 5, Tuple.Of(new Pid(s_node, 5), Atoms.Error)));
        EtfDecodeContext context = new(EtfLimits.Trusted, s_node);
        object? term = null;
        long allocated = AllocatedBytes.Least(() => ExternalTerm.TryDecode(bytes, context, out term, out _));
        Assert.That(term, Is.InstanceOf<Tuple>());
        // two tuples of 24 bytes, their arrays of 24 + 24 and 24 + 16, the box of a pid
        Assert.That(allocated, Is.LessThanOrEqualTo((2 * 24) + 48 + 40 + 32));
    }

    [Test]
    public void WriteEncoded_ATermEncodedBefore_StandsAsIfWritten()
    {
        byte[] inner = ExternalTerm.Encode(List.Of(1, 256));
        ArrayBufferWriter<byte> output = new();
        EtfWriter writer = new(output);
        writer.WriteVersion();
        writer.WriteTupleHeader(2);
        writer.WriteEncoded(inner.AsSpan(1));
        writer.WriteBoolean(true);
        writer.Flush();
        Assert.That(output.WrittenSpan.ToArray(), Is.EqualTo(ExternalTerm.Encode(Tuple.Of(List.Of(1, 256), true))));
    }

    private static void Write(ArrayBufferWriter<byte> output, object term)
    {
        EtfWriter writer = new(output);
        writer.WriteTerm(term);
        writer.Flush();
    }

    /// <summary>Gives as little room as it may.</summary>
    private sealed class TinyBuffer : IBufferWriter<byte>
    {
        private byte[] _piece = [];

        public List<byte> Bytes { get; } = [];

        public void Advance(int count) => Bytes.AddRange(_piece.AsSpan(0, count));

        public Memory<byte> GetMemory(int sizeHint = 0) => _piece = new byte[Math.Max(sizeHint, 1)];

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
