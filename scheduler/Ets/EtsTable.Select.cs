namespace CloudScale.Scheduling;

/// <summary>Searching with patterns and match specifications.</summary>
/// <remarks>
/// A key that a pattern gives in full is a look-up; one that it begins with is a walk through that part of an ordered set; anything else looks at every object. What a walk
/// promises holds here: an object that is there all the time is met exactly once.
/// </remarks>
public sealed partial class EtsTable
{
    /// <summary>The results of a match specification for every object it matches, in key order where the table is an ordered set.</summary>
    /// <exception cref="EtsException">The caller may not read the table.</exception>
    public IReadOnlyList<object> Select(MatchSpec spec) => SelectAll(spec, static result => result, backward: false);

    /// <summary>As <see cref="Select(MatchSpec)"/>, but at most some results at a time. Null for <c>'$end_of_table'</c>.</summary>
    /// <inheritdoc cref="Select(MatchSpec)" path="/exception"/>
    public EtsPage<object>? Select(MatchSpec spec, int limit) => SelectPage(spec, static result => result, limit, backward: false);

    /// <summary>As <see cref="Select(MatchSpec)"/>, from the end where the table is an ordered set.</summary>
    /// <inheritdoc cref="Select(MatchSpec)" path="/exception"/>
    public IReadOnlyList<object> SelectReverse(MatchSpec spec) => SelectAll(spec, static result => result, backward: true);

    /// <summary>As <see cref="Select(MatchSpec, int)"/>, from the end where the table is an ordered set.</summary>
    /// <inheritdoc cref="Select(MatchSpec)" path="/exception"/>
    public EtsPage<object>? SelectReverse(MatchSpec spec, int limit) => SelectPage(spec, static result => result, limit, backward: true);

    /// <summary>What the variables of a pattern stand for in each object it matches, in the order of their numbers.</summary>
    /// <inheritdoc cref="Select(MatchSpec)" path="/exception"/>
    public IReadOnlyList<List> Match(object pattern) => SelectAll(BindingsOf(pattern), static result => (List)result, backward: false);

    /// <summary>As <see cref="Match(object)"/>, but at most some at a time. Null for <c>'$end_of_table'</c>.</summary>
    /// <inheritdoc cref="Select(MatchSpec)" path="/exception"/>
    public EtsPage<List>? Match(object pattern, int limit) =>
        SelectPage(BindingsOf(pattern), static result => (List)result, limit, backward: false);

    /// <summary>The objects that match a pattern.</summary>
    /// <inheritdoc cref="Select(MatchSpec)" path="/exception"/>
    public IReadOnlyList<Tuple> MatchObject(object pattern) =>
        SelectAll(ObjectsOf(pattern), static result => (Tuple)result, backward: false);

    /// <summary>As <see cref="MatchObject(object)"/>, but at most some at a time. Null for <c>'$end_of_table'</c>.</summary>
    /// <inheritdoc cref="Select(MatchSpec)" path="/exception"/>
    public EtsPage<Tuple>? MatchObject(object pattern, int limit) =>
        SelectPage(ObjectsOf(pattern), static result => (Tuple)result, limit, backward: false);

    /// <summary>The next results of a search with a limit; null for <c>'$end_of_table'</c>.</summary>
    /// <exception cref="EtsException">The continuation is of another table, or the caller may not read this one.</exception>
    public EtsPage<T>? Continue<T>(EtsContinuation<T> continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        if (continuation.Table != this)
            EtsException.Throw($"The continuation is of the table {continuation.Table}, not of {this} (badarg).");
        CheckRead();
        List<object> found = [];
        found.AddRange(continuation.Left.Take(continuation.Limit));
        if (found.Count == continuation.Limit)
            return PageOf(found, continuation.At(continuation.After, [.. continuation.Left.Skip(continuation.Limit)]));

        MatchScope scope = NewScope();
        TermKey last = continuation.After;
        IEnumerable<Slot<TermKey>> slots = Candidates(
            Core,
            continuation.Spec,
            continuation.Backward,
            continuation.After,
            continuation.HasAfter
        );
        foreach (Slot<TermKey> slot in slots)
        {
            last = slot.Key;
            Evaluate(continuation.Spec, slot.State, scope, found);
            if (found.Count < continuation.Limit)
                continue;
            object[] left = [.. found.Skip(continuation.Limit)];
            found.RemoveRange(continuation.Limit, left.Length);
            return PageOf(found, continuation.At(last, left));
        }

        return found.Count == 0 ? null : PageOf(found, continuation.At(last, []));
    }

