using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CloudScale.Interop.Channel;

/// <summary>Puts messages that came in fragments together again.</summary>
/// <remarks>
/// A sequence begins with a fragment that bears the number of fragments, and counts down to 1; those of different sequences may come in any order. What a peer declares
/// allocates nothing: room is made as bytes arrive. Limit: sequences that are open, bytes of one, bytes of all. Threads: the read loop. Source: ERTS User's Guide,
/// External Term Format, Distribution Header for fragmented messages.
/// </remarks>
internal sealed class FragmentAssembly(int maxSequences, int maxBytes, long maxBytesOfAll)
{
    private const int MaxExpectedBytes = 4 << 20; // what a message is given on its word alone, and all messages together

    private readonly Dictionary<ulong, Sequence> _open = [];
    private long _bytes;
    private long _expected;

    /// <summary>How many sequences are open.</summary>
    public int OpenCount => _open.Count;

    /// <summary>Begins a sequence of more than one fragment; false gives the reason.</summary>
    /// <param name="id">The sequence.</param>
    /// <param name="fragment">How many fragments it has.</param>
    /// <param name="atoms">The atoms of the header, which holds for the whole.</param>
    /// <param name="bytes">What is behind the header.</param>
    /// <param name="expected">How many bytes it may become; room for few is made at once.</param>
    /// <param name="isKept">Whether the array will be kept by what is made of the message, so it is not from the pool.</param>
    /// <param name="error">What was wrong.</param>
    public bool TryBegin(ulong id, ulong fragment, Atom[] atoms, ReadOnlySpan<byte> bytes, long expected, bool isKept, out string? error)
    {
        if (_open.Count >= maxSequences)
            return Refuse($"one more fragmented message while {maxSequences} are open", out error);
        if (expected > MaxExpectedBytes - _expected)
            expected = 0;
        Sequence sequence = new(atoms, (int)expected, isKept) { Next = fragment - 1 };
        if (!_open.TryAdd(id, sequence))
            return Refuse($"a second beginning of the fragmented message {id}", out error);
        _expected += sequence.Expected;
        return TryAppend(sequence, bytes, out error);
    }

    /// <summary>The place of the fragment that comes next in a message, if there is room already; it may be written to until <see cref="TryContinue"/>.</summary>
    public bool TryFindRoom(ulong id, ulong fragment, int length, out Memory<byte> room)
    {
        room = default;
        return _open.TryGetValue(id, out Sequence? sequence) && fragment == sequence.Next && sequence.TryFindRoom(length, out room);
    }

    /// <summary>Goes on with a sequence; false gives the reason. The whole is there if <paramref name="whole"/> is not null, until it is given back.</summary>
    public bool TryContinue(ulong id, ulong fragment, ReadOnlySpan<byte> bytes, out Sequence? whole, out string? error)
    {
        whole = null;
        if (!_open.TryGetValue(id, out Sequence? sequence))
            return Refuse($"fragment {fragment} of the message {id}, which was never begun", out error);
        if (fragment != sequence.Next)
            return Refuse($"fragment {fragment} of the message {id} where {sequence.Next} belongs", out error);
        if (!TryAppend(sequence, bytes, out error))
            return false;
        sequence.Next--;
        if (fragment != 1)
            return true;
        _open.Remove(id);
        _bytes -= sequence.Length;
        _expected -= sequence.Expected;
        whole = sequence;
        return true;
    }

    /// <summary>Gives the room of all open sequences back: the connection is gone.</summary>
    public void Clear()
    {
        foreach (Sequence sequence in _open.Values)
            sequence.Dispose();
        _open.Clear();
        _bytes = 0;
        _expected = 0;
    }

    private bool TryAppend(Sequence sequence, ReadOnlySpan<byte> bytes, out string? error)
    {
        if (bytes.Length > maxBytes - sequence.Length)
            return Refuse($"a fragmented message of more than {maxBytes} bytes", out error);
        if (bytes.Length > maxBytesOfAll - _bytes)
            return Refuse($"fragmented messages of more than {maxBytesOfAll} bytes at a time", out error);
        sequence.Append(bytes);
        _bytes += bytes.Length;
        error = null;
        return true;
    }

    private static bool Refuse(string text, out string? error)
    {
        error = text;
        return false;
    }

    /// <summary>A message on its way. Owner: the assembly, and of a whole one who got it, who disposes it.</summary>
    internal sealed class Sequence(Atom[] atoms, int expected, bool isKept) : IDisposable
    {
        private byte[] _bytes = [];

        public Atom[] Atoms { get; } = atoms;

        /// <summary>How many bytes room was made for at the beginning.</summary>
        public int Expected { get; } = expected;

        /// <summary>Whether the array may go with the message: what was announced for more than came, or has grown for more, is not kept for less.</summary>
        public bool MayBeTaken => isKept && _bytes.Length - Length <= Length / 4;

        /// <summary>The number of the fragment that must come next.</summary>
        public ulong Next { get; set; }

        public int Length { get; private set; }

        public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

        /// <remarks>What has been read to its place by <see cref="TryFindRoom"/> is not copied.</remarks>
        public void Append(ReadOnlySpan<byte> bytes)
        {
            if (_bytes.Length - Length < bytes.Length)
                Grow(bytes.Length);
            if (!Unsafe.AreSame(in MemoryMarshal.GetReference(bytes), in MemoryMarshal.GetReference(_bytes.AsSpan(Length))))
                bytes.CopyTo(_bytes.AsSpan(Length));
            Length += bytes.Length;
        }

        public bool TryFindRoom(int length, out Memory<byte> room)
        {
            room = length <= _bytes.Length - Length ? _bytes.AsMemory(Length, length) : default;
            return !room.IsEmpty;
        }

        /// <summary>The array, which belongs to whoever takes it; the message is its first bytes.</summary>
        public byte[] TakeArray(out int length)
        {
            (byte[] taken, length) = (_bytes, Length);
            (_bytes, Length) = ([], 0);
            return taken;
        }

        public void Dispose()
        {
            if (_bytes.Length > 0 && !isKept)
                ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
            Length = 0;
        }

        private void Grow(int more)
        {
            int wanted = (int)Math.Min(Math.Max(Math.Max(4L * _bytes.Length, Expected), (long)Length + more), Array.MaxLength);
            byte[] bytes = isKept ? GC.AllocateUninitializedArray<byte>(wanted) : ArrayPool<byte>.Shared.Rent(wanted);
            Bytes.CopyTo(bytes);
            if (_bytes.Length > 0 && !isKept)
                ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = bytes;
        }
    }
}
