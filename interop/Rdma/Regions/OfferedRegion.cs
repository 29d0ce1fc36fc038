using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace CloudScale.Interop.Rdma;

/// <summary>Memory of this node that others reach by keys.</summary>
/// <remarks>
/// Threads: any. By RDMA, what a device counts in (<see cref="RegionRights.Count"/>) is counted by the device alone: processors and devices do not know of each other's atomic operations, so this side counts as others do, by a key and
/// <see cref="RemoteRegion"/>. Owner: whoever offered it disposes it: then all keys are void, and who reads or writes at that moment finds his way broken.
/// </remarks>
public sealed unsafe class OfferedRegion : IDisposable
{
    private readonly RegionServer _server;
    private readonly NativeMemoryHandle _memory;
    private readonly Lock _gate = new();
    private readonly List<(RegionRights Rights, byte[] Secret)> _grants = []; // under _gate
    private readonly List<RegionDoor> _doors = []; // under _gate
    private readonly List<IRegionGuest> _guests = []; // under _gate
    private bool _isRevoked; // under _gate

    internal OfferedRegion(RegionServer server, ulong id, string name, int lengthBytes)
    {
        _server = server;
        Id = id;
        Name = name;
        LengthBytes = lengthBytes;
        _memory = NativeMemoryHandle.Allocate((nuint)lengthBytes);
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its length.</summary>
    public int LengthBytes { get; }

    internal ulong Id { get; }

    internal NativeMemoryHandle Memory => _memory;

    /// <summary>How many are let in at the moment.</summary>
    public int Guests
    {
        get
        {
            lock (_gate)
                return _guests.Count;
        }
    }

    /// <summary>Makes a key. Each has a secret of its own, and is revoked by itself.</summary>
    /// <exception cref="ArgumentException">It would allow nothing.</exception>
    /// <exception cref="ObjectDisposedException">The region is offered no more.</exception>
    public RegionKey Grant(RegionRights rights)
    {
        if (rights == RegionRights.None || (rights & ~RegionRights.All) != 0)
            throw new ArgumentException("A key allows something.", nameof(rights));
        byte[] secret = RandomNumberGenerator.GetBytes(RegionKey.SecretBytes);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isRevoked, this);
            _grants.Add((rights, secret));
        }

