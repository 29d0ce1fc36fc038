namespace CloudScale.Runtime.Applications;

/// <summary>Applications and what they need that does not run, in an order in which they can start.</summary>
internal sealed class ApplicationOrder(ApplicationTable table)
{
    private readonly Dictionary<Atom, int> _ranks = []; // -1 while what it needs is looked at
    private readonly List<Atom> _order = [];

    /// <summary>One after the other.</summary>
    internal IEnumerable<IReadOnlyList<Atom>> OneByOne => _order.Select(static name => (IReadOnlyList<Atom>)[name]);

    /// <summary>Those of a rank need only what is of ranks before.</summary>
    internal IEnumerable<IReadOnlyList<Atom>> Ranks =>
        _order.GroupBy(name => _ranks[name]).OrderBy(static rank => rank.Key).Select(static rank => (IReadOnlyList<Atom>)[.. rank]);

    /// <summary>Adds an application and what it needs.</summary>
    /// <returns>Null, or why it cannot start: <c>{Name, Reason}</c>.</returns>
    internal object? Add(Atom name)
    {
        // Not by recursion: the depth is that of what hosts have defined, and a circle would have none.
        Stack<(Atom Name, int Next)> open = new([(name, 0)]);
        while (open.TryPop(out (Atom Name, int Next) at))
        {
            if (at.Next == 0)
            {
                if (table.IsRunning(at.Name) || NodeApplications.IsBuiltIn(at.Name) || _ranks.GetValueOrDefault(at.Name) > 0)
                    continue;
                if (!_ranks.TryAdd(at.Name, -1))
                    return Tuple.Of(at.Name, Atom.Of("circular_dependencies"));
            }

            if (!table.Loaded.TryGetValue(at.Name, out ApplicationDefinition? definition))
                return Tuple.Of(at.Name, Tuple.Of(Atom.Of("no such file or directory"), $"{at.Name.Name}.app"));
            if (at.Next < definition.Applications.Count)
            {
                open.Push((at.Name, at.Next + 1));
                Atom needed = definition.Applications[at.Next];
                if (table.Loaded.ContainsKey(needed) || !definition.OptionalApplications.Contains(needed))
                    open.Push((needed, 0));
                continue;
            }

            _ranks[at.Name] =
                1 + definition.Applications.Select(needed => Math.Max(_ranks.GetValueOrDefault(needed), 0)).DefaultIfEmpty().Max();
            _order.Add(at.Name);
        }

        return null;
    }
}
