using System.Collections.Concurrent;

namespace CloudScale.Scheduling;

/// <summary>Registered names.</summary>
public sealed partial class ProcessSystem
{
    private readonly ConcurrentDictionary<ulong, Atom> _namesByProcess = new();

    /// <summary>Names registered now.</summary>
    public IReadOnlyCollection<Atom> RegisteredNames => [.. Names.Names];

    /// <summary>Registers a process under a name.</summary>
    /// <exception cref="ArgumentException">The name is taken or is <c>undefined</c>; the process is not alive, not of this node, or has a name already.</exception>
    public void Register(Atom name, Pid pid)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (ReferenceEquals(name, Atoms.Undefined))
            throw new ArgumentException("undefined is not a name.", nameof(name));
        if (Find(pid) is not { } process)
            throw new ArgumentException($"{pid} is not a living process of this node.", nameof(pid));
        if (!TryRegister(name, process))
            throw new ArgumentException($"{name} is taken, or {pid} has another name or has just exited.", nameof(name));
    }

    /// <summary>Frees a name; false if nobody bears it.</summary>
    public bool Unregister(Atom name)
    {
        if (Names.Find(name) is not { } process || !Names.Remove(name, process))
            return false;
        Interleaving.Point();
        _namesByProcess.TryRemove(process.Number, out _);
        return true;
    }

    /// <summary>The process of this name; <c>default</c> if there is none.</summary>
    public Pid WhereIs(Atom name) => Names.Find(name) is { IsExited: false } process ? process.Pid : default;

    internal Atom? NameOf(Process process) => process.IsNamed && _namesByProcess.TryGetValue(process.Number, out Atom? name) ? name : null;

    private bool TryRegister(Atom name, Process process)
    {
        Interleaving.Point();
        process.IsNamed = true; // before the entry: an exit that sees no flag has no entry to remove
        if (!_namesByProcess.TryAdd(process.Number, name))
            return false;
        if (!Names.TryAdd(name, process))
        {
            _namesByProcess.TryRemove(process.Number, out _);
            return false;
        }

        Interleaving.Point();
#if EXPLORATION
        if (Mutations.Is(Mutation.RegisterWithoutSecondLook))
            return true;
#endif
        if (!process.IsExited)
            return true;
        // It exited meanwhile. Whether it removed the first entry before or after the second was made: both must go, each by itself.
        _namesByProcess.TryRemove(process.Number, out _);
        Names.Remove(name, process);
        return false;
    }

    internal void RemoveNames(Process process)
    {
        Interleaving.Point();
        if (_namesByProcess.TryRemove(process.Number, out Atom? name))
            Names.Remove(name, process);
    }
}