    /// <summary>How many objects a specification gives <c>true</c> for.</summary>
    /// <inheritdoc cref="Select(MatchSpec)" path="/exception"/>
    public long SelectCount(MatchSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        CheckRead();
        MatchScope scope = NewScope();
        long count = 0;
        foreach (Slot<TermKey> slot in Candidates(Core, spec, false, default, false))
        {
            foreach (Tuple row in RowsOf(slot.State))
                count += IsTrue(spec.Evaluate(row, scope)) ? 1 : 0;
        }

        return count;
    }

    /// <summary>Deletes the objects a specification gives <c>true</c> for, each at one instant, and says how many.</summary>
    /// <exception cref="EtsException">The caller may not write the table.</exception>
    public long SelectDelete(MatchSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        CheckWrite();
        MatchScope scope = NewScope();
        return Rewrite(spec, row => IsTrue(spec.Evaluate(row, scope)) ? (null, true) : (row, false));
    }

    /// <summary>Deletes the objects that match a pattern, and says how many there were.</summary>
    /// <exception cref="EtsException">The caller may not write the table.</exception>
    public long MatchDelete(object pattern) =>
        SelectDelete(new MatchSpec(MatchCompiler.CompileHead(pattern, static () => new ConstantExpression(Atoms.True))));

    /// <summary>Replaces each object that a specification matches by its result, at one instant each, and says how many.</summary>
    /// <exception cref="EtsException">
    /// The caller may not write the table, the table is a bag, or a result could have another key: the body must be <c>'$_'</c>, or make a tuple in which the key stands as in
    /// the head.
    /// </exception>
    public long SelectReplace(MatchSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        CheckWrite();
        if (Type == EtsType.Bag)
            EtsException.Throw($"select_replace would have to look for equal objects in the table {this}, which is a bag (badarg).");
        foreach (MatchClause clause in spec.Clauses)
        {
            if (!clause.KeepsKey(KeyPosition))
                EtsException.Throw(
                    $"select_replace must keep the key: a body makes a tuple whose element {KeyPosition} is that of the head (badarg)."
                );
        }

        MatchScope scope = NewScope();
        return Rewrite(spec, row => spec.Evaluate(row, scope) is Tuple result ? (result, true) : (row, false));
    }

    /// <summary>
    /// Rewrites the candidates row by row: a row goes (null), stays, or is replaced. Returns for how many the function said that it counts.
    /// </summary>
    private long Rewrite(MatchSpec spec, Func<Tuple, (Tuple? Row, bool Counts)> function)
    {
        KeyedCore<TermKey> core = Core;
        long total = 0;
        int counted = 0;
        Func<Tuple, Tuple?> one = row =>
        {
            (Tuple? next, bool counts) = function(row);
            counted += counts ? 1 : 0;
            return next;
        };
        Func<object, object> change = state =>
        {
            counted = 0; // tried again after a race: only the last time counts
            return state is BagRows rows ? Rewrite(rows, one) : (object?)one(FirstRow(state)!) ?? Slot.Dead;
        };
        foreach (Slot<TermKey> slot in Candidates(core, spec, false, default, false))
        {
            counted = 0;
            // A dead slot is no candidate any more, and what has come in its place is none of those this walk began with.
            TryTransform(core, slot, change, out _);
            total += counted;
        }

        return total;
    }

    private List<T> SelectAll<T>(MatchSpec spec, Func<object, T> convert, bool backward)
    {
        ArgumentNullException.ThrowIfNull(spec);
        CheckRead();
        MatchScope scope = NewScope();
        List<T> results = [];
        List<object> found = [];
        foreach (Slot<TermKey> slot in Candidates(Core, spec, backward, default, false))
        {
            Evaluate(spec, slot.State, scope, found);
            foreach (object result in found)
                results.Add(convert(result));
            found.Clear();
        }

        return results;
    }

