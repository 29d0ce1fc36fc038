using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.Loader;

namespace CloudScale.Runtime.HotCode;

/// <summary>Where one version of a library lives. What it refers to is shared with the host, unless only the library has it.</summary>
[RequiresUnreferencedCode("Loads code that trimming does not know of.")]
internal sealed class LibraryContext(string name, string? path) : AssemblyLoadContext(name, isCollectible: true)
{
    private readonly AssemblyDependencyResolver? _resolver = path is null ? null : new AssemblyDependencyResolver(path);

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        foreach (Assembly shared in Default.Assemblies)
        {
            if (shared.GetName().Name == assemblyName.Name)
                return null; // types that host and library exchange must be the same
        }

        // From memory, so that the file may be replaced by the next version.
        return _resolver?.ResolveAssemblyToPath(assemblyName) is { } found
            ? LoadFromStream(new MemoryStream(File.ReadAllBytes(found)))
            : null;
    }
}
