using System.Diagnostics.CodeAnalysis;

namespace CloudScale.Runtime.Services.Standard;

/// <summary>Erlang's options of <c>net_kernel:monitor_nodes/2</c>: a list of atoms and pairs, or a map.</summary>
internal static class NodeMonitorTerms
{
    private static readonly Atom s_connectionId = Atom.Of("connection_id");
    private static readonly Atom s_downReason = Atom.Of("nodedown_reason");
    private static readonly Atom s_nodeType = Atom.Of("node_type");

    /// <summary>Reads them; a failure has OTP's word for what is wrong.</summary>
    internal static bool TryParse(object options, [NotNullWhen(true)] out NodeMonitorOptions? parsed, [NotNullWhen(false)] out Tuple? error)
    {
        parsed = null;
        error = null;
        switch (options)
        {
            case List { IsProper: true } list:
                return TryParse(list, out parsed, out error);
            case Map map:
                return TryParse(map, out parsed, out error);
            default:
                error = Tuple.Of((Atom)"invalid_options", options);
                return false;
        }
    }

    private static bool TryParse(List list, out NodeMonitorOptions? parsed, out Tuple? error)
    {
        NodeMonitorOptions options = NodeMonitorOptions.None;
        List<object> unknown = [];
        Tuple? type = null;
        parsed = null;
        error = null;
        foreach (object option in list)
        {
            switch (option)
            {
                case Atom name when ReferenceEquals(name, s_downReason):
                    options = options with { WithReason = true };
                    break;
                case Atom name when ReferenceEquals(name, s_connectionId):
                    options = options with { WithConnectionId = true };
                    break;
                case Tuple and [Atom key, var value] pair when ReferenceEquals(key, s_nodeType):
                    if (!TryParseType(value, out NodeTypes types))
                    {
                        error = Tuple.Of((Atom)"bad_option_value", pair);
                        return false;
                    }

                    if (type is not null && options.Types != types)
                    {
                        error = Tuple.Of((Atom)"option_value_mismatch", List.Of(pair, type));
                        return false;
                    }

                    type = pair;
                    options = options with { Types = types };
                    break;
                default:
                    unknown.Add(option);
                    break;
            }
        }

        if (unknown.Count > 0)
        {
            error = Tuple.Of((Atom)"unknown_options", List.Of([.. unknown]));
            return false;
        }

        parsed = options;
        return true;
    }

    private static bool TryParse(Map map, out NodeMonitorOptions? parsed, out Tuple? error)
    {
        NodeMonitorOptions options = new() { AsMap = true };
        List<(object Key, object Value)> unknown = [];
        List<(object Key, object Value)> bad = [];
        foreach ((object key, object value) in map)
        {
            if (ReferenceEquals(key, s_nodeType) && TryParseType(value, out NodeTypes types))
                options = options with { Types = types };
            else if (ReferenceEquals(key, s_downReason) && Term.Normalize(value) is Atom { Name: "true" or "false" } withReason)
                options = options with { WithReason = ReferenceEquals(withReason, Atoms.True) };
            else if (ReferenceEquals(key, s_connectionId) && Term.Normalize(value) is Atom { Name: "true" or "false" } withId)
                options = options with { WithConnectionId = ReferenceEquals(withId, Atoms.True) };
            else if (ReferenceEquals(key, s_nodeType) || ReferenceEquals(key, s_downReason) || ReferenceEquals(key, s_connectionId))
                bad.Add((key, value));
            else
                unknown.Add((key, value));
        }

        parsed = null;
        error =
            bad.Count > 0 ? Tuple.Of((Atom)"bad_option_value", Map.Of([.. bad]))
            : unknown.Count > 0 ? Tuple.Of((Atom)"unknown_options", Map.Of([.. unknown]))
            : null;
        if (error is not null)
            return false;
        parsed = options;
        return true;
    }

    private static bool TryParseType(object value, out NodeTypes types)
    {
        types = (value as Atom)?.Name switch
        {
            "hidden" => NodeTypes.Hidden,
            "all" => NodeTypes.All,
            _ => NodeTypes.Visible,
        };
        return value is Atom { Name: "visible" or "hidden" or "all" };
    }
}
