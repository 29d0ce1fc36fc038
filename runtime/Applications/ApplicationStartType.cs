namespace CloudScale;

/// <summary>Why an application is started. To Erlang: <c>normal | {takeover, Node} | {failover, Node}</c>.</summary>
public readonly record struct ApplicationStartType : ITermConvertible
{
    private static readonly Atom s_takeover = Atom.Of("takeover");
    private static readonly Atom s_failover = Atom.Of("failover");

    private readonly bool _isTakeover;

    private ApplicationStartType(Atom node, bool isTakeover)
    {
        Node = node;
        _isTakeover = isTakeover;
    }

    /// <summary>Because it was asked for.</summary>
    public static ApplicationStartType Normal => default;

    /// <summary>The node it ran on before; null for none.</summary>
    public Atom? Node { get; }

    /// <summary>It runs on that node still, and is to move here.</summary>
    public bool IsTakeover => _isTakeover;

    /// <summary>That node is lost.</summary>
    public bool IsFailover => Node is not null && !_isTakeover;

    /// <summary>In place of one that runs on another node.</summary>
    public static ApplicationStartType TakeoverFrom(Atom node) => new(node, isTakeover: true);

    /// <summary>In place of one whose node was lost.</summary>
    public static ApplicationStartType FailoverFrom(Atom node) => new(node, isTakeover: false);

    /// <inheritdoc/>
    public object ToTerm() => Node is null ? Atoms.Normal : Tuple.Of(_isTakeover ? s_takeover : s_failover, Node);

    /// <summary>As Erlang prints it.</summary>
    public override string ToString() => Term.Format(ToTerm());
}

/// <summary>What the end of an application means for its node.</summary>
public enum ApplicationRestart
{
    /// <summary>It is reported: <c>temporary</c>.</summary>
    Temporary,

    /// <summary>The node stops unless the reason is <c>normal</c>: <c>transient</c>.</summary>
    Transient,

    /// <summary>The node stops: <c>permanent</c>.</summary>
    Permanent,
}
