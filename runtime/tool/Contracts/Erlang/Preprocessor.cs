namespace CloudScale.Tool.Contracts.Erlang;

/// <summary>Reads source files form by form: follows includes, keeps macros, leaves out what conditions leave out.</summary>
/// <remarks>
/// Source: Erlang Reference Manual, "Preprocessor". Macros without parameters are replaced; a use of any other stays, and stands for an unknown value. An
/// include that is not found is passed over and reported, for types it declares become unknown and nothing worse. <c>-if</c> counts as false.
/// </remarks>
/// <param name="includePaths">Where included files are looked for, after the including file's folder.</param>
/// <param name="libraryRoot">Where <c>-include_lib</c> finds <c>app-1.2.3/…</c>; null for nowhere.</param>
internal sealed class Preprocessor(IReadOnlyList<string> includePaths, string? libraryRoot)
{
    private const int MaxDepth = 64; // of includes and of macros in macros

    private readonly Dictionary<string, List<Token>> _macros = [];
    private readonly HashSet<string> _read = [];

    /// <summary>Includes that were not found.</summary>
    public List<string> Missing { get; } = [];

    /// <summary>The forms of a file and of those it includes, without those that were for the preprocessor. Each ends before its dot.</summary>
    public IEnumerable<(string File, List<Token> Tokens)> Forms(string file) => Forms(file, 0);

    private IEnumerable<(string, List<Token>)> Forms(string file, int depth)
    {
        if (!_read.Add(Path.GetFullPath(file)))
            yield break;
        if (depth > MaxDepth)
            throw new SourceException(file, 1, "files include each other too deeply");
        Stack<bool> conditions = new(); // whether the branch counts
        foreach (List<Token> form in Split(Scanner.Scan(file, File.ReadAllText(file))))
        {
            string? directive = form.Count > 1 && form[0].Is("-") && form[1].Kind == TokenKind.Atom ? form[1].Text : null;
            if (Condition(directive, form, conditions) || conditions.Contains(false))
                continue;
            switch (directive)
            {
                case "define":
                    Define(form);
                    break;
                case "undef":
                    _macros.Remove(form[3].Text);
                    break;
                case "include" or "include_lib":
                    foreach ((string, List<Token>) included in Include(file, directive == "include_lib", form, depth))
                        yield return included;
                    break;
                default:
                    yield return (file, Expand(form, 0));
                    break;
            }
        }
    }

    private static IEnumerable<List<Token>> Split(List<Token> tokens)
    {
        List<Token> form = [];
        foreach (Token token in tokens)
        {
            if (token.Kind == TokenKind.Dot || token.Kind == TokenKind.End)
            {
                if (form.Count > 0)
                    yield return form;
                form = [];
            }
            else
            {
                form.Add(token);
            }
        }
    }

    private bool Condition(string? directive, List<Token> form, Stack<bool> conditions)
    {
        switch (directive)
        {
            case "ifdef" or "ifndef":
                conditions.Push(_macros.ContainsKey(form.Count > 3 ? form[3].Text : "") == (directive == "ifdef"));
                return true;
            case "if":
                conditions.Push(false);
                return true;
            case "else" or "elif":
                if (conditions.TryPop(out bool taken))
                    conditions.Push(!taken);
                return true;
            case "endif":
                conditions.TryPop(out _);
                return true;
            default:
                return false;
        }
    }

    // -define(NAME, replacement). One with parameters is not kept.
    private void Define(List<Token> form)
    {
        if (form.Count > 5 && form[2].Is("(") && form[4].Is(",") && form[^1].Is(")"))
            _macros[form[3].Text] = form[5..^1];
        else if (form.Count == 5)
            _macros[form[3].Text] = [];
    }

    private IEnumerable<(string, List<Token>)> Include(string from, bool isLibrary, List<Token> form, int depth)
    {
        if (form.Count < 4 || form[3].Kind != TokenKind.Text)
            return [];
        string name = form[3].Text;
        string? found = Candidates(from, isLibrary, name).FirstOrDefault(File.Exists);
        if (found is not null)
            return Forms(found, depth + 1);
        Missing.Add(name);
        return [];
    }

    private IEnumerable<string> Candidates(string from, bool isLibrary, string name)
    {
        yield return Path.Combine(Path.GetDirectoryName(Path.GetFullPath(from))!, name);
        foreach (string path in includePaths)
            yield return Path.Combine(path, name);
        if (!isLibrary || libraryRoot is null || !Directory.Exists(libraryRoot))
            yield break;
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
            yield break;
        foreach (string folder in Directory.EnumerateDirectories(libraryRoot, name[..slash] + "-*"))
            yield return Path.Combine(folder, name[(slash + 1)..]);
    }

    private List<Token> Expand(List<Token> form, int depth)
    {
        if (depth > MaxDepth || !form.Exists(token => token.Is("?")))
            return form;
        List<Token> expanded = [];
        for (int i = 0; i < form.Count; i++)
        {
            if (form[i].Is("?") && i + 1 < form.Count && _macros.TryGetValue(form[i + 1].Text, out List<Token>? replacement))
            {
                expanded.AddRange(Expand(replacement, depth + 1));
                i++;
            }
            else
            {
                expanded.Add(form[i]);
            }
        }

        return expanded;
    }
}
