using System.Buffers;
using BenchmarkDotNet.Attributes;
using CloudScale.Serialization.Etf;

namespace CloudScale.Perf.Micro.Serialization;

/// <summary>The External Term Format, both ways, over terms that travel between nodes.</summary>
public class EtfBenchmarks
{
    private readonly ArrayBufferWriter<byte> _buffer = new(1 << 20);
    private readonly EtfDecodeContext _context = new(EtfLimits.Trusted);
    private object _term = null!;
    private byte[] _bytes = null!;

    /// <summary>What is encoded and decoded.</summary>
    [Params(Shape.Call, Shape.Profile, Shape.Numbers, Shape.Blob)]
    public Shape Term { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _term = Make(Term);
        _bytes = ExternalTerm.Encode(_term);
    }

    [Benchmark]
    public int Encode()
    {
        _buffer.ResetWrittenCount();
        var writer = new EtfWriter(_buffer);
        writer.WriteVersion();
        writer.WriteTerm(_term);
        writer.Flush();
        return _buffer.WrittenCount;
    }

    [Benchmark]
    public object Decode() =>
        ExternalTerm.TryDecode(_bytes, _context, out object? term, out _) == DecodeStatus.Ok
            ? term!
            : throw new InvalidOperationException("a term of our own was refused");

    /// <summary>A term of a shape.</summary>
    internal static object Make(Shape shape)
    {
        var node = new NodeIdentity(Atom.Of("shop@10.0.0.7"), creation: 1_700_000_000);
        return shape switch
        {
            Shape.Call => Tuple.Of(
                Atom.Of("$gen_call"),
                Tuple.Of(new Pid(node, 0x12_0000_0345), Atom.Of("alias")),
                Tuple.Of(Atom.Of("get"), "session-4711", 5_000L)
            ),
            Shape.Profile => Map.Of(
                (Atom.Of("id"), 4_711L),
                (Atom.Of("name"), "Ada Lovelace"),
                (Atom.Of("score"), 0.87),
                (Atom.Of("tags"), List.Of(Atom.Of("admin"), Atom.Of("beta"), Atom.Of("eu"))),
                (Atom.Of("seen"), Tuple.Of(Tuple.Of(2026L, 7L, 1L), Tuple.Of(12L, 30L, 59L)))
            ),
            Shape.Numbers => List.Create(Enumerable.Range(0, 1_000).Select(number => (object)(long)(number * 37)).ToArray()),
            _ => new Binary(new byte[64 * 1024]),
        };
    }

    /// <summary>The shapes of terms.</summary>
    public enum Shape
    {
        /// <summary>A gen_server call.</summary>
        Call,

        /// <summary>A record of an application, as a map.</summary>
        Profile,

        /// <summary>A thousand small integers in a list.</summary>
        Numbers,

        /// <summary>64 KB of bytes.</summary>
        Blob,
    }
}
