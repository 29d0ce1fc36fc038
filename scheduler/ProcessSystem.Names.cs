namespace CloudScale.Scheduling;

/// <summary>Registered names.</summary>
public sealed partial class ProcessSystem
{
    /// <summary>Names registered now.</summary>
    public IReadOnlyCollection<Atom> RegisteredNames => Names.Names();

    /// <summary>Registers a process under a name.</summary>
    /// <exception cref="ArgumentException">The name is taken or is <c>undefined</c>; the process is not alive, not of this node, or has a name already.</exception>
    public void Register(Atom name, Pid pid)
    {
        if (!Names.TryAdd(name, Named(name, pid)))
            throw new ArgumentException($"{name} is taken, or {pid} has another name or has just exited.", nameof(name));
    }

    /// <summary>Moves a name to another process in one step, so that nobody ever finds it free; or registers it, if nobody bears it.</summary>
    /// <returns>Who bore it before; <c>default</c> for nobody.</returns>
    /// <exception cref="ArgumentException">The name is <c>undefined</c>; the process is not alive, not of this node, or has another name.</exception>
    public Pid Replace(Atom name, Pid pid)
    {
        Process process = Named(name, pid);
        if (!Names.TryReplace(name, process, out Process? previous))
            throw new ArgumentException($"{pid} has another name or has just exited.", nameof(pid));
        return previous?.Pid ?? default;
    }

    /// <summary>Frees a name; false if nobody bears it.</summary>
    public bool Unregister(Atom name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Names.Remove(name);
    }

    /// <summary>The process of this name; <c>default</c> if there is none.</summary>
    public Pid WhereIs(Atom name) => Names.Find(name) is { IsExited: false } process ? process.Pid : default;

    private Process Named(Atom name, Pid pid)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (ReferenceEquals(name, Atoms.Undefined))
            throw new ArgumentException("undefined is not a name.", nameof(name));
        return Find(pid) ?? throw new ArgumentException($"{pid} is not a living process of this node.", nameof(pid));
    }
}
