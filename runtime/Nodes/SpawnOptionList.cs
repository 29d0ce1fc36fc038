namespace CloudScale.Runtime;

/// <summary>Erlang's spawn options, as a request from another node brings them.</summary>
/// <remarks>
/// Known are the options that BEAM takes on the receiving side, which are not all: what concerns the answer is the asking side's own affair, and not sent. Those about heaps,
/// queues and schedulers have no counterpart here; they are checked and have no effect. Source: OTP, erts_parse_spawn_opts.
/// </remarks>
internal readonly record struct SpawnOptionList(bool Link, bool Monitor, ProcessPriority Priority)
{
    /// <summary>Reads the options; false for one that is unknown or has a value it cannot have: <c>badopt</c>.</summary>
    internal static bool TryParse(List options, out SpawnOptionList parsed)
    {
        parsed = default;
        foreach (object option in options)
        {
            switch (option)
            {
                case Atom { Name: "link" }:
                    parsed = parsed with { Link = true };
                    break;
                case Atom { Name: "monitor" }:
                    parsed = parsed with { Monitor = true };
                    break;
                case Tuple and [Atom { Name: "monitor" }, List { IsProper: true }]: // alias and tag, which the asking side heeds
                    parsed = parsed with { Monitor = true };
                    break;
                case Tuple and [Atom { Name: "priority" }, Atom level] when TryParseLevel(level, out ProcessPriority priority):
                    parsed = parsed with { Priority = priority };
                    break;
                case Tuple and [Atom { Name: var name }, var value] when HasNoEffect(name, value):
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    private static bool TryParseLevel(Atom level, out ProcessPriority priority)
    {
        priority = level.Name switch
        {
            "max" => ProcessPriority.Max,
            "high" => ProcessPriority.High,
            "low" => ProcessPriority.Low,
            _ => ProcessPriority.Normal,
        };
        return level.Name is "max" or "high" or "normal" or "low";
    }

    private static bool HasNoEffect(string name, object value) =>
        name switch
        {
            "fullsweep_after" or "min_heap_size" or "min_bin_vheap_size" => value is long and >= 0,
            "max_heap_size" => value is long and >= 0 or Map,
            "scheduler" => value is 0L,
            "message_queue_data" => value is Atom { Name: "on_heap" or "off_heap" },
            "async_dist" => value is Atom { Name: "true" or "false" },
            _ => false,
        };
}
