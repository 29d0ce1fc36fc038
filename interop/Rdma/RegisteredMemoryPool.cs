using System.Buffers;
using System.Diagnostics;
using System.Numerics;

namespace CloudScale.Interop.Rdma;

/// <summary>Memory that a device may read and write, in blocks that are lent.</summary>
/// <remarks>
/// Registering memory costs system calls and pins pages, so it is done by the slab, and blocks of one size are cut from a slab. A slab is registered for this side only; who wants the other side to reach a block registers that
/// block alone (<see cref="RegisterForPeer"/>), so that its key opens nothing else. Threads: any. Owner: whoever rents a block disposes it, after the device has no work left that names it. A slab that is not used goes when a second
/// one is not used either.
/// </remarks>
internal sealed unsafe class RegisteredMemoryPool(ProtectionDomainHandle domain, int slabBytes = RegisteredMemoryPool.DefaultSlabBytes)
    : IDisposable
{
    internal const int MinBlockBytes = 4096;
    internal const int DefaultSlabBytes = 2 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<int, List<Slab>> _slabs = []; // by the size of their blocks; under _gate
    private bool _isDisposed;

    /// <summary>Lends a block of at least so many bytes, up to the next power of two. Its content is whatever it was.</summary>
    /// <exception cref="IOException">There is no memory, or no more may be pinned (<c>ulimit -l</c>).</exception>
    internal RegisteredBlock Rent(int lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lengthBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lengthBytes, 1 << 30);
        int blockBytes = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(lengthBytes, MinBlockBytes));
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_slabs.TryGetValue(blockBytes, out List<Slab>? slabs))
                _slabs[blockBytes] = slabs = [];
            foreach (Slab slab in slabs)
                if (slab.Free.TryPop(out RegisteredBlock? block))
                    return block;
            Slab added = new(this, domain, blockBytes, Math.Max(1, slabBytes / blockBytes));
            slabs.Add(added);
            return added.Free.Pop();
        }
    }

    /// <summary>Registers one block for the other side of a connection, under a key of its own.</summary>
    /// <exception cref="IOException">The device refuses.</exception>
    internal MemoryRegionHandle RegisterForPeer(RegisteredBlock block, MemoryAccess access)
    {
        Verbs.Check(
            Verbs.csn_mr_create(domain, block.Pointer, (ulong)block.LengthBytes, access, out nint value),
            $"register {block.LengthBytes} bytes for RDMA"
        );
        return new MemoryRegionHandle(value, domain, block.Slab.Memory);
    }

    /// <summary>Ends the registration of all that is not lent, and of the rest as it comes back.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach (List<Slab> slabs in _slabs.Values)
                slabs.RemoveAll(EndIfUnused);
        }
    }

    internal void Return(RegisteredBlock block)
    {
        lock (_gate)
        {
            Slab slab = block.Slab;
            Debug.Assert(!slab.Free.Contains(block), "a block comes back once");
            slab.Free.Push(block);
            List<Slab> slabs = _slabs[block.LengthBytes];
            if (slab.IsUnused && (_isDisposed || slabs.Count(other => other.IsUnused) > 1) && EndIfUnused(slab))
                slabs.Remove(slab);
        }
    }

    private static bool EndIfUnused(Slab slab)
    {
        if (!slab.IsUnused)
            return false;
        slab.Region.Dispose();
        slab.Memory.Dispose();
        return true;
    }

    /// <summary>One registration, cut into blocks.</summary>
    internal sealed class Slab
    {
        private readonly int _count;

        internal Slab(RegisteredMemoryPool pool, ProtectionDomainHandle domain, int blockBytes, int count)
        {
            _count = count;
            Free = new Stack<RegisteredBlock>(count);
            nuint lengthBytes = (nuint)blockBytes * (nuint)count;
            Memory = NativeMemoryHandle.Allocate(lengthBytes);
            int result = Verbs.csn_mr_create(domain, (void*)Memory.Value, lengthBytes, MemoryAccess.LocalWrite, out nint value);
            if (result < 0)
            {
                Memory.Dispose();
                throw Verbs.Failure(result, $"register {lengthBytes} bytes for RDMA (see ulimit -l)");
            }

            Region = new MemoryRegionHandle(value, domain, Memory);
            Verbs.Check(Verbs.csn_mr_query(Region, out MemoryRegionInfo info), "ask for a memory region");
            for (int i = count - 1; i >= 0; i--)
                Free.Push(new RegisteredBlock(pool, this, (byte*)Memory.Value + ((nint)i * blockBytes), blockBytes, info.LocalKey));
        }

        internal NativeMemoryHandle Memory { get; }

        internal MemoryRegionHandle Region { get; }

        internal Stack<RegisteredBlock> Free { get; }

        internal bool IsUnused => Free.Count == _count;
    }
}

/// <summary>A block of registered memory. Disposing it gives it back.</summary>
internal sealed unsafe class RegisteredBlock(
    RegisteredMemoryPool pool,
    RegisteredMemoryPool.Slab slab,
    byte* pointer,
    int lengthBytes,
    uint localKey
) : MemoryManager<byte>
{
    internal RegisteredMemoryPool.Slab Slab => slab;

    internal byte* Pointer => pointer;

    internal int LengthBytes => lengthBytes;

    /// <summary>What work requests name it by.</summary>
    internal uint LocalKey => localKey;

    internal void Return() => pool.Return(this);

    public override Span<byte> GetSpan() => new(pointer, lengthBytes);

    public override MemoryHandle Pin(int elementIndex = 0) => new(pointer + elementIndex);

    public override void Unpin() { }

    protected override void Dispose(bool disposing) => Return();
}
