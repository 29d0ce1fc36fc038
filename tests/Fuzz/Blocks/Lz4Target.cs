using System.Buffers;
using CloudScale.Fuzz.Running;
using CloudScale.Interop.Compression;
using CloudScale.Serialization.Etf;

namespace CloudScale.Fuzz.Blocks;

/// <summary>Blocks of LZ4 as a channel carries them. Where there is no LZ4 they are plain, and compressed ones refused.</summary>
internal sealed class Lz4Target : Target
{
    private const int MaxBytes = 1 << 20;
    private const int MaxBeside = 4096;

    private readonly ArrayBufferWriter<byte> _block = new(1 << 16);
    private readonly ArrayBufferWriter<byte> _output = new(2 * MaxBytes);
    private readonly byte[] _content = new byte[1 << 12];
    private Mutator? _mutator;

    public override string Name => "lz4";

    public override void Generate(Draft draft, Rng rng)
    {
        _mutator ??= new Mutator(rng, [0, 1, 0xF0, 0xFF]);
        Span<byte> content = _content.AsSpan(0, rng.Next(_content.Length));
        int letters = rng.Next(1, 8);
        foreach (ref byte b in content)
            b = (byte)rng.Next(letters);
        _block.ResetWrittenCount();
        Lz4Block.Write(content, _block);

        draft.Clear();
        int spot = draft.Begin(SpotKind.Term);
        draft.Write(_block.WrittenSpan);
        draft.End(spot);
        if (draft.Bytes[0] == 1)
            draft.Mark(SpotKind.Length, 1, 5);
        _mutator.Mutate(draft);
    }

    public override void Check(ReadOnlySpan<byte> input, Rng rng)
    {
        DecodeStatus status = Read(input, out string? error, out long allocated);
        // A background collection counts what a thread has left of its room, up to 8 KB, as allocated when its marking ends. What allocates does so again.
        if (allocated >= MaxBeside)
            status = Read(input, out error, out allocated);
        Count(status.ToString());
        Require(allocated < MaxBeside, $"{allocated} bytes allocated beside the output");
        Require((status == DecodeStatus.Ok) == error is null, "a reason if and only if it is not Ok");
        Require(status != DecodeStatus.NeedMoreData, "a block is complete or wrong");
        Require(
            status == DecodeStatus.Ok ? _output.WrittenCount <= MaxBytes : _output.WrittenCount == 0,
            "no more than allowed, and nothing if refused"
        );
        if (status != DecodeStatus.Ok)
            return;
        byte[] content = _output.WrittenSpan.ToArray();
        _block.ResetWrittenCount();
        Lz4Block.Write(content, _block);
        _output.ResetWrittenCount();
        status = Lz4Block.TryRead(_block.WrittenSpan, MaxBytes, _output, out _);
        Require(status == DecodeStatus.Ok && _output.WrittenSpan.SequenceEqual(content), "what came out goes in and comes out again");
    }

    private DecodeStatus Read(ReadOnlySpan<byte> input, out string? error, out long allocated)
    {
        _output.ResetWrittenCount();
        long before = GC.GetAllocatedBytesForCurrentThread();
        DecodeStatus status = Lz4Block.TryRead(input, MaxBytes, _output, out error);
        allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return status;
    }
}
