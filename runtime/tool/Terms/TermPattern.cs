namespace CloudScale.Tool.Terms;

/// <summary>Which terms are wanted: those that hold a term, anywhere in them, in which <c>'_'</c> stands for any.</summary>
/// <remarks>A map in the pattern asks for its keys only.</remarks>
internal static class TermPattern
{
    private const int MaxDepth = 256;

    /// <summary>Whether a term is one of them.</summary>
    public static bool Matches(object pattern, object term) => Contains(pattern, term, 0);

    private static bool Contains(object pattern, object term, int depth)
    {
        if (Fits(pattern, term, 0))
            return true;
        if (depth > MaxDepth)
            return false;
        return term switch
        {
            Tuple tuple => tuple.Any(element => Contains(pattern, element, depth + 1)),
            List list => list.Any(element => Contains(pattern, element, depth + 1))
                || (!list.IsProper && Contains(pattern, list.Tail, depth + 1)),
            Map map => map.Any(entry => Contains(pattern, entry.Key, depth + 1) || Contains(pattern, entry.Value, depth + 1)),
            _ => false,
        };
    }

    private static bool Fits(object pattern, object term, int depth)
    {
        if (pattern is Atom { Name: "_" })
            return true;
        if (depth > MaxDepth)
            return false;
        return (pattern, term) switch
        {
            (Tuple wanted, Tuple given) => wanted.Count == given.Count
                && Enumerable.Range(0, wanted.Count).All(i => Fits(wanted[i], given[i], depth + 1)),
            (List { IsProper: true } wanted, List { IsProper: true } given) => wanted.Count == given.Count
                && Enumerable.Range(0, wanted.Count).All(i => Fits(wanted[i], given[i], depth + 1)),
            (Map wanted, Map given) => wanted.All(entry =>
                given.TryGetValue(entry.Key, out object? value) && Fits(entry.Value, value, depth + 1)
            ),
            _ => Term.AreEqual(pattern, term),
        };
    }
}
