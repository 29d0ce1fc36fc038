using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using CloudScale.Interop.Native;

namespace CloudScale.Interop.Rdma;

/// <summary>The RDMA functions of the C library; see <c>native/include/cloudscale_native.h</c>, whose names they bear. Negative results are <c>-errno</c>.</summary>
/// <remarks>Set-up calls take safe handles; those of the hot paths take their values, and whoever calls them holds the handle.</remarks>
[SuppressMessage("Style", "IDE1006", Justification = "The names are the C library's.")]
internal static unsafe partial class Verbs
{
    private const string Library = NativeMethods.Library;

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_wait(int* descriptors, int count, int timeoutMs);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_waker_create();

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_waker_signal(int waker);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_waker_clear(int waker);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_waker_destroy(int waker);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_rdma_probe();

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_rdma_live(out RdmaObjects live);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_device_query(DeviceHandle device, out DeviceInfo info);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_device_close(nint device);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_pd_create(DeviceHandle device, out nint pd);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_pd_destroy(nint pd);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_mr_create(ProtectionDomainHandle pd, void* address, ulong length, MemoryAccess access, out nint mr);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_mr_destroy(nint mr);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_mr_query(MemoryRegionHandle mr, out MemoryRegionInfo info);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_cq_create(DeviceHandle device, int capacity, out nint cq);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_cq_destroy(nint cq);

    [LibraryImport(Library), SuppressGCTransition] // looks into memory that the device has written
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_cq_poll(nint cq, WorkCompletion* completions, int capacity);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_cq_arm(nint cq, int solicitedOnly);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_cq_descriptor(CompletionQueueHandle cq);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_cq_take(nint cq);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_cm_create(out nint cm);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_cm_destroy(nint cm);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_cm_descriptor(ConnectionEventsHandle cm);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_cm_take(ConnectionEventsHandle cm, out ConnectionEvent connectionEvent);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_id_create(ConnectionEventsHandle cm, ulong tag, out nint id);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_id_destroy(nint id);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_id_tag(ConnectionIdHandle id, ulong tag);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_id_bind(ConnectionIdHandle id, in RdmaAddress address);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_id_listen(ConnectionIdHandle id, int backlog);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_id_resolve_address(ConnectionIdHandle id, in RdmaAddress address, int timeoutMs);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_id_resolve_route(ConnectionIdHandle id, int timeoutMs);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_id_connect(ConnectionIdHandle id, in ConnectionParameters parameters);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_id_accept(ConnectionIdHandle id, in ConnectionParameters parameters);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_id_reject(ConnectionIdHandle id, byte* data, int length);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_id_disconnect(ConnectionIdHandle id);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_id_device(ConnectionIdHandle id, out nint device);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_id_address(ConnectionIdHandle id, out RdmaAddress local, out RdmaAddress remote);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_qp_create(
        ConnectionIdHandle id,
        ProtectionDomainHandle pd,
        CompletionQueueHandle sendCq,
        CompletionQueueHandle receiveCq,
        nint srq,
        ref QueuePairLimits limits,
        out nint qp
    );

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_qp_destroy(nint qp);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_qp_fail(QueuePairHandle qp);

    // Not without a transition: a device in software does its work within the call.
    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_qp_post(nint qp, WorkRequest* requests, int count);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    internal static partial int csn_qp_post_receive(nint qp, ReceiveRequest* receives, int count);

    /// <summary>Throws if a call has failed, and says what was to be done.</summary>
    /// <exception cref="IOException">The result is negative.</exception>
    internal static int Check(int result, string action) => result >= 0 ? result : throw Failure(result, action);

    internal static IOException Failure(int result, string action) =>
        new($"Cannot {action}: {Marshal.GetPInvokeErrorMessage(-result)} (error {-result}).");
}
