using System.Buffers;
using CloudScale.Serialization.Etf;

namespace CloudScale.Perf.Codecs;

/// <summary>An encoded term in pieces, as <c>term_to_iovec</c> gives it: bytes of its own, and long binaries where they lie. What a connection gives to the system at once.</summary>
internal sealed class Pieces : IReferringBuffer
{
    private readonly ArrayBufferWriter<byte> _own = new(64 << 10);
    private readonly List<ReadOnlyMemory<byte>> _pieces = [];
    private int _taken; // of the own bytes, those that are in pieces already

    /// <summary>Whether some of the bytes are not its own.</summary>
    public bool Refers { get; private set; }

    public void Reset()
    {
        _own.ResetWrittenCount();
        _pieces.Clear();
        _taken = 0;
        Refers = false;
    }

    public void Advance(int count) => _own.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0) => _own.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => _own.GetSpan(sizeHint);

    public bool TryRefer(ReadOnlyMemory<byte> bytes)
    {
        EndPiece();
        _pieces.Add(bytes);
        Refers = true;
        return true;
    }

    /// <summary>The pieces, which hold until the next <see cref="Reset"/>.</summary>
    public List<ReadOnlyMemory<byte>> Finish()
    {
        EndPiece();
        return _pieces;
    }

    private void EndPiece()
    {
        if (_own.WrittenCount > _taken)
            _pieces.Add(_own.WrittenMemory[_taken..]);
        _taken = _own.WrittenCount;
    }
}
