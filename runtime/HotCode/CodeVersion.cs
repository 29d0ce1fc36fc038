using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace CloudScale;

/// <summary>One version of a library that can be unloaded.</summary>
/// <remarks>Threads: any. It keeps the code only while it is current or in use.</remarks>
public sealed class CodeVersion
{
    private readonly WeakReference _context;
    private readonly WeakReference<Assembly> _assembly;
    private Assembly? _held;

    internal CodeVersion(string library, AssemblyLoadContext context, Assembly assembly)
    {
        Library = library;
        Version = assembly.GetName().Version?.ToString() ?? "0.0.0.0";
        _context = new WeakReference(context);
        _assembly = new WeakReference<Assembly>(assembly);
        _held = assembly;
    }

    /// <summary>The name of the library: that of its assembly.</summary>
    public string Library { get; }

    /// <summary>The version of its assembly.</summary>
    public string Version { get; }

    /// <summary>Whether nothing of it is left in memory. It is so some time after the last process has left the code, when the collector has run.</summary>
    public bool IsUnloaded => !_context.IsAlive;

    internal Assembly? Assembly => _assembly.TryGetTarget(out Assembly? assembly) ? assembly : null;

    /// <summary>Collects until nothing of it is left in memory, and says whether that is so. Who uses the code still can be found by a dump of the heap: whatever keeps a type or an object of it.</summary>
    /// <param name="patience">How long to try.</param>
    public async Task<bool> WaitUnloadedAsync(TimeSpan patience)
    {
        long deadline = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        while (!IsUnloaded && Environment.TickCount64 < deadline)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Delay(5).ConfigureAwait(false);
        }

        return IsUnloaded;
    }

    /// <summary>Lets go of the code: it is unloaded when nobody uses it any more.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void Unload()
    {
        _held = null;
        if (_context.Target is AssemblyLoadContext context)
            context.Unload();
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Library} {Version}";
}
