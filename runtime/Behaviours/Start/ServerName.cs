namespace CloudScale;

/// <summary>The name a server is started under: an atom of its node, or any term in a registry.</summary>
public sealed class ServerName
{
    private ServerName(object name, INameRegistry? registry)
    {
        Name = name;
        Registry = registry;
    }

    /// <summary>The atom, or the term that the registry knows.</summary>
    public object Name { get; }

    /// <summary>Where it is registered; null for the names of the node.</summary>
    public INameRegistry? Registry { get; }

    /// <summary>A name on the node: OTP's <c>{local, Name}</c>.</summary>
    public static ServerName Local(Atom name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new ServerName(name, null);
    }

    /// <summary>A name in a registry: OTP's <c>{global, Name}</c> and <c>{via, Module, Name}</c>.</summary>
    public static ServerName Via(INameRegistry registry, object name)
    {
        ArgumentNullException.ThrowIfNull(registry);
        ArgumentNullException.ThrowIfNull(name);
        return new ServerName(name, registry);
    }

    /// <summary>A name on the node.</summary>
    public static implicit operator ServerName(Atom name) => Local(name);

    /// <summary>A name on the node.</summary>
    public static implicit operator ServerName(string name) => Local(name);

    /// <summary>The atom, or <c>{global, Name}</c>, or <c>{via, Module, Name}</c>.</summary>
    public object ToTerm() => Registry?.ToTerm(Name) ?? Name;

    /// <inheritdoc/>
    public override string ToString() => Term.Format(ToTerm());
}