        return new RegionKey(Name, _server.EndPoint, LengthBytes, rights, Id, secret);
    }

    /// <summary>Voids a key. Who has come by it finds his way broken, also in the middle of a read.</summary>
    /// <returns>False if it was void already.</returns>
    public bool Revoke(RegionKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        byte[] secret = key.Secret.ToArray();
        IRegionGuest[] leaving;
        bool wasKnown;
        lock (_gate)
        {
            wasKnown = _grants.RemoveAll(grant => CryptographicOperations.FixedTimeEquals(grant.Secret, secret)) > 0;
            leaving = [.. _guests.Where(guest => CryptographicOperations.FixedTimeEquals(guest.Secret, secret))];
        }

        foreach (IRegionGuest guest in leaving)
            guest.End();
        return wasKnown;
    }

    /// <summary>Copies bytes out, as they are at the moment: others may be writing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">That is not within the region.</exception>
    /// <exception cref="ObjectDisposedException">The region is offered no more.</exception>
    public void Read(int offset, Span<byte> target)
    {
        using Use use = new(this, offset, target.Length);
        use.Bytes.CopyTo(target);
    }

    /// <summary>Copies bytes in; others may be reading, and see them come in any order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">That is not within the region.</exception>
    /// <exception cref="ObjectDisposedException">The region is offered no more.</exception>
    public void Write(int offset, ReadOnlySpan<byte> source)
    {
        using Use use = new(this, offset, source.Length);
        source.CopyTo(use.Bytes);
    }

    /// <summary>As <see cref="Read"/>, and each 8 bytes at a multiple of 8 as they were at one moment.</summary>
    internal void ReadWords(int offset, Span<byte> target)
    {
        using Use use = new(this, offset, target.Length);
        fixed (byte* from = use.Bytes)
        fixed (byte* to = target)
            CopyWords(from, to, target.Length, (nuint)from);
    }

    /// <summary>As <see cref="Write"/>, and each 8 bytes at a multiple of 8 at one moment.</summary>
    internal void WriteWords(int offset, ReadOnlySpan<byte> source)
    {
        using Use use = new(this, offset, source.Length);
        fixed (byte* to = use.Bytes)
        fixed (byte* from = source)
            CopyWords(from, to, source.Length, (nuint)to);
        Interlocked.MemoryBarrier(); // others see it before the answer
    }

    internal long CompareExchange(int offset, long value, long comparand)
    {
        using Use use = new(this, offset, sizeof(long));
        return Interlocked.CompareExchange(ref Unsafe.As<byte, long>(ref use.Bytes[0]), value, comparand);
    }

    internal long FetchAdd(int offset, long add)
    {
        using Use use = new(this, offset, sizeof(long));
        return Interlocked.Add(ref Unsafe.As<byte, long>(ref use.Bytes[0]), add) - add;
    }

    /// <param name="from">One side.</param>
    /// <param name="to">The other.</param>
    /// <param name="length">In bytes.</param>
    /// <param name="address">The side whose words are to be whole; the other one has no order.</param>
    private static void CopyWords(byte* from, byte* to, int length, nuint address)
    {
        int done = 0;
        for (; done < length && (address + (uint)done) % sizeof(long) != 0; done++)
            to[done] = from[done];
        for (; done <= length - sizeof(long); done += sizeof(long))
            Unsafe.WriteUnaligned(to + done, Unsafe.ReadUnaligned<long>(from + done)); // one access, where it is aligned
        for (; done < length; done++)
            to[done] = from[done];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        IRegionGuest[] leaving;
        lock (_gate)
        {
            if (_isRevoked)
                return;
            _isRevoked = true;
            _grants.Clear();
            leaving = [.. _guests];
        }

        _server.Forget(this);
        foreach (IRegionGuest guest in leaving)
            guest.End();
        EndIfUnused();
    }

    internal bool Knows(RegionRights rights, ReadOnlySpan<byte> secret)
    {
        bool isKnown = false;
        lock (_gate)
            foreach ((RegionRights granted, byte[] known) in _grants)
                isKnown |= granted == rights & CryptographicOperations.FixedTimeEquals(known, secret);
        return isKnown;
    }

    /// <summary>Lets a guest in by the door of his rights at his device.</summary>
    /// <exception cref="IOException">The region is offered no more, or the device refuses.</exception>
    internal RegionDoor Enter(RegionGuest guest, RdmaDevice device, RegionRights rights)
    {
        lock (_gate)
        {
            if (_isRevoked)
                throw new IOException($"The region '{Name}' is offered no more.");
            RegionDoor? door = _doors.Find(known => known.Device == device && known.Rights == rights);
            if (door is null)
                _doors.Add(door = new RegionDoor(this, device, rights));
            door.Guests++;
            _guests.Add(guest);
            return door;
        }
    }

    /// <summary>Lets in a guest whom a processor serves.</summary>
    /// <returns>False if the region is offered no more, or his key was revoked since it was looked at.</returns>
    internal bool TryEnter(IRegionGuest guest)
    {
        lock (_gate)
        {
            if (_isRevoked || !_grants.Exists(grant => CryptographicOperations.FixedTimeEquals(grant.Secret, guest.Secret)))
                return false;
            _guests.Add(guest);
            return true;
        }
    }

    /// <summary>After his queue pair is gone, or his connection.</summary>
    internal void Leave(IRegionGuest guest, RegionDoor? door = null)
    {
        lock (_gate)
        {
            _guests.Remove(guest);
            if (door is not null && --door.Guests == 0)
            {
                _doors.Remove(door);
                door.Dispose();
            }
        }

        EndIfUnused();
    }

    private void EndIfUnused()
    {
        lock (_gate)
            if (_isRevoked && _guests.Count == 0)
                _memory.Dispose(); // frees when nobody is in Read or Write
    }

    /// <summary>The bytes, which do not go while it lasts.</summary>
    private readonly ref struct Use
    {
        private readonly NativeMemoryHandle _memory;

        internal Use(OfferedRegion region, int offset, int length)
        {
            if ((uint)offset > (uint)region.LengthBytes || length > region.LengthBytes - offset)
                throw new ArgumentOutOfRangeException(
                    nameof(offset),
                    $"{length} bytes from {offset} on are not within {region.LengthBytes}."
                );
            _memory = region._memory;
            bool isHeld = false;
            _memory.DangerousAddRef(ref isHeld);
            Bytes = new Span<byte>((byte*)_memory.Value + offset, length);
        }

        internal Span<byte> Bytes { get; }

        public void Dispose() => _memory.DangerousRelease();
    }
}
