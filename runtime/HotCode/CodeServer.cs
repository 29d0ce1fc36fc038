using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using CloudScale.Runtime.HotCode;
using CloudScale.Scheduling;

namespace CloudScale;

/// <summary>Libraries of behaviours that are loaded, replaced while their processes run, and unloaded.</summary>
/// <remarks>
/// A library is an assembly. Each version has a load context of its own; what it refers to is shared with the host. A child of a supervisor is made by <see cref="Create"/>, so that it is of the version that
/// counts at its start. Threads: any, for what takes no <see cref="Self"/>.
/// </remarks>
public sealed partial class CodeServer
{
    private const string Unreferenced = "Loads code that trimming does not know of.";

    private static readonly ConditionalWeakTable<ProcessSystem, CodeServer> s_servers = [];
    private static volatile bool s_isUsed;

    private readonly ConcurrentDictionary<string, CodeVersion> _current = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Pid, Behaviour> _processes = [];
    private readonly ConcurrentDictionary<Pid, GenEvent> _managers = []; // of handlers whose code can be unloaded

    /// <summary>A code server for the processes of a node; <see cref="Node.Code"/> is that of a node.</summary>
    /// <param name="processes">The processes.</param>
    /// <param name="applications">What instructions about applications are for; null for none.</param>
    public CodeServer(ProcessSystem processes, NodeApplications? applications = null)
    {
        ArgumentNullException.ThrowIfNull(processes);
        _applications = applications;
        Processes = processes;
        s_servers.AddOrUpdate(processes, this);
    }

    internal ProcessSystem Processes { get; }

    /// <summary>Whether there is code that can be unloaded at all: until then no process looks whether it is of such.</summary>
    internal static bool IsUsed => s_isUsed;

    /// <summary>The versions that count now.</summary>
    public IReadOnlyCollection<CodeVersion> Libraries => [.. _current.Values];

    internal static CodeServer? Of(ProcessSystem processes) => s_servers.TryGetValue(processes, out CodeServer? server) ? server : null;

    /// <summary>The version of a library that counts now; null if it is not loaded.</summary>
    public CodeVersion? Find(string library) => _current.GetValueOrDefault(library);

    /// <summary>Loads the first version of a library from a file, with those it needs beside it. The file is read once, and may be replaced.</summary>
    /// <exception cref="InvalidOperationException">The library is loaded: the next version comes by an upgrade.</exception>
    /// <exception cref="BadImageFormatException">It is no assembly.</exception>
    [RequiresUnreferencedCode(Unreferenced)]
    public CodeVersion Load(string path) => AddFirst(LoadVersion(CodeImage.FromFile(path)));

    /// <summary>Loads the first version of a library from memory.</summary>
    /// <inheritdoc cref="Load(string)" path="/exception"/>
    [RequiresUnreferencedCode(Unreferenced)]
    public CodeVersion Load(CodeImage image) => AddFirst(LoadVersion(image));

    private CodeVersion AddFirst(CodeVersion version)
    {
        if (_current.TryAdd(version.Library, version))
            return version;
        version.Unload();
        throw new InvalidOperationException($"The library {version.Library} is loaded; its next version comes by an upgrade.");
    }

    /// <summary>Makes a behaviour of the version that counts now: for factories of supervisors.</summary>
    /// <param name="library">The name of the library.</param>
    /// <param name="type">The full name of the class.</param>
    /// <param name="arguments">Of its constructor.</param>
    /// <exception cref="ArgumentException">There is no such library or class, or the class is no behaviour.</exception>
    [RequiresUnreferencedCode(Unreferenced)]
    public Behaviour Create(string library, string type, params object?[] arguments) => Create<Behaviour>(library, type, arguments);

    /// <summary>Makes a handler of events of the version that counts now: for <see cref="GenEvent.Know"/>, and to install it.</summary>
    /// <param name="library">The name of the library.</param>
    /// <param name="type">The full name of the class.</param>
    /// <param name="arguments">Of its constructor.</param>
    /// <exception cref="ArgumentException">There is no such library or class, or the class is no handler.</exception>
    [RequiresUnreferencedCode(Unreferenced)]
    public GenEventHandler CreateHandler(string library, string type, params object?[] arguments) =>
        Create<GenEventHandler>(library, type, arguments);

    [RequiresUnreferencedCode(Unreferenced)]
    private T Create<T>(string library, string type, object?[] arguments)
        where T : class =>
        Make(TypeOf<T>(library, type), arguments) as T ?? throw new ArgumentException($"{type} cannot be made.", nameof(type));

