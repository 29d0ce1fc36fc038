using System.Buffers;
using System.Buffers.Binary;
using CloudScale.Serialization.Etf;

namespace CloudScale.Interop.Channel;

/// <summary>What waits to be sent in fragments, so that others can pass; and what must not pass it.</summary>
/// <remarks>
/// One message at a time is cut, oldest first. Whatever its sender says next waits behind it, for between two processes the order is kept; everything else goes by. A
/// fragment's head is written over the end of the fragment before, which has been sent, so nothing is copied; that of a part of a binary which lies elsewhere is given out before it. Threads: one, under the connection's
/// lock; but what <see cref="Take"/> gave out is read until the next call. Source: ERTS User's Guide, External Term Format, Distribution Header for fragmented messages.
/// </remarks>
/// <param name="fragmentBytes">How long a part of a message may be.</param>
/// <param name="refers">Whether binaries that are longer are sent from where they lie.</param>
internal sealed class FragmentQueue(int fragmentBytes, bool refers = false)
{
    /// <summary>Length, type and numbers: what stands before each fragment but the first.</summary>
    public const int HeadBytes = 4 + 2 + 16;

    /// <summary>The same, and a header without atoms: the most that stands before a message that waits here from its beginning.</summary>
    public const int FirstHeadBytes = HeadBytes + 1;

    private const int WholeHeadBytes = 4 + 2 + 1;
    private const int MaxSpares = 2; // one is sent, one is written to meanwhile

    private readonly Queue<Entry> _entries = new();
    private readonly Dictionary<Pid, int> _senders = [];
    private Entry? _tail;
    private Entry? _taken; // given out by Take, and used up
    private readonly Stack<OutputBuffer> _spares = new();
    private readonly OutputBuffer _joint = new(); // a part that does not lie in one piece

    public bool IsEmpty => _entries.Count == 0;

    /// <summary>How many bytes wait.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether a message from this process has to wait here. One that names no sender may be anybody's.</summary>
    public bool MustWait(Pid sender) => _entries.Count > 0 && (sender.IsNone || _senders.ContainsKey(sender));

    /// <summary>What follows the bytes that <see cref="Take"/> has given out, from where it lies; mostly nothing.</summary>
    public ReadOnlyMemory<byte> Referred { get; private set; }

    /// <summary>A buffer to encode a message into that may become an entry; it has room for the head already.</summary>
    public OutputBuffer Rent()
    {
        if (!_spares.TryPop(out OutputBuffer? buffer))
            buffer = new OutputBuffer { RefersFrom = refers && fragmentBytes < int.MaxValue ? fragmentBytes + 1 : int.MaxValue };
        buffer.GetSpan(FirstHeadBytes);
        buffer.Advance(FirstHeadBytes);
        return buffer;
    }

    /// <summary>Takes a buffer back that did not become an entry.</summary>
    public void Return(OutputBuffer buffer)
    {
        buffer.Clear();
        if (_spares.Count < MaxSpares)
            _spares.Push(buffer);
        else
            buffer.Release();
    }

    /// <summary>Gives back what long messages have needed: no more of them wait.</summary>
    public void Trim()
    {
        while (_spares.Count > 1)
            _spares.Pop().Release();
        if (_spares.TryPeek(out OutputBuffer? last))
            last.Trim();
        _joint.Release();
    }

    /// <summary>How many fragments a message takes whose first one holds so many bytes of it.</summary>
    public ulong FragmentsOf(int bytes, int firstBytes) => 1 + (ulong)((bytes - firstBytes + fragmentBytes - 1) / fragmentBytes);

    /// <summary>The rest of a message whose first fragment is on its way.</summary>
    /// <param name="sender">Whose message it is.</param>
    /// <param name="buffer">The message; it belongs to the queue from here on.</param>
    /// <param name="offset">Where the rest begins; at least a head is before it.</param>
    /// <param name="sequence">The sequence.</param>
    /// <param name="fragments">How many fragments the rest takes.</param>
    public void AddRest(Pid sender, OutputBuffer buffer, int offset, ulong sequence, ulong fragments) =>
        Add(sender, new Entry(buffer, offset, sequence, fragments), buffer.Length - offset);

    /// <summary>A message that has to wait from its beginning.</summary>
    /// <param name="sender">Whose message it is.</param>
    /// <param name="buffer">Begins with <see cref="FirstHeadBytes"/> of room; it belongs to the queue from here on.</param>
    /// <param name="firstBytes">How many bytes of the message the first fragment must hold: all of the control tuple.</param>
    /// <param name="sequence">The sequence, should it be cut.</param>
    public void AddWhole(Pid sender, OutputBuffer buffer, int firstBytes, ulong sequence)
    {
        int bytes = buffer.Length - FirstHeadBytes;
        if (bytes <= firstBytes)
        {
            AddUncut(sender, buffer, bytes);
            return;
        }

        ulong fragments = FragmentsOf(bytes, firstBytes);
        WriteHead(buffer.Span(0, HeadBytes), PacketReader.FirstFragment, 1 + firstBytes, sequence, fragments);
        buffer.Span(HeadBytes, 1)[0] = 0; // no atoms
        Add(sender, new Entry(buffer, 0, sequence, fragments) { FirstBytes = FirstHeadBytes + firstBytes }, buffer.Length);
    }

