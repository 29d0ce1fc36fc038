namespace CloudScale.Scheduling;

/// <summary>A compiled match specification: <c>[{Head, [Guard], [Body]}]</c>. A <see cref="List"/> of that shape becomes one by itself.</summary>
/// <remarks>Threads: any. Source: ERTS User's Guide, Match Specifications in Erlang.</remarks>
public sealed class MatchSpec
{
    private readonly MatchClause[] _clauses;

    internal MatchSpec(params MatchClause[] clauses) => _clauses = clauses;

    internal ReadOnlySpan<MatchClause> Clauses => _clauses;

    /// <summary>Compiles a specification, as <c>ets:match_spec_compile/1</c>.</summary>
    /// <exception cref="EtsException">It is none.</exception>
    public static MatchSpec Compile(List spec)
    {
        if (spec is not { IsProper: true })
            throw new EtsException("A match specification is a proper list of clauses (badarg).");
        MatchClause[] clauses = new MatchClause[spec.Count];
        for (int i = 0; i < clauses.Length; i++)
            clauses[i] = MatchCompiler.Compile(spec[i]);
        return new MatchSpec(clauses);
    }

    /// <inheritdoc cref="Compile"/>
    public static implicit operator MatchSpec(List spec) => Compile(spec);

    /// <inheritdoc cref="Compile"/>
    public static MatchSpec FromList(List spec) => Compile(spec);

    /// <summary>What the specification gives for each of some terms that matches, as <c>ets:match_spec_run/2</c>.</summary>
    public IReadOnlyList<object> Run(IEnumerable<object> terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        MatchScope scope = NowhereScope();
        List<object> results = [];
        foreach (object term in terms)
        {
            if (Evaluate(term, scope) is { } result)
                results.Add(result);
        }

        return results;
    }

    /// <summary>Tries a specification on one tuple, as <c>ets:test_ms/2</c>: its result, or <c>false</c> where it does not match.</summary>
    /// <exception cref="EtsException">It is no match specification; the message says what is wrong.</exception>
    public static object Test(Tuple tuple, List spec)
    {
        MatchSpec compiled = Compile(spec);
        return compiled.Evaluate(tuple, NowhereScope()) ?? Atoms.False;
    }

    // Without a table there is no node to ask for.
    private static MatchScope NowhereScope() => new(default, Atom.Of("nonode@nohost"));

    /// <summary>The result for a term: of the first clause that takes it. Null if none does.</summary>
    internal object? Evaluate(object term, MatchScope scope)
    {
        foreach (MatchClause clause in _clauses)
        {
            if (!clause.Takes(term, scope))
                continue;
            scope.Failure = Atoms.Exit;
            return clause.Body.Evaluate(scope);
        }

        return null;
    }
}

/// <summary>One clause: what it matches, what must hold, what it gives.</summary>
internal sealed class MatchClause(Pattern head, Expression[] guards, Expression body, bool hasSingleBody, int variables)
{
    internal Pattern Head => head;

    internal Expression Body => body;

    /// <summary>Whether the body is one expression; of several only the last counts.</summary>
    internal bool HasSingleBody => hasSingleBody;

    internal bool Takes(object term, MatchScope scope)
    {
        // The list of all variables has those of this clause only.
        object?[] bindings = scope.Make(variables);
        if (!head.Matches(term, bindings))
            return false;
        scope.Whole = term;
        scope.Failure = null;
        foreach (Expression guard in guards)
        {
            if (guard.Evaluate(scope) is not { } value || !ReferenceEquals(Terms.Canonical(value), Atoms.True))
                return false;
        }

        return true;
    }

    /// <summary>What the head demands of the key: null if no tuple of the table can match at all.</summary>
    internal Pattern? KeyPattern(int keyPosition) =>
        head switch
        {
            TuplePattern tuple => keyPosition <= tuple.Elements.Length ? tuple.Elements[keyPosition - 1] : null,
            ConstantPattern { Term: Tuple tuple } => keyPosition <= tuple.Count ? new ConstantPattern(tuple[keyPosition - 1]) : null,
            ConstantPattern or ListPattern or MapPattern => null,
            _ => AnyPattern.Instance,
        };

    /// <summary>Whether every result is a tuple with the key of the object it came from: what select_replace asks for.</summary>
    internal bool KeepsKey(int keyPosition)
    {
        if (!hasSingleBody)
            return false;
        if (body is WholeExpression)
            return true;
        if (body is not TupleExpression tuple || keyPosition > tuple.Elements.Length)
            return false;
        Expression key = tuple.Elements[keyPosition - 1];
        if (key is ElementOfWholeExpression element)
            return element.Position == keyPosition;
        return KeyPattern(keyPosition) is { } pattern && IsSame(pattern, key);
    }

    /// <summary>Whether an expression makes again what a pattern has matched.</summary>
    private static bool IsSame(Pattern pattern, Expression expression) =>
        (pattern, expression) switch
        {
            (VariablePattern left, VariableExpression right) => left.Slot == right.Slot,
            (ConstantPattern left, ConstantExpression right) => Term.AreEqual(left.Term, right.Term),
            (ConstantPattern { Term: Tuple left }, TupleExpression right) => left.Count == right.Elements.Length
                && AreSame(right.Elements, i => new ConstantPattern(left[i])),
            (ListPattern left, ListExpression right) => left.Elements.Length == right.Elements.Length
                && AreSame(right.Elements, i => left.Elements[i])
                && IsSame(left.Tail, right.Tail),
            (TuplePattern left, TupleExpression right) => left.Elements.Length == right.Elements.Length
                && AreSame(right.Elements, i => left.Elements[i]),
            _ => false,
        };

    private static bool AreSame(Expression[] expressions, Func<int, Pattern> patternAt)
    {
        for (int i = 0; i < expressions.Length; i++)
        {
            if (!IsSame(patternAt(i), expressions[i]))
                return false;
        }

        return true;
    }
}
