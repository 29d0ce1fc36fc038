using System.Buffers;
using BenchmarkDotNet.Attributes;
using CloudScale.Serialization.Etf;
using CloudScale.Serialization.MessagePack;

namespace CloudScale.Perf.Micro.Serialization;

/// <summary>MessagePack, both ways, over the terms of <see cref="EtfBenchmarks"/>.</summary>
public class MessagePackBenchmarks
{
    private readonly ArrayBufferWriter<byte> _buffer = new(1 << 20);
    private readonly EtfDecodeContext _context = new(EtfLimits.Trusted);
    private object _term = null!;
    private byte[] _bytes = null!;

    /// <summary>What is encoded and decoded.</summary>
    [Params(EtfBenchmarks.Shape.Call, EtfBenchmarks.Shape.Profile, EtfBenchmarks.Shape.Numbers, EtfBenchmarks.Shape.Blob)]
    public EtfBenchmarks.Shape Term { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _term = EtfBenchmarks.Make(Term);
        _bytes = MessagePackTerm.Encode(_term);
    }

    [Benchmark]
    public int Encode()
    {
        _buffer.ResetWrittenCount();
        var writer = new MessagePackWriter(_buffer);
        writer.WriteTerm(_term);
        writer.Flush();
        return _buffer.WrittenCount;
    }

    [Benchmark]
    public object Decode() =>
        MessagePackTerm.TryDecode(_bytes, _context, out object? term, out _) == DecodeStatus.Ok
            ? term!
            : throw new InvalidOperationException("a term of our own was refused");
}
