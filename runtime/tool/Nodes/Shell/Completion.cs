namespace CloudScale.Tool.Nodes.Shell;

/// <summary>What a call that somebody types may go on with: modules, and the functions they export.</summary>
/// <remarks>Asks the node when a name is needed for the first time, and remembers it.</remarks>
internal sealed class Completion(Func<Task<IReadOnlyList<string>>> modules, Func<string, Task<IReadOnlyList<string>>> functions)
{
    private IReadOnlyList<string>? _modules;
    private readonly Dictionary<string, IReadOnlyList<string>> _functions = [];

    /// <summary>The completion of a peer's functions.</summary>
    public static Completion Of(Peer peer) =>
        new(
            async () =>
                await peer.CallAsync("erlang", "loaded") is List all
                    ? [.. all.OfType<Atom>().Select(module => Term.Format(module)).Order(StringComparer.Ordinal)]
                    : [],
            async module =>
            {
                try
                {
                    Atom name = (Atom)Terms.TermParser.Parse(module);
                    return await peer.CallAsync("erlang", "get_module_info", name, (Atom)"exports") is List exports
                        ?
                        [
                            .. exports
                                .OfType<Tuple>()
                                .Select(entry => Term.Format(entry[0]) + "/" + Term.Format(entry[1]))
                                .Order(StringComparer.Ordinal),
                        ]
                        : [];
                }
                catch (Exception exception) when (exception is ErlangException or Terms.TermSyntaxException or InvalidCastException)
                {
                    return []; // there is no such module
                }
            }
        );

    /// <summary>What may stand in place of the last word of a line.</summary>
    /// <returns>Where the word begins, and its candidates: modules with a colon, functions with their arity.</returns>
    public async Task<(int Start, IReadOnlyList<string> Candidates)> CompleteAsync(string line)
    {
        int start = line.Length;
        while (start > 0 && IsPart(line[start - 1]))
            start--;
        string word = line[start..];
        int colon = word.LastIndexOf(':');
        if (colon < 0)
        {
            _modules ??= await modules();
            return (start, [.. _modules.Where(module => module.StartsWith(word, StringComparison.Ordinal)).Select(module => module + ":")]);
        }

        string named = word[..colon];
        if (!_functions.TryGetValue(named, out IReadOnlyList<string>? exported))
            _functions[named] = exported = await functions(named);
        string prefix = word[(colon + 1)..];
        return (start + colon + 1, [.. exported.Where(function => function.StartsWith(prefix, StringComparison.Ordinal))]);
    }

    /// <summary>The longest text that all candidates begin with; a function's name is followed by its bracket.</summary>
    public static string Common(IReadOnlyList<string> candidates)
    {
        string[] names = [.. candidates.Select(candidate => candidate.Split('/')[0]).Distinct()];
        if (names.Length == 0)
            return "";
        if (names.Length == 1)
            return names[0].EndsWith(':') ? names[0] : names[0] + "(";
        string common = names[0];
        foreach (string name in names)
        {
            int length = 0;
            while (length < common.Length && length < name.Length && common[length] == name[length])
                length++;
            common = common[..length];
        }

        return common;
    }

    private static bool IsPart(char character) => char.IsLetterOrDigit(character) || character is '_' or '@' or ':' or '\'' or '.' or '!';
}
