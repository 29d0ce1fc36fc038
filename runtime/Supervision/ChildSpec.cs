using CloudScale.Runtime.Supervision;

namespace CloudScale;

/// <summary>When a supervisor restarts a child that has ended.</summary>
public enum ChildRestart
{
    /// <summary>Always: <c>permanent</c>.</summary>
    Permanent,

    /// <summary>If it failed, so for any reason but <c>normal</c>, <c>shutdown</c>, <c>{shutdown, _}</c>: <c>transient</c>.</summary>
    Transient,

    /// <summary>Never; it is forgotten then: <c>temporary</c>.</summary>
    Temporary,
}

/// <summary>What a child is.</summary>
public enum ChildType
{
    /// <summary>A process that works: <c>worker</c>.</summary>
    Worker,

    /// <summary>A supervisor: <c>supervisor</c>.</summary>
    Supervisor,
}

/// <summary>A child of a supervisor: how it is started, restarted and stopped. OTP's child specification.</summary>
/// <remarks>
/// Immutable. To Erlang: the map <c>#{id, start, restart, significant, shutdown, type, modules}</c>, where the <c>start</c> of a child made in C# names its method and is of use to people only.
/// Source: OTP, supervisor, <c>child_spec()</c>.
/// </remarks>
public sealed record ChildSpec : ITermConvertible
{
    private ChildSpec(object id, ChildStart start)
    {
        ArgumentNullException.ThrowIfNull(id);
        Id = id;
        Start = start;
    }

    /// <summary>A behaviour, made anew for each start, that is started with a link.</summary>
    /// <param name="id">Any term; tells the children of a supervisor apart.</param>
    /// <param name="factory">Makes the object. It runs in the supervisor.</param>
    public ChildSpec(object id, Func<Behaviour> factory)
        : this(id, new FactoryStart(NotNull(factory).Method, _ => factory())) { }

    /// <summary>A behaviour that is made from what a start adds: for <see cref="RestartStrategy.SimpleOneForOne"/>.</summary>
    /// <param name="id">Any term.</param>
    /// <param name="factory">Makes the object from the arguments of <c>StartChild</c>.</param>
    public ChildSpec(object id, Func<List, Behaviour> factory)
        : this(id, new FactoryStart(NotNull(factory).Method, factory)) { }

    /// <summary>A child that a function starts and links, with <c>self.StartLink</c> for example.</summary>
    /// <param name="id">Any term.</param>
    /// <param name="start">Runs in the supervisor, which waits for it.</param>
    public ChildSpec(object id, Func<Self, ProcessTask<StartResult>> start)
        : this(id, new FunctionStart(NotNull(start).Method, (self, _) => start(self))) { }

    /// <summary>A child that a function starts and links, from what a start adds: for <see cref="RestartStrategy.SimpleOneForOne"/>.</summary>
    /// <param name="id">Any term.</param>
    /// <param name="start">Runs in the supervisor, which waits for it.</param>
    public ChildSpec(object id, Func<Self, List, ProcessTask<StartResult>> start)
        : this(id, new FunctionStart(NotNull(start).Method, start)) { }

    /// <summary>A child that an exported function starts and links: Erlang's <c>{Module, Function, Arguments}</c>, looked up among <see cref="Node.Functions"/> at each start.</summary>
    public ChildSpec(object id, Atom module, Atom function, List arguments)
        : this(id, new ExportedStart(NotNull(module), NotNull(function), NotNull(arguments))) { }

    /// <summary>A child that is an async body. It counts as started at once.</summary>
    public static ChildSpec OfBody(object id, Func<Self, ProcessTask> body) => new(id, new BodyStart(NotNull(body).Method, body));

    /// <summary>From the map or the tuple <c>{Id, Start, Restart, Shutdown, Type, Modules}</c> that Erlang writes.</summary>
    /// <exception cref="ArgumentException">It is none of these; the message has OTP's term for it, <c>{invalid_restart_type, R}</c> for example.</exception>
    public static ChildSpec FromTerm(object term) =>
        ChildSpecTerms.TryRead(term, out ChildSpec? spec, out object? fault)
            ? spec
            : throw new ArgumentException($"No child specification: {Term.Format(fault)}.", nameof(term));

    /// <summary>Checks children as a supervisor does before it starts any: OTP's <c>check_childspecs</c>.</summary>
    /// <param name="children">The children.</param>
    /// <param name="autoShutdown">What they must fit; null for anything.</param>
    /// <returns>Null, or OTP's term for what is wrong: <c>{duplicate_child_name, Id}</c>, <c>{bad_combination, […]}</c> and others.</returns>
    public static object? Check(IEnumerable<ChildSpec> children, AutoShutdown? autoShutdown = null)
    {
        ArgumentNullException.ThrowIfNull(children);
        return ChildSpecTerms.FaultOf(children, autoShutdown);
    }

    /// <summary>Tells the children of a supervisor apart.</summary>
    public object Id { get; init; }

    /// <summary>When it is restarted; always by default.</summary>
    public ChildRestart Restart { get; init; }

    /// <summary>How it is stopped; by default five seconds for a worker, without limit for a supervisor.</summary>
    public ChildShutdown Shutdown { get; init; }

    /// <summary>What it is; by default a supervisor where the factory makes a <see cref="Supervisor"/>, else a worker.</summary>
    public ChildType? Type { get; init; }

    /// <summary>Whether the supervisor may stop with it; see <see cref="SupervisorFlags.AutoShutdown"/>.</summary>
    public bool IsSignificant { get; init; }

    /// <summary>A list of module names, or the atom <c>dynamic</c>; for tools. By default the module of the start.</summary>
    public object? Modules { get; init; }

    /// <summary>Name, time-out and the rest of a behaviour that a factory makes; not for other starts.</summary>
    public StartOptions? Options { get; init; }

    /// <summary>
    /// The supervisor does not wait for the child's <c>Init</c>: the child counts as running from the start, and an <c>Init</c> that fails is a failure like any other. For behaviours that a
    /// factory makes. OTP has none of it.
    /// </summary>
    public bool IsAsync { get; init; }

    /// <summary>How long to wait before a restart; not at all by default.</summary>
    public BackOff? BackOff { get; init; }

    internal ChildStart Start { get; }

    internal bool IsTemporary => Restart == ChildRestart.Temporary;

    /// <inheritdoc/>
    public object ToTerm() => ChildSpecTerms.Write(this, Type == ChildType.Supervisor);

    private static T NotNull<T>(T value)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(value);
        return value;
    }
}
