using CloudScale.Interop.Native;

namespace CloudScale.Interop.Rdma;

/// <summary>Whether this machine has RDMA that we can use, and if not, why.</summary>
/// <remarks>Threads: any. Looked up once: a device that comes later is not seen by a .NET process that has asked before.</remarks>
public static class RdmaSupport
{
    private const int NoSuchFile = 2; // ENOENT
    private const int NoSuchFunction = 38; // ENOSYS

    private static readonly Lazy<(bool IsAvailable, string Text)> s_probe = new(Probe);

    /// <summary>Whether there is a device, and all that it takes to use it.</summary>
    public static bool IsAvailable => s_probe.Value.IsAvailable;

    /// <summary>One line for logs and tools: how many devices, or why RDMA is off.</summary>
    public static string Description => s_probe.Value.Text;

    private static (bool, string) Probe()
    {
        if (!NativeVersion.IsPresent)
            return (false, $"RDMA is off: {NativeVersion.Description}");
        try
        {
            return Describe(Verbs.csn_rdma_probe());
        }
        catch (EntryPointNotFoundException)
        {
            return (false, $"RDMA is off: {NativeVersion.Description} is older than 0.3 and has none");
        }
    }

    /// <summary>Says in words what <c>csn_rdma_probe</c> has found.</summary>
    internal static (bool IsAvailable, string Text) Describe(int probed) =>
        probed switch
        {
            > 0 => (true, $"RDMA with {probed} device{(probed == 1 ? "" : "s")}"),
            -NoSuchFile => (false, "RDMA is off: libibverbs.so.1 or librdmacm.so.1 is missing on this machine"),
            -NoSuchFunction => (
                false,
                $"RDMA is off: {NativeVersion.Description} was built without the headers of libibverbs and librdmacm, or they are too old"
            ),
            _ => (false, "RDMA is off: this machine has no RDMA device"),
        };
}
