using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace CloudScale.Interop.Native;

/// <content>LZ4 blocks. Negative results are <c>-errno</c>; see <c>native/include/cloudscale_native.h</c>.</content>
internal static unsafe partial class NativeMethods
{
    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    [SuppressMessage("Style", "IDE1006", Justification = "The name is the C library's.")]
    internal static partial int csn_lz4_version();

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    [SuppressMessage("Style", "IDE1006", Justification = "The name is the C library's.")]
    internal static partial int csn_lz4_compress(byte* source, int length, byte* target, int capacity);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    [SuppressMessage("Style", "IDE1006", Justification = "The name is the C library's.")]
    internal static partial int csn_lz4_decompress(byte* source, int length, byte* target, int capacity);
}