    /// <summary>The next bytes to be sent, and <see cref="Referred"/> behind them; what was given out before has been sent. Empty if nothing waits.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        Referred = default;
        if (_taken is { } sent)
        {
            _taken = null;
            Return(sent.Buffer);
        }

        if (!_entries.TryPeek(out Entry? entry))
            return default;
        ReadOnlyMemory<byte> next;
        int length;
        if (entry.FirstBytes > 0)
        {
            length = entry.FirstBytes;
            entry.FirstBytes = 0;
            entry.Fragments--;
            next = Give(entry, length, []);
        }
        else
        {
            length = Math.Min(fragmentBytes, entry.Buffer.Length - entry.Offset);
            Span<byte> head = stackalloc byte[HeadBytes];
            WriteHead(head, PacketReader.NextFragment, length, entry.Sequence, entry.Fragments--);
            next = Give(entry, length, head);
        }

        entry.Offset += length;
        Bytes -= length;
        if (entry.Offset == entry.Buffer.Length)
            Remove(entry);
        return next;
    }

    private ReadOnlyMemory<byte> Give(Entry entry, int length, ReadOnlySpan<byte> head)
    {
        OutputBuffer buffer = entry.Buffer;
        ReadOnlyMemory<byte> piece = buffer.PieceAt(entry.Offset, out int index);
        if (index >= 0 && piece.Length < length)
        {
            ReadOnlyMemory<byte> behind = buffer.PieceAt(entry.Offset + piece.Length, out int other);
            if (other >= 0 || behind.Length < length - piece.Length)
                return Join(entry, length, head);
            Referred = behind[..(length - piece.Length)];
        }
        else if (piece.Length < length)
        {
            return Join(entry, length, head);
        }

        if (index < 0)
        {
            _joint.Clear();
            _joint.Write(head);
            Referred = piece[..length];
            return _joint.Written;
        }

        head.CopyTo(buffer.Span(index - head.Length, head.Length));
        return buffer.Written.Slice(index - head.Length, head.Length + Math.Min(piece.Length, length));
    }

    private ReadOnlyMemory<byte> Join(Entry entry, int length, ReadOnlySpan<byte> head)
    {
        _joint.Clear();
        _joint.Write(head);
        entry.Buffer.CopyTo(_joint, entry.Offset, length);
        return _joint.Written;
    }

    // Small ones that wait behind each other are one entry, sent in one piece.
    private void AddUncut(Pid sender, OutputBuffer buffer, int bytes)
    {
        Span<byte> head = buffer.Span(FirstHeadBytes - WholeHeadBytes, WholeHeadBytes);
        BinaryPrimitives.WriteUInt32BigEndian(head, (uint)(WholeHeadBytes - 4 + bytes));
        head[4] = EtfReader.Version;
        head[5] = PacketReader.Header;
        head[6] = 0; // no atoms
        if (_tail is { IsUncut: true } tail)
        {
            ReadOnlySpan<byte> packet = buffer.Span(FirstHeadBytes - WholeHeadBytes, WholeHeadBytes + bytes);
            packet.CopyTo(tail.Buffer.GetSpan(packet.Length));
            tail.Buffer.Advance(packet.Length);
            tail.FirstBytes += packet.Length;
            Bytes += packet.Length;
            if (!tail.Senders.Contains(sender))
                Count(tail, sender);
            Return(buffer);
            return;
        }

        Entry entry = new(buffer, FirstHeadBytes - WholeHeadBytes, 0, 1) { IsUncut = true, FirstBytes = WholeHeadBytes + bytes };
        Add(sender, entry, entry.FirstBytes);
    }

    private void Add(Pid sender, Entry entry, int bytes)
    {
        Count(entry, sender);
        _entries.Enqueue(entry);
        _tail = entry;
        Bytes += bytes;
    }

    private void Count(Entry entry, Pid sender)
    {
        entry.Senders.Add(sender);
        _senders[sender] = _senders.GetValueOrDefault(sender) + 1;
    }

    private void Remove(Entry entry)
    {
        _entries.Dequeue();
        _taken = entry;
        if (ReferenceEquals(_tail, entry))
            _tail = null;
        foreach (Pid sender in entry.Senders)
        {
            if (_senders[sender] == 1)
                _senders.Remove(sender);
            else
                _senders[sender]--;
        }
    }

    private static void WriteHead(Span<byte> head, byte type, int bytes, ulong sequence, ulong fragment)
    {
        BinaryPrimitives.WriteUInt32BigEndian(head, (uint)(HeadBytes - 4 + bytes));
        head[4] = EtfReader.Version;
        head[5] = type;
        BinaryPrimitives.WriteUInt64BigEndian(head[6..], sequence);
        BinaryPrimitives.WriteUInt64BigEndian(head[14..], fragment);
    }

    private sealed class Entry(OutputBuffer buffer, int offset, ulong sequence, ulong fragments)
    {
        public OutputBuffer Buffer { get; } = buffer;

        public ulong Sequence { get; } = sequence;

        /// <summary>Who waits here; a process may be in several entries, in each once.</summary>
        public List<Pid> Senders { get; } = [];

        /// <summary>Where what is still to be sent begins.</summary>
        public int Offset { get; set; } = offset;

        /// <summary>The number of the next fragment.</summary>
        public ulong Fragments { get; set; } = fragments;

        /// <summary>How many bytes go out as they lie there, head and all; 0 for fragments whose head is written when they are sent.</summary>
        public int FirstBytes { get; set; }

        public bool IsUncut { get; init; }
    }
}
