using System.Buffers;
using CloudScale.Interop.Handshake;
using CloudScale.Serialization.Etf;

namespace CloudScale.Interop.Channel;

/// <summary>Writes the packets of one connection: with a distribution header, in fragments, or plain, as was agreed on.</summary>
/// <remarks>
/// With the atom cache the terms are encoded first, into a buffer of their own, because only then it is known which atoms the header holds; without it only long messages
/// are. The first fragment goes out in its turn, the others follow from <see cref="Queue"/>. What waits there from its beginning uses no atoms of the cache: it would be sent in another order than it was
/// written. Threads: one, under the connection's lock.
/// </remarks>
internal sealed class PacketWriter
{
    private const int SpelledBytes = 8 << 10; // from so many on a message is written where it belongs, and its atoms with it

    private readonly DistributionFlags _flags;
    private readonly int _fragmentBytes;
    private AtomCacheWriter? _atoms;
    private EtfEncodeOptions? _options;
    private Type? _longType; // of the last long message that was not seen to be one
    private Type? _spelledType; // of the last message in which numbers for atoms would have saved little
    private ulong _sequence;

    /// <param name="flags">What was agreed on.</param>
    /// <param name="fragmentBytes">How long a part of a message may be.</param>
    /// <param name="usesAtomCache">Whether atoms go into the cache from the beginning: <see cref="UseAtomCache"/>.</param>
    /// <param name="refers">Whether binaries that are longer than a part are sent from where they lie: <see cref="FragmentQueue.Referred"/>.</param>
    public PacketWriter(DistributionFlags flags, int fragmentBytes, bool usesAtomCache, bool refers = false)
    {
        _flags = flags;
        _fragmentBytes = (flags & DistributionFlags.Fragments) != 0 ? fragmentBytes : int.MaxValue;
        Queue = new FragmentQueue(_fragmentBytes, refers);
        if (usesAtomCache)
            UseAtomCache();
    }

    /// <summary>What follows the packets that were written, in between others.</summary>
    public FragmentQueue Queue { get; }

    /// <summary>From now on atoms go into the cache, if that was agreed on. What was written before has none there.</summary>
    public void UseAtomCache()
    {
        if (_atoms is not null || (_flags & DistributionFlags.AtomCache) == 0)
            return;
        _atoms = new AtomCacheWriter();
        _options = new EtfEncodeOptions { AtomReferences = _atoms };
    }

    /// <summary>Writes one signal. An exception leaves a torn packet behind: the caller truncates the buffer to where it was.</summary>
    /// <returns>False, with nothing written, where the peer cannot be told.</returns>
    /// <exception cref="ArgumentException">The payload is no term.</exception>
    public bool TryWrite(OutputBuffer output, in ControlMessage message)
    {
        if (!PacketReader.HasHeaders(_flags))
            return ControlWriter.TryWrite(output, message, _flags);
        if (!ControlWriter.CanTell(message, _flags))
            return false;

        bool mustWait = Queue.MustWait(message.From);
        bool isLong = IsLong(message.Payload);
        if (!mustWait && !isLong && (_atoms is null || (_spelledType is { } type && message.Payload?.GetType() == type)))
        {
            WriteStraight(output, message);
            return true;
        }

        OutputBuffer terms = Queue.Rent();
        bool isKept = false;
        try
        {
            _atoms?.Begin();
            int controlBytes = ControlWriter.WriteTerms(terms, message, _flags, mustWait ? null : _options);
            int firstBytes = Math.Max(_fragmentBytes, controlBytes);
            if (isLong && terms.Length <= firstBytes)
                _longType = null;
            isKept = mustWait || terms.Length - FragmentQueue.FirstHeadBytes > firstBytes;
            if (!isKept && _atoms is not null && terms.Length > SpelledBytes)
                _spelledType = message.Payload?.GetType();
            if (mustWait)
                Queue.AddWhole(message.From, terms, firstBytes, ++_sequence);
            else if (isKept)
                WriteFirst(output, message.From, terms, firstBytes);
            else
                WriteWhole(output, terms);
        }
        finally
        {
            if (!isKept)
                Queue.Return(terms);
        }

        return true;
    }

    // Without atoms the header is known beforehand, and most messages are not cut. One that turns out to be is taken out again.
    private void WriteStraight(OutputBuffer output, in ControlMessage message)
    {
        int length = output.ReserveUInt32();
        Span<byte> head = output.GetSpan(3);
        head[0] = EtfReader.Version;
        head[1] = PacketReader.Header;
        head[2] = 0; // no atoms
        output.Advance(3);
        int start = output.Count;
        int controlBytes = ControlWriter.WriteTerms(output, message, _flags, null);
        int firstBytes = Math.Max(_fragmentBytes, controlBytes);
        int bytes = output.Count - start;
        if (bytes <= SpelledBytes)
            _spelledType = null;
        if (bytes <= firstBytes)
        {
            output.FillUInt32(length, (uint)(3 + bytes));
            return;
        }

        _longType = message.Payload?.GetType();
        OutputBuffer terms = Queue.Rent();
        terms.Write(output.Span(start, bytes));
        output.Truncate(length);
        _atoms?.Begin(); // none of them has a number
        WriteFirst(output, message.From, terms, firstBytes);
    }

    // A guess that saves the copy of what is plainly long, or of a contract of which the last one was.
    private bool IsLong(object? payload)
    {
        if (payload is not Tuple tuple)
            return IsLongBinary(payload) || (_longType is { } type && payload?.GetType() == type);
        for (int i = 0; i < Math.Min(tuple.Count, 4); i++)
        {
            if (IsLongBinary(tuple[i]))
                return true;
        }

        return false;
    }

    private bool IsLongBinary(object? term) =>
        term switch
        {
            Binary binary => binary.Length > _fragmentBytes,
            byte[] bytes => bytes.Length > _fragmentBytes,
            _ => false,
        };

    // len:u32 | 131 | 68 | header | terms
    private void WriteWhole(OutputBuffer output, OutputBuffer terms)
    {
        int length = output.ReserveUInt32();
        output.WriteByte(EtfReader.Version);
        output.WriteByte(PacketReader.Header);
        WriteHeader(output);
        output.Write(terms.Span(FragmentQueue.FirstHeadBytes, terms.Count - FragmentQueue.FirstHeadBytes));
        output.FillUInt32(length, (uint)(output.Count - length - 4));
    }

    // len:u32 | 131 | 69 | sequence:u64 | fragments:u64 | header | first part
    private void WriteFirst(OutputBuffer output, Pid sender, OutputBuffer terms, int firstBytes)
    {
        ulong sequence = ++_sequence;
        ulong fragments = Queue.FragmentsOf(terms.Length - FragmentQueue.FirstHeadBytes, firstBytes);
        int length = output.ReserveUInt32();
        output.WriteByte(EtfReader.Version);
        output.WriteByte(PacketReader.FirstFragment);
        output.WriteUInt64(sequence);
        output.WriteUInt64(fragments);
        WriteHeader(output);
        terms.CopyTo(output, FragmentQueue.FirstHeadBytes, firstBytes);
        output.FillUInt32(length, (uint)(output.Count - length - 4));
        Queue.AddRest(sender, terms, FragmentQueue.FirstHeadBytes + firstBytes, sequence, fragments - 1);
    }

    private void WriteHeader(OutputBuffer output)
    {
        if (_atoms is null)
            output.WriteByte(0);
        else
            _atoms.WriteHeader(output);
    }
}