    private EtsPage<T>? SelectPage<T>(MatchSpec spec, Func<object, T> convert, int limit, bool backward)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (limit < 1)
            EtsException.Throw($"The limit of a search counts from 1; {limit} was given (badarg).");
        return Continue(new EtsContinuation<T>(this, spec, convert, limit, backward));
    }

    private static EtsPage<T> PageOf<T>(List<object> found, EtsContinuation<T> continuation) =>
        new([.. found.Select(continuation.Convert)], continuation);

    private static void Evaluate(MatchSpec spec, object state, MatchScope scope, List<object> found)
    {
        if (state is Tuple only)
        {
            if (spec.Evaluate(only, scope) is { } result)
                found.Add(result);
            return;
        }

        foreach (Tuple row in RowsOf(state))
        {
            if (spec.Evaluate(row, scope) is { } result)
                found.Add(result);
        }
    }

    /// <summary>The slots that a specification can match, as few as its heads tell.</summary>
    private IEnumerable<Slot<TermKey>> Candidates(KeyedCore<TermKey> core, MatchSpec spec, bool backward, TermKey after, bool hasAfter)
    {
        List<TermKey>? keys = [];
        Pattern? only = null;
        foreach (MatchClause clause in spec.Clauses)
        {
            Pattern? pattern = clause.KeyPattern(KeyPosition);
            if (pattern is null)
                continue;
            only = keys is { Count: 0 } ? pattern : null;
            if (pattern is ConstantPattern constant)
                keys?.Add(TermKey.Of(constant.Term));
            else
                keys = null;
        }

        if (keys is not null)
            return Named(core, keys, backward, after, hasAfter);
        return Walked(core, WalkFor(core, only, backward, after, hasAfter));
    }

    private static Walk<TermKey> WalkFor(KeyedCore<TermKey> core, Pattern? pattern, bool backward, TermKey after, bool hasAfter)
    {
        if (core is not OrderedCore<TermKey, OrderedTerms> ordered)
            return hasAfter ? core.WalkAfter(after) : core.WalkAll();
        if (pattern is TuplePattern or ListPattern)
        {
            PatternRange range = new(pattern);
            return backward ? ordered.WalkRangeBackward(range, after, hasAfter) : ordered.WalkRange(range, after, hasAfter);
        }

        if (backward)
            return hasAfter ? ordered.WalkBefore(after) : ordered.WalkAllBackward();
        return hasAfter ? ordered.WalkAfter(after) : ordered.WalkAll();
    }

    /// <summary>The slots of some keys, in the order of a walk.</summary>
    private static IEnumerable<Slot<TermKey>> Named(
        KeyedCore<TermKey> core,
        List<TermKey> keys,
        bool backward,
        TermKey after,
        bool hasAfter
    )
    {
        int sense = backward && core is OrderedCore<TermKey, OrderedTerms> ? -1 : 1;
        if (keys.Count > 1)
            keys.Sort((left, right) => sense * core.ComparePlaces(left, right));
        for (int i = 0; i < keys.Count; i++)
        {
            if (i > 0 && core.ComparePlaces(keys[i - 1], keys[i]) == 0)
                continue;
            if (hasAfter && sense * core.ComparePlaces(keys[i], after) <= 0)
                continue;
            if (core.Find(keys[i]) is { } slot)
                yield return slot;
        }
    }

    private IEnumerable<Slot<TermKey>> Walked(KeyedCore<TermKey> core, Walk<TermKey> walk)
    {
        List<Slot<TermKey>> batch = [];
        while (true)
        {
            batch.Clear();
            walk.Next(batch);
            if (batch.Count == 0)
                yield break;
            Charge(batch.Count);
            foreach (Slot<TermKey> slot in batch)
                yield return slot;
        }
    }

    private MatchScope NewScope() => new(CurrentProcess?.Pid ?? System.SystemPid, System.Identity.Name);

    private static bool IsTrue(object? result) => result is not null && ReferenceEquals(Terms.Canonical(result), Atoms.True);

    private static MatchSpec BindingsOf(object pattern) =>
        new(MatchCompiler.CompileHead(pattern, static () => new AllVariablesExpression()));

    private static MatchSpec ObjectsOf(object pattern) => new(MatchCompiler.CompileHead(pattern, static () => new WholeExpression()));
}
