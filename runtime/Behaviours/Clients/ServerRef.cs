namespace CloudScale;

/// <summary>A server as its clients name it: a pid, a name on this node or another, a name in a registry. OTP's <c>server_ref()</c>.</summary>
public readonly struct ServerRef : IEquatable<ServerRef>
{
    private readonly Pid _pid;
    private readonly object? _name; // an atom, a pair of name and node, or a ServerName of a registry

    private ServerRef(Pid pid, object? name)
    {
        _pid = pid;
        _name = name;
    }

    /// <summary>The pid; none if it is referred to by name.</summary>
    public Pid Pid => _pid;

    /// <summary>The registered name, on <see cref="Node"/> or this node; null for a pid and for names of registries.</summary>
    public Atom? Name => _name as Atom ?? (_name as Tuple)?[0] as Atom;

    /// <summary>The node of the name; null for this one.</summary>
    public Atom? Node => (_name as Tuple)?[1] as Atom;

    /// <summary>The name in a registry; null for other names.</summary>
    public ServerName? Via => _name as ServerName;

    internal bool IsNone => _pid.IsNone && _name is null;

    /// <summary>A process.</summary>
    public static implicit operator ServerRef(Pid pid) => new(pid, null);

    /// <summary>Whoever bears the name on this node.</summary>
    public static implicit operator ServerRef(Atom name) => new(default, name);

    /// <summary>Whoever bears the name on this node.</summary>
    public static implicit operator ServerRef(string name) => new(default, Atom.Of(name));

    /// <summary>Whoever bears the name on a node: <c>{Name, Node}</c>.</summary>
    public static implicit operator ServerRef((Atom Name, Atom Node) address) => At(address.Name, address.Node);

    /// <summary>Whoever bears the name, local or in a registry.</summary>
    public static implicit operator ServerRef(ServerName name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new(default, name.Registry is null ? name.Name : name);
    }

    /// <summary>Whoever bears the name on a node: <c>{Name, Node}</c>.</summary>
    public static ServerRef At(Atom name, Atom node) => new(default, Tuple.Of(name, node));

    /// <summary>From a term as Erlang writes a server: a pid, an atom, <c>{Name, Node}</c>.</summary>
    /// <returns>Whether it is one of these.</returns>
    public static bool TryFrom(object term, out ServerRef server)
    {
        server = term switch
        {
            Pid pid => pid,
            Atom name => name,
            Tuple and [Atom name, Atom node] => At(name, node),
            _ => default,
        };
        return !server.IsNone;
    }

    /// <summary>As Erlang writes it.</summary>
    public object ToTerm() =>
        _name switch
        {
            null => _pid.IsNone ? Atoms.Undefined : _pid,
            ServerName via => via.ToTerm(),
            _ => _name,
        };

    /// <inheritdoc/>
    public bool Equals(ServerRef other) => Term.AreEqual(ToTerm(), other.ToTerm());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ServerRef other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Term.Hash(ToTerm());

    /// <summary>Whether both name the same.</summary>
    public static bool operator ==(ServerRef left, ServerRef right) => left.Equals(right);

    /// <summary>Whether they do not.</summary>
    public static bool operator !=(ServerRef left, ServerRef right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => Term.Format(ToTerm());
}
