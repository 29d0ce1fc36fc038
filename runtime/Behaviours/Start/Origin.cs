namespace CloudScale.Runtime.Behaviours;

/// <summary>Where a behaviour's process comes from: who started it, how, and under what name. Also the message by which its start is acknowledged.</summary>
/// <remarks>
/// Threads: written by the starter before the process exists, then by the process until it sends this object to the starter as the acknowledgement; read by both afterwards. What Erlang keeps
/// in the process dictionary is made from it when somebody looks.
/// </remarks>
internal sealed class Origin
{
    internal static readonly Atom AncestorsKey = Atom.Of("$ancestors");
    internal static readonly Atom InitialCallKey = Atom.Of("$initial_call");
    private static readonly Atom s_init = Atom.Of("init");
    private static readonly Atom s_supervisor = Atom.Of("supervisor");

    internal readonly StartOptions Options;

    /// <summary>Who started it; none for a process that was spawned as any handler is, and has nobody to acknowledge to.</summary>
    internal readonly Pid Starter;

    /// <summary>Whether the starter's exit is ours.</summary>
    internal readonly bool IsLinked;

    /// <summary>The starter's monitor and alias, which both end with the acknowledgement; none for a start that sets none, or one that stays.</summary>
    internal Reference Alias;

    private readonly Atom? _starterName; // null for none: then it is known by its pid
    private readonly object? _startersAncestors;

    /// <summary>How the start ended.</summary>
    internal StartResult Result;

    /// <summary>An origin of a process that nobody waits for.</summary>
    internal Origin() => Options = StartOptions.Default;

    internal Origin(Self starter, StartOptions options, bool isLinked)
    {
        Options = options;
        Starter = starter.Pid;
        IsLinked = isLinked;
        _starterName = starter.RegisteredName;
        if (starter.Dictionary.TryGetValue(AncestorsKey, out object? ancestors))
            _startersAncestors = ancestors;
    }

    /// <summary>The name as the process itself is called by it; null for none.</summary>
    internal object? Name => Options.Name?.ToTerm();

    /// <summary>Who started it, who started that one, and so on: <c>'$ancestors'</c>.</summary>
    internal List Ancestors =>
        Starter.IsNone ? List.Empty : (_startersAncestors as List ?? List.Empty).Prepend(_starterName is null ? Starter : _starterName);

    /// <summary>In the new process: tells the starter how its start went.</summary>
    internal void Acknowledge(Self self, in StartResult result)
    {
        if (Starter.IsNone)
            return;
        Result = result;
        if (Alias.IsNone)
            self.Send(Starter, this);
        else
            self.Reply(From.Behind(Starter, Alias), Atoms.Ok); // the result is here
    }

    /// <summary>Whose exit is ours: the starter, if it is linked; else none.</summary>
    internal Pid Parent => IsLinked ? Starter : default;

    internal void Describe(IDictionary<object, object> dictionary, Type module)
    {
        dictionary[AncestorsKey] = Ancestors;
        Atom name = ModuleName.Of(module);
        // As proc_lib translates it: tools tell supervisors by this, before they ask for children.
        dictionary[InitialCallKey] = module.IsAssignableTo(typeof(Supervisor))
            ? Tuple.Of(s_supervisor, name, 1L)
            : Tuple.Of(name, s_init, 1L);
    }
}