    /// <summary>The class of the version that counts now.</summary>
    /// <exception cref="ArgumentException">There is none that is a <typeparamref name="T"/>.</exception>
    [RequiresUnreferencedCode(Unreferenced)]
    internal Type TypeOf<T>(string library, string type)
    {
        if (Find(library)?.Assembly is not { } assembly)
            throw new ArgumentException($"The library {library} is not loaded.", nameof(library));
        return assembly.GetType(type) is { } found && found.IsAssignableTo(typeof(T))
            ? found
            : throw new ArgumentException(
                $"{type} is no {(typeof(T) == typeof(Behaviour) ? "behaviour" : typeof(T).Name)} of {library}.",
                nameof(type)
            );
    }

    [RequiresUnreferencedCode(Unreferenced)]
    internal static object? Make(Type type, object?[] arguments) =>
        Activator.CreateInstance(type, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, null, arguments, null);

    /// <summary>The processes that run code of a library, of whatever version; event managers with its handlers are among them.</summary>
    public IReadOnlyList<Pid> ProcessesOf(string library)
    {
        List<Pid> pids = [];
        foreach ((Pid pid, Behaviour behaviour) in _processes)
        {
            if (LibraryOf(behaviour) == library)
                pids.Add(pid);
        }

        pids.AddRange(_managers.Where(entry => entry.Value.RunsCodeOf(library, butOf: null)).Select(entry => entry.Key));
        return pids;
    }

    private static string? LibraryOf(Behaviour behaviour) => behaviour.GetType().Assembly.GetName().Name;

    // ---- for behaviours ----

    /// <summary>A process runs code that can be unloaded.</summary>
    /// <returns>To be disposed of when it exits.</returns>
    internal IDisposable Track(Pid pid, Behaviour behaviour)
    {
        _processes[pid] = behaviour;
        return new Tracked(this, pid);
    }

    /// <summary>An event manager has a handler whose code can be unloaded.</summary>
    /// <returns>To be disposed of when it exits.</returns>
    internal IDisposable Track(Pid pid, GenEvent manager)
    {
        _managers[pid] = manager;
        return new Tracked(this, pid);
    }

    internal void Replace(Pid pid, Behaviour behaviour)
    {
        if (_processes.ContainsKey(pid))
            _processes[pid] = behaviour;
    }

    // ---- for upgrades ----

    [RequiresUnreferencedCode(Unreferenced)]
    internal static CodeVersion LoadVersion(CodeImage image)
    {
        LibraryContext context = new(image.Path ?? "library", image.Path);
        try
        {
            using MemoryStream bytes = new(image.Bytes.ToArray());
            Assembly assembly = context.LoadFromStream(bytes);
            s_isUsed = true;
            return new CodeVersion(assembly.GetName().Name!, context, assembly);
        }
        catch
        {
            context.Unload();
            throw;
        }
    }

    internal CodeVersion? Exchange(CodeVersion version)
    {
        CodeVersion? before = Find(version.Library);
        _current[version.Library] = version;
        return before;
    }

    internal void Forget(CodeVersion version) => _current.TryRemove(KeyValuePair.Create(version.Library, version));

    /// <summary>The processes of a library whose code is not of its current version, with the objects they run.</summary>
    internal List<KeyValuePair<Pid, Behaviour>> Outdated(string library)
    {
        Assembly? current = Find(library)?.Assembly;
        return [.. _processes.Where(entry => LibraryOf(entry.Value) == library && entry.Value.GetType().Assembly != current)];
    }

    /// <summary>The event managers with handlers of a library whose code is not of its current version.</summary>
    internal List<Pid> OutdatedManagers(string library)
    {
        Assembly? current = Find(library)?.Assembly;
        return [.. _managers.Where(entry => entry.Value.RunsCodeOf(library, current)).Select(entry => entry.Key)];
    }

    private sealed class Tracked(CodeServer server, Pid pid) : IDisposable
    {
        public void Dispose()
        {
            server._processes.TryRemove(pid, out _);
            server._managers.TryRemove(pid, out _);
        }
    }
}

/// <summary>An assembly as it is to be loaded.</summary>
/// <param name="Bytes">The assembly.</param>
/// <param name="Path">The file it is from, beside which others are found that it needs; null for none.</param>
public sealed record CodeImage(ReadOnlyMemory<byte> Bytes, string? Path = null)
{
    /// <summary>Reads a file.</summary>
    public static CodeImage FromFile(string path)
    {
        string full = System.IO.Path.GetFullPath(path);
        return new CodeImage(File.ReadAllBytes(full), full);
    }
}
