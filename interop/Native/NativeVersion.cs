using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace CloudScale.Interop.Native;

/// <summary>The C library <c>cloudscale_native</c>: whether it is there, and which version.</summary>
/// <remarks>It lies in the application's folder, or not at all: everything but RDMA works without it. Threads: any.</remarks>
public static class NativeVersion
{
    /// <summary>The major version this assembly was written for.</summary>
    public const int Major = 0;

    private static readonly Lazy<(Version? Version, string Text)> s_probe = new(Probe);

    /// <summary>Whether a library of the right major version is loaded.</summary>
    public static bool IsPresent => s_probe.Value.Version is not null;

    /// <summary>The library's version, or null where it is absent.</summary>
    public static Version? Current => s_probe.Value.Version;

    /// <summary>One line for logs and tools: the version, or why there is none.</summary>
    public static string Description => s_probe.Value.Text;

    /// <summary>Unpacks <c>major &lt;&lt; 16 | minor &lt;&lt; 8 | patch</c>.</summary>
    internal static Version Unpack(int packed) => new(packed >> 16, (packed >> 8) & 0xFF, packed & 0xFF);

    private static (Version?, string) Probe()
    {
        try
        {
            Version version = Unpack(NativeMethods.csn_version());
            return version.Major == Major
                ? (version, $"{NativeMethods.Library} {version}")
                : (null, $"{NativeMethods.Library} {version} is of another major version than {Major} and is not used");
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            return (null, $"{NativeMethods.Library} is absent: {e.Message.Split('\n')[0]}");
        }
    }
}

/// <summary>The functions of the library. Call them only where <see cref="NativeVersion.IsPresent"/>.</summary>
internal static unsafe partial class NativeMethods
{
    public const string Library = "cloudscale_native";

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    [SuppressMessage("Style", "IDE1006", Justification = "The name is the C library's.")]
    internal static partial int csn_version();

    [LibraryImport(Library), SuppressGCTransition]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    [SuppressMessage("Style", "IDE1006", Justification = "The name is the C library's.")]
    internal static partial int csn_noop();
}
