using System.Buffers;
using BenchmarkDotNet.Attributes;
using CloudScale.Interop.Compression;
using CloudScale.Serialization.Etf;

namespace CloudScale.Perf.Micro.Compression;

/// <summary>LZ4 blocks, both ways, over a megabyte that compresses and one that does not.</summary>
public class Lz4Benchmarks
{
    private const int Length = 1 << 20;

    private readonly ArrayBufferWriter<byte> _block = new(2 * Length);
    private readonly ArrayBufferWriter<byte> _output = new(2 * Length);
    private readonly byte[] _content = new byte[Length];
    private byte[] _written = null!;

    /// <summary>Whether there is anything to compress.</summary>
    [Params(true, false)]
    public bool Compresses { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        if (!Lz4.IsAvailable)
            throw new InvalidOperationException(Lz4.Description);
        var random = new Random(1);
        random.NextBytes(_content);
        if (Compresses)
            "{order, <0.81.0>, #{amount => 17, currency => eur, lines => []}}. "u8.ToArray().CopyTo(_content, 0);
        for (int at = 64; Compresses && at < Length; at++)
            _content[at] = random.Next(24) == 0 ? (byte)random.Next(256) : _content[at - 64];
        Write();
        _written = _block.WrittenSpan.ToArray();
    }

    [Benchmark]
    public int Write()
    {
        _block.ResetWrittenCount();
        return Lz4Block.Write(_content, _block);
    }

    [Benchmark]
    public int Read()
    {
        _output.ResetWrittenCount();
        return Lz4Block.TryRead(_written, Length, _output, out string? error) == DecodeStatus.Ok
            ? _output.WrittenCount
            : throw new InvalidOperationException(error);
    }
}
