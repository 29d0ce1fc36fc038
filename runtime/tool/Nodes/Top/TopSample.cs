namespace CloudScale.Tool.Nodes.Top;

/// <summary>A node at one moment.</summary>
internal sealed record TopSample
{
    public required IReadOnlyList<TopProcess> Processes { get; init; }

    /// <summary>Memory by kind, in bytes.</summary>
    public required IReadOnlyDictionary<string, long> Memory { get; init; }

    /// <summary>Processes that wait for a scheduler.</summary>
    public required long RunQueue { get; init; }

    /// <summary>Of each scheduler, by its number: time at work and time in all, in units of the node's own.</summary>
    public required IReadOnlyDictionary<long, (long Active, long Total)> Schedulers { get; init; }

    /// <summary>Nodes connected with it, without ours.</summary>
    public required IReadOnlyList<string> Connections { get; init; }

    /// <summary>Reads an <c>#etop_info{}</c>.</summary>
    public static TopSample Read(Tuple info, IEnumerable<Atom> connections) =>
        new()
        {
            RunQueue = info[5] as long? ?? 0,
            Schedulers = ReadSchedulers(info[4]),
            Memory = ReadPairs(info[7]),
            Processes = [.. (info[8] as List ?? List.Empty).Select(TopProcess.Read).OfType<TopProcess>()],
            Connections = [.. connections.Select(node => node.Name).Order(StringComparer.Ordinal)],
        };

    /// <summary>How busy each scheduler was since an earlier sample, from 0 to 1.</summary>
    public IReadOnlyList<double> LoadsSince(TopSample earlier) =>
        [
            .. Schedulers
                .OrderBy(entry => entry.Key)
                .Where(entry =>
                    earlier.Schedulers.TryGetValue(entry.Key, out (long Active, long Total) old) && entry.Value.Total > old.Total
                )
                .Select(entry =>
                {
                    (long active, long total) = earlier.Schedulers[entry.Key];
                    return Math.Clamp((double)(entry.Value.Active - active) / (entry.Value.Total - total), 0, 1);
                }),
        ];

    private static Dictionary<long, (long Active, long Total)> ReadSchedulers(object list)
    {
        Dictionary<long, (long, long)> all = [];
        foreach (object entry in list as List ?? List.Empty)
            if (entry is Tuple and [long id, long active, long total])
                all[id] = (active, total);
        return all;
    }

    private static Dictionary<string, long> ReadPairs(object list)
    {
        Dictionary<string, long> all = [];
        foreach (object entry in list as List ?? List.Empty)
            if (entry is Tuple and [Atom key, long value])
                all[key.Name] = value;
        return all;
    }
}
