namespace CloudScale.Interop.Rdma;

/// <summary>Bytes that are not sent but lie ready, for the other side to fetch: where, how many, and the key.</summary>
/// <remarks>
/// Wire: <see cref="Parts"/> messages without bytes, one behind the other, each with 30 bits of <c>length:31 | key:32 | address:64</c> beside it, the most significant first. So an announcement needs no place in the ring, and what is in the ring keeps its.
/// </remarks>
internal readonly record struct RdmaAnnouncement(ulong Address, uint Key, int LengthBytes)
{
    internal const int Parts = 5;
    private const int PartBits = 30;
    private const uint PartMask = (1u << PartBits) - 1;

    /// <summary>The bits of one of the messages.</summary>
    internal uint PartAt(int index)
    {
        UInt128 all = ((UInt128)(uint)LengthBytes << 96) | ((UInt128)Key << 64) | Address;
        return (uint)(all >> ((Parts - 1 - index) * PartBits)) & PartMask;
    }

    /// <summary>Puts together what has come.</summary>
    internal struct Reader
    {
        private UInt128 _bits;
        private int _count;

        /// <summary>Whether the beginning of one has come, and not its end.</summary>
        internal readonly bool IsAmid => _count > 0;

        /// <summary>Takes the bits of the next message.</summary>
        /// <returns>Whether it was the last; an announcement of no bytes is none that may be.</returns>
        internal bool TryComplete(uint part, out RdmaAnnouncement announcement)
        {
            announcement = default;
            _bits = (_bits << PartBits) | (part & PartMask); // of the first one the device's 128 bits keep all that a length may have
            if (++_count < Parts)
                return false;
            announcement = new RdmaAnnouncement((ulong)_bits, (uint)(_bits >> 64), (int)(uint)(_bits >> 96) & int.MaxValue);
            this = default;
            return true;
        }
    }
}
