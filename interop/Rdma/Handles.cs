using System.Diagnostics;
using System.Runtime.InteropServices;

namespace CloudScale.Interop.Rdma;

/// <summary>Something of the C library's that has to be ended, after all that was made of it.</summary>
/// <remarks>A handle holds a reference on each of its parents, so they go in the right order, whoever disposes what first; also when nobody does, by the finalizers.</remarks>
internal abstract class RdmaHandle : SafeHandle
{
    private readonly SafeHandle[] _parents;

    protected RdmaHandle(nint value, params SafeHandle[] parents)
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
        foreach (SafeHandle parent in parents)
        {
            bool isHeld = false;
            parent.DangerousAddRef(ref isHeld);
        }

        _parents = parents;
        SetHandle(value);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>What the hot calls take; good while this handle is held.</summary>
    internal nint Value => handle;

    protected abstract int Destroy();

    protected sealed override bool ReleaseHandle()
    {
        int result = Destroy();
        Debug.Assert(result == 0, $"{GetType().Name} ends when nothing needs it any more, but: {result}");
        foreach (SafeHandle parent in _parents)
            parent.DangerousRelease();
        return result == 0;
    }
}

/// <summary>An opened device.</summary>
internal sealed class DeviceHandle(nint value) : RdmaHandle(value)
{
    protected override int Destroy() => Verbs.csn_device_close(handle);
}

/// <summary>What regions and queue pairs that may meet have in common.</summary>
internal sealed class ProtectionDomainHandle(nint value, DeviceHandle device) : RdmaHandle(value, device)
{
    protected override int Destroy() => Verbs.csn_pd_destroy(handle);
}

/// <summary>Registered memory. The memory is a parent, too, if it is of our own: it cannot be freed while a device may write to it.</summary>
internal sealed class MemoryRegionHandle(nint value, ProtectionDomainHandle domain, SafeHandle? memory = null)
    : RdmaHandle(value, memory is null ? [domain] : [domain, memory])
{
    protected override int Destroy() => Verbs.csn_mr_destroy(handle);
}

/// <summary>Memory of our own, which no collector moves.</summary>
internal sealed unsafe class NativeMemoryHandle : RdmaHandle
{
    private NativeMemoryHandle(nint value)
        : base(value) { }

    /// <summary>Zeroed, and aligned to pages.</summary>
    internal static NativeMemoryHandle Allocate(nuint lengthBytes)
    {
        void* memory = NativeMemory.AlignedAlloc(lengthBytes, (nuint)Environment.SystemPageSize);
        NativeMemory.Clear(memory, lengthBytes);
        return new NativeMemoryHandle((nint)memory);
    }

    protected override int Destroy()
    {
        NativeMemory.AlignedFree((void*)handle);
        return 0;
    }
}

/// <summary>Where completions come out.</summary>
internal sealed class CompletionQueueHandle(nint value, DeviceHandle device) : RdmaHandle(value, device)
{
    protected override int Destroy() => Verbs.csn_cq_destroy(handle);
}

/// <summary>Where events of connections come out.</summary>
internal sealed class ConnectionEventsHandle(nint value) : RdmaHandle(value)
{
    protected override int Destroy() => Verbs.csn_cm_destroy(handle);
}

/// <summary>One end of a connection, or a listener.</summary>
internal sealed class ConnectionIdHandle(nint value, ConnectionEventsHandle events) : RdmaHandle(value, events)
{
    protected override int Destroy() => Verbs.csn_id_destroy(handle);
}

/// <summary>The queues of a connection.</summary>
internal sealed class QueuePairHandle(nint value, ConnectionIdHandle id, ProtectionDomainHandle domain, CompletionQueueHandle queue)
    : RdmaHandle(value, id, domain, queue)
{
    protected override int Destroy() => Verbs.csn_qp_destroy(handle);
}

/// <summary>A descriptor that ends a wait.</summary>
/// <remarks>Threads: any signals, at any time; who waits clears it, and disposes it when it waits no more.</remarks>
internal sealed class WakerHandle : SafeHandle
{
    private readonly Lock _gate = new(); // the number of a descriptor that was closed may be another's

    private WakerHandle(int descriptor)
        : base(invalidHandleValue: -1, ownsHandle: true) => SetHandle(descriptor);

    public override bool IsInvalid => handle < 0;

    internal int Descriptor => (int)handle;

    internal static WakerHandle Create() => new(Verbs.Check(Verbs.csn_waker_create(), "make a descriptor to wake a thread by"));

    internal void Signal()
    {
        lock (_gate)
            if (!IsClosed)
                _ = Verbs.csn_waker_signal(Descriptor);
    }

    internal void Clear() => _ = Verbs.csn_waker_clear(Descriptor);

    protected override void Dispose(bool disposing)
    {
        lock (_gate)
            base.Dispose(disposing);
    }

    protected override bool ReleaseHandle() => Verbs.csn_waker_destroy((int)handle) == 0;
}
